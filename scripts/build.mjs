/** `npm run build`: npm packages, servers and web site, without root and without the sandbox image. */
import { Steps } from './lib/progress.mjs'
import { main } from './lib/refusal.mjs'
import { loadEnvFile } from './setup/env-file.mjs'
import { installModules } from './setup/modules.mjs'
import { checkNode } from './setup/preflight.mjs'
import { buildServers } from './setup/servers.mjs'
import { buildSite } from './setup/site.mjs'

await main(async () => {
  checkNode()
  // The site is built for one base path, which may be set there.
  loadEnvFile()
  const steps = new Steps(3)
  await steps.step('npm packages', installModules)
  await steps.step('Servers', buildServers)
  await steps.step('Web site', buildSite)
})
