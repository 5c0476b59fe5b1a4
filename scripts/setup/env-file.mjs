/** Reads `.env` at the root of the checkout. A variable that is already set wins over the file. Returns the names it has set. */
import { existsSync, readFileSync } from 'node:fs'
import * as util from 'node:util'
import { inRoot } from '../lib/paths.mjs'

export function loadEnvFile(path = inRoot('.env'), env = process.env) {
  if (!existsSync(path)) return []
  // util.parseEnv came with Node 20.12; before that there is nothing built in that reads such a file.
  if (!util.parseEnv) {
    console.error(
      `Note: ${path} is not read, because that needs Node 20.12 or newer. Set the variables yourself.`,
    )
    return []
  }
  const names = []
  for (const [name, value] of Object.entries(util.parseEnv(readFileSync(path, 'utf8')))) {
    if (env[name] !== undefined) continue
    env[name] = value
    names.push(name)
  }
  return names
}
