/** `npm run -s lesson -- preview PATH`: the lab with that lesson in it; its page shows every change as soon as it is saved. */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { inRoot } from './lib/paths.mjs'
import { Refusal } from './lib/refusal.mjs'
import { siteAddress } from './run/address.mjs'
import { labPrograms } from './run/programs.mjs'
import { supervise } from './run/supervise.mjs'
import { setUp } from './setup/index.mjs'
import { portRefusal } from './setup/preflight.mjs'

/** Returns the exit code, once the lab has been stopped. */
export async function preview(folders) {
  const [folder] = folders
  if (!folder) throw new Refusal('A PATH is missing.', 'npm run -s lesson -- preview PATH')
  const path = resolve(folder)
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new Refusal(`There is no folder ${path}.`, `Make one: npm run -s lesson -- new ${folder}`)
  const isOwn = `${path}/`.startsWith(`${inRoot('lessons')}/`)
  if (!isOwn) process.env.LESSONS_PATH = path
  const { config, env } = await setUp()
  const { addressesIn } = await import(inRoot('build', 'lesson.js'))
  const addresses = addressesIn(path, inRoot('lessons'))
  if (addresses.length === 0)
    throw new Refusal(
      `There is no lesson in ${path}.`,
      `See what is missing: npm run -s lesson -- check ${folder}`,
    )
  return supervise({
    programs: labPrograms({ config, env: { ...env, LESSONS_PATH: isOwn ? '' : path, LAB_PREVIEW: '1' } }),
    listening: (program, { url }) => {
      if (program.name === 'web' && url) program.env.PORT = new URL(url).port || '80'
    },
    ready: ({ web }) => {
      const site = siteAddress(config, web.url).replace(/\/$/, '')
      console.log('\nPreview, shown anew whenever a file is saved (Ctrl-C ends it):')
      for (const address of addresses) console.log(`  ${site}/lessons/${address}`)
    },
    stopping: 'Stopping …',
    explain: (name, tail) => {
      const code = name === 'web' && /\b(EADDRINUSE|EADDRNOTAVAIL|EACCES)\b.*/.exec(tail)
      return code ? portRefusal(code[1], config.host, config.port) : undefined
    },
  })
}
