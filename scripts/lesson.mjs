/** `npm run -s lesson -- new|check|solve|outputs|preview|report PATH`: what an author of lessons needs. */

import { inRoot } from './lib/paths.mjs'
import { Steps } from './lib/progress.mjs'
import { main } from './lib/refusal.mjs'
import { loadEnvFile } from './setup/env-file.mjs'
import { setUp } from './setup/index.mjs'
import { installModules } from './setup/modules.mjs'
import { isPrebuilt } from './setup/prebuilt.mjs'
import { checkNode } from './setup/preflight.mjs'
import { buildServers } from './setup/servers.mjs'

await main(async () => {
  checkNode()
  loadEnvFile()
  if (process.argv[2] === 'preview') {
    const { preview } = await import('./lesson-preview.mjs')
    // A half-closed pipe must not keep a stopped lab alive.
    process.exit(await preview(process.argv.slice(3)))
  }
  const needsSandbox = ['solve', 'outputs'].includes(process.argv[2] ?? '')
  if (needsSandbox) await setUp({ site: false, port: false, quiet: true, out: process.stderr })
  else if (!isPrebuilt()) {
    // Standard output is for the results alone.
    const steps = new Steps(2, { quiet: true, out: process.stderr })
    await steps.step('npm packages', installModules)
    await steps.step('Servers', buildServers)
  }
  const { lessonCommand } = await import(inRoot('build', 'lesson.js'))
  return lessonCommand(process.argv.slice(2))
})
