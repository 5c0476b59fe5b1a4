/** The whole way from a fresh checkout (seven steps) or an installed lab (three) to one that can run; each skips what is done. */
import { Steps } from '../lib/progress.mjs'
import { environmentFor, readConfig } from './configuration.mjs'
import { loadEnvFile } from './env-file.mjs'
import { buildImage } from './image.mjs'
import { installModules } from './modules.mjs'
import { installPackages, packagesFor } from './packages.mjs'
import { isPrebuilt } from './prebuilt.mjs'
import { preflight } from './preflight.mjs'
import { buildServers } from './servers.mjs'
import { buildSite } from './site.mjs'

/**
 * `site`: whether the web site is built (not for development). `port`: whether it must be free.
 * `packages`: Debian packages in addition. Returns the configuration and the environment for the servers.
 */
export async function setUp({
  site = true,
  port = true,
  packages = [],
  quiet = false,
  out = process.stdout,
} = {}) {
  // An installed lab brings what the other steps would make.
  const built = isPrebuilt()
  const steps = new Steps(built ? 3 : site ? 7 : 6, { quiet, out })
  // First of all: PORT and the folders may be set there.
  loadEnvFile()
  await steps.step('This machine', () => preflight({ port }))
  if (!built) {
    await steps.step('Debian packages', (say) =>
      installPackages([...packagesFor(process.env), ...packages], say),
    )
    await steps.step('npm packages', installModules)
    // The settings come after the servers, because reading them takes a program that is built there.
    await steps.step('Servers', buildServers)
  }
  let config
  await steps.step('Settings', async () => {
    config = await readConfig()
    return `${config.name}, ${config.host}:${config.port}, ${config.stateDir}`
  })
  const env = environmentFor(config)
  await steps.step('Sandbox image', () => buildImage(env), { open: true })
  if (site && !built) await steps.step('Web site', buildSite)
  return { config, env }
}
