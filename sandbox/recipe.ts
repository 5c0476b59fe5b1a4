/** What the sandbox image is made from, and a name for exactly that: the image is rebuilt when the name changes. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { ID_MAP } from '../server/host/providers/runc/id-ranges.ts'

/** The Debian release whose runc prints `"ociVersion": "1.2.1"`; stable ones carry older lines. */
export const SUITE = 'forky'

export interface Recipe {
  /** Twelve hexadecimal digits. */
  name: string
  packages: string[]
  /** Commands that busybox does. */
  applets: string[]
}

/** The recipe as the checkout at `root` has it, for sandboxes with disks of `diskMib`. */
export function readRecipe(root: string, diskMib: number): Recipe {
  const sandbox = path.join(root, 'sandbox')
  const hash = createHash('sha256').update(JSON.stringify([SUITE, ID_MAP, diskMib, process.arch]))
  for (const file of filesUnder(sandbox)) {
    const mode = fs.statSync(file).mode & 0o111
    hash.update(`\0${path.relative(sandbox, file)}\0${mode ? 'x' : '-'}\0`).update(fs.readFileSync(file))
  }
  const list = (file: string) =>
    fs
      .readFileSync(path.join(sandbox, file), 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
  return {
    name: hash.digest('hex').slice(0, 12),
    packages: list('packages.txt'),
    applets: list('applets.txt'),
  }
}

/** Everything that ends up in the image or makes it; the README does neither. */
function filesUnder(dir: string): string[] {
  return fs
    .readdirSync(dir, { withFileTypes: true })
    .filter((entry) => !entry.name.endsWith('.md'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(dir, entry.name)
      return entry.isDirectory() ? filesUnder(file) : [file]
    })
}
