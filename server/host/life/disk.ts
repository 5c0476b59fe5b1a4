/** How much room the disk under the sandboxes has, whether that is enough for more of them, and the operator's word when that changes. */
import fs from 'node:fs'
import type { Log } from '../../log.ts'

/** The same answer, asked for often, and told in the log when it changes. */
export function watchDisk(
  hasDisk: () => boolean,
  { diskReserveBytes, stateDir }: { diskReserveBytes: number; stateDir: string },
  log: Log,
): () => boolean {
  let had = true
  return () => {
    const has = hasDisk()
    if (has === had) return has
    had = has
    const about = { stateDir, reserveMib: diskReserveBytes / 1024 / 1024 }
    if (has) log.info(about, 'the disk has room again: sandboxes are made')
    else log.warn(about, 'the disk is nearly full: no new sandboxes are made until there is room')
    return has
  }
}

/** What root may still write there. Throws if the folder cannot be looked at. */
export function freeBytes(stateDir: string): number {
  const { bavail, bsize } = fs.statfsSync(stateDir)
  return bavail * bsize
}

/** False below the reserve: a sandbox that meets a full host disk loses what it has written. */
export function hasDisk({
  stateDir,
  diskReserveBytes,
}: {
  stateDir: string
  diskReserveBytes: number
}): boolean {
  return freeBytes(stateDir) >= diskReserveBytes
}
