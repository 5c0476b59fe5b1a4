/**
 * What of the sandbox image can be made without any privilege: Debian's packages as one archive, and our own programs. A
 * container image carries it, so that its first start needs neither a network nor a compiler.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { run } from '../server/host/providers/runc/run.ts'
import { SUITE } from './recipe.ts'

const MINUTES = 60_000

/** The folder of the checkout in which it is, if it is. */
const FOLDER = 'sandbox-prepared'
const ARCHIVE = 'packages.tar.zst'

/** Changes with everything that the archive depends on. */
const keyOf = (packages: string[]) =>
  createHash('sha256')
    .update(JSON.stringify([SUITE, packages, process.arch, mmdebstrap(packages)]))
    .digest('hex')

/** A shell command that writes Debian with these packages, and without what nobody reads in a sandbox, to standard output. */
function mmdebstrap(packages: string[], more = ''): string {
  return `mmdebstrap --variant=minbase --format=tar --include=${packages.join(',')} ${more} \
     --aptopt='Acquire::Check-Valid-Until "false"' \
     --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
     --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
     ${SUITE} - \${MIRROR:+"$MIRROR"}`
}

/** A shell command that writes the packages as tar to standard output; `ready`: they are here, nothing is downloaded. */
export function packagesCommand(root: string, packages: string[]): { command: string; ready: boolean } {
  const folder = path.join(root, FOLDER)
  const key = path.join(folder, 'key')
  if (fs.existsSync(key) && fs.readFileSync(key, 'utf8') === keyOf(packages))
    return { command: `zstd --decompress --stdout '${path.join(folder, ARCHIVE)}'`, ready: true }
  return { command: mmdebstrap(packages), ready: false }
}

/**
 * Compiled statically: it runs in the sandbox, on this host in tests, and needs nothing of either. `source` is a file or a
 * folder, which is one program.
 */
export async function compile(root: string, source: string, target: string): Promise<void> {
  const ready = path.join(root, FOLDER, path.basename(source, '.c'))
  if (fs.existsSync(ready)) return fs.copyFileSync(ready, target)
  const file = path.join(root, 'sandbox', source)
  const files = source.endsWith('.c')
    ? [file]
    : fs.readdirSync(file).flatMap((name) => (name.endsWith('.c') ? [path.join(file, name)] : []))
  await run('gcc', ['-O2', '-static', '-Wall', '-Wextra', '-s', '-o', target, ...files], {
    timeoutMs: 2 * MINUTES,
  })
}

/** Makes the folder. Needs root, but no mount and no user namespace: `docker build` gives neither. */
export async function prepare(
  root: string,
  packages: string[],
  programs: string[],
  mirror: string,
): Promise<void> {
  const folder = path.join(root, FOLDER)
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder)
  for (const source of programs) await compile(root, source, path.join(folder, path.basename(source, '.c')))
  const unprivileged = '--mode=root --skip=check/canmount,chroot/mount'
  const script = `${mmdebstrap(packages, unprivileged)} | zstd --quiet -12 --threads=0 -o "$ARCHIVE"`
  const env = {
    ...(process.env as Record<string, string>),
    MIRROR: mirror,
    ARCHIVE: path.join(folder, ARCHIVE),
    LC_ALL: 'C.UTF-8',
  }
  await run('bash', ['-o', 'pipefail', '-ec', script], { env, timeoutMs: 15 * MINUTES })
  fs.writeFileSync(path.join(folder, 'key'), keyOf(packages))
}
