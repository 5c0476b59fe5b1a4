/** `npm run -s config`: the settings in force and where each comes from. --json for programs; --write makes the files that list them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { inRoot } from './lib/paths.mjs'
import { Steps } from './lib/progress.mjs'
import { main, Refusal } from './lib/refusal.mjs'
import { loadEnvFile } from './setup/env-file.mjs'
import { installModules } from './setup/modules.mjs'
import { isPrebuilt } from './setup/prebuilt.mjs'
import { checkNode } from './setup/preflight.mjs'
import { buildServers } from './setup/servers.mjs'

await main(async () => {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, write: { type: 'boolean' } } })
  checkNode()
  if (!isPrebuilt()) {
    // Standard output is for the settings alone.
    const steps = new Steps(2, { quiet: true, out: process.stderr })
    await steps.step('npm packages', installModules)
    await steps.step('Servers', buildServers)
  }
  const report = await import(pathToFileURL(inRoot('build', 'config-report.js')).href)
  if (values.write) return writeFiles(report)
  const fromFile = loadEnvFile()
  try {
    const all = report.settings(process.env, fromFile)
    console.log(values.json ? JSON.stringify(all, null, 2) : report.settingLines(all).join('\n'))
  } catch (error) {
    if (!(error instanceof report.ConfigError)) throw error
    throw new Refusal(
      error.message,
      'Correct it in the environment or in .env (docs/configuration.md has all settings).',
    )
  }
})

function writeFiles({ envExample, configurationPage }) {
  for (const [name, text] of [
    ['.env.example', envExample()],
    ['docs/configuration.md', configurationPage()],
  ]) {
    const path = inRoot(name)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    writeFileSync(path, text)
    console.log(`${name} written`)
  }
}
