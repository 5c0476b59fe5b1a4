/** How the two processes of the lab are run, by `npm start` and by tests alike: the flags Node gets, and the program it is started through. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../lib/paths.mjs'
import { readStamp } from '../lib/stamp.mjs'

/**
 * In MiB. Every key and every piece of output leaves some garbage, and while that is collected all terminals wait for a
 * millisecond: with room for 16 MiB it happens a sixteenth as often as with what Node begins with.
 */
const NURSERY_MIB = 16

export const nodeFlags = [`--min-semi-space-size=${NURSERY_MIB}`]

/** `name`: host or web. From sources in development, else what has been built. */
export function nodeCommand(name, { dev = false, root } = {}) {
  const inside = (...path) => (root ? join(root, ...path) : inRoot(...path))
  return dev
    ? [process.execPath, ...nodeFlags, '--import', 'tsx', inside('server', name, 'main.ts')]
    : [process.execPath, ...nodeFlags, '--enable-source-maps', inside('build', `${name}.js`)]
}

/** The command, answered before programs that compute (sandbox/agent/promptly.c); as it is, with an image of before. */
export function promptly({ imageDir }, command) {
  const program = join(imageDir, readStamp(join(imageDir, 'current')), 'runtime', 'promptly')
  return existsSync(program) ? [program, ...command] : command
}
