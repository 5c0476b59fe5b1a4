/** How the two processes of the lab are run, by `npm start` and by tests alike: the flags Node gets, and the program it is started through. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from '../lib/paths.mjs'
import { readStamp } from '../lib/stamp.mjs'

/** `name`: host or web. From sources in development, else what has been built; `root`: of another checkout than this one. */
export function nodeCommand(name, { dev = false, root } = {}) {
  const inside = (...path) => (root ? join(root, ...path) : inRoot(...path))
  return dev
    ? [process.execPath, '--import', 'tsx', inside('server', name, 'main.ts')]
    : [process.execPath, '--enable-source-maps', inside('build', `${name}.js`)]
}

/** The command, answered before programs that compute (sandbox/host/promptly.c); as it is, with an image of before. */
export function promptly({ imageDir }, command) {
  const program = join(imageDir, readStamp(join(imageDir, 'current')), 'runtime', 'promptly')
  return existsSync(program) ? [program, ...command] : command
}
