/** Step 5: the settings, judged by the same code that the servers use. */
import { pathToFileURL } from 'node:url'
import { inRoot } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'

export async function readConfig(env = process.env) {
  const { ConfigError, parseConfig } = await import(pathToFileURL(inRoot('build', 'config.js')).href)
  try {
    return parseConfig(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new Refusal(
      error.message,
      'Correct it in the environment or in .env (.env.example explains each variable), and start again.',
    )
  }
}

/** The environment for the programs of the lab: what was set, and the places and address as they were resolved. */
export function environmentFor(config, env = process.env) {
  return {
    ...env,
    PORT: String(config.port),
    HOST: config.host,
    LAB_NAME: config.name,
    LAB_STATE_DIR: config.stateDir,
    LAB_RUN_DIR: config.runDir,
    LAB_IMAGE_DIR: config.imageDir,
  }
}
