/**
 * `npm run build`: npm packages, servers and web site, without root and without the sandbox image. --packages-only and
 * --servers-only stop earlier, for the layers of a container image.
 */
import { Steps } from './lib/progress.mjs'
import { main } from './lib/refusal.mjs'
import { loadEnvFile } from './setup/env-file.mjs'
import { installModules } from './setup/modules.mjs'
import { checkNode } from './setup/preflight.mjs'
import { buildServers } from './setup/servers.mjs'
import { buildSite } from './setup/site.mjs'

const upTo = process.argv.includes('--packages-only') ? 1 : process.argv.includes('--servers-only') ? 2 : 3

await main(async () => {
  checkNode()
  // The site is built for one base path, which may be set there.
  loadEnvFile()
  const steps = new Steps(upTo)
  await steps.step('npm packages', installModules)
  if (upTo > 1) await steps.step('Servers', buildServers)
  if (upTo > 2) await steps.step('Web site', buildSite)
})
