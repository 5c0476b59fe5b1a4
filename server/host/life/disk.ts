/** Whether the disk under the sandboxes has room for more of them. */
import fs from 'node:fs'

/** False below the reserve: a sandbox that meets a full host disk loses what it has written. */
export function hasDisk({
  stateDir,
  diskReserveBytes,
}: {
  stateDir: string
  diskReserveBytes: number
}): boolean {
  const { bavail, bsize } = fs.statfsSync(stateDir)
  return bavail * bsize >= diskReserveBytes
}
