/** In development: calls back when a source of the web process has changed. */
import { existsSync, watch } from 'node:fs'
import { inRoot } from '../lib/paths.mjs'

// An editor writes a file in several steps; one restart is enough for them.
const SETTLE_MS = 200

export function watchWebSources(callback) {
  let timer
  for (const folder of ['server/web', 'server/protocol', 'server/lessons', 'spec']) {
    if (!existsSync(inRoot(folder))) continue
    watch(inRoot(folder), { recursive: true }, (_event, name) => {
      if (name && !/\.tsx?$/.test(name)) return
      clearTimeout(timer)
      timer = setTimeout(callback, SETTLE_MS)
    })
  }
}
