/** Where files of the lab go that cannot be used: out of the way, kept for a person to look at, few of them. */
import fs from 'node:fs'
import path from 'node:path'

/** The oldest go first. */
const MAX_FILES = 30
const MAX_BYTES = 256 * 1024 * 1024

/** Moves the file (or copies it, with `keep`) to `<stateDir>/damaged`. Returns where it is now; null if that failed too. */
export function quarantine(stateDir: string, file: string, { keep = false } = {}): string | null {
  const dir = path.join(stateDir, 'damaged')
  const stamp = new Date().toISOString().replace(/[^0-9TZ]/g, '')
  const target = path.join(dir, `${stamp}-${path.basename(path.dirname(file))}-${path.basename(file)}`)
  try {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
    if (keep) fs.copyFileSync(file, target)
    else fs.renameSync(file, target)
    tidy(dir)
    return target
  } catch {
    // No room, or it is gone already.
    return null
  }
}

function tidy(dir: string): void {
  let [files, bytes] = [0, 0]
  for (const name of fs.readdirSync(dir).sort().reverse()) {
    const file = path.join(dir, name)
    bytes += fs.statSync(file).size
    if (++files > MAX_FILES || (bytes > MAX_BYTES && files > 1)) fs.rmSync(file, { force: true })
  }
}
