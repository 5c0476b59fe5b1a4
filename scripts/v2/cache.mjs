/**
 * What a machine with cgroup v2 is made from, each kept for the next time under a name that changes with its recipe: a Debian
 * on a disk, a kernel that is an ordinary program, and the sandbox image on a disk.
 */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { lastLines, run } from '../lib/command.mjs'
import { inRoot, root } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'

/** Root's alone to write, and what all checkouts of this machine share. */
export const CACHE = '/var/cache/runc-lab-v2'

/** The kernels of Debian's package user-mode-linux, by the release that has it. */
export const KERNELS = { bookworm: '6.1', trixie: '6.12', forky: '7.2' }

/** The machine's own Debian: the oldest whose Node is new enough. */
const RELEASE = 'trixie'

const PACKAGES = ['systemd-sysv', 'kmod', 'mount', 'procps', 'e2fsprogs', 'iproute2', 'nodejs']

const MKFS = ['-q', '-m', '0', '-O', '^has_journal', '-E', 'lazy_itable_init=1']

/** Debian with systemd, Node and the given packages besides, as an ext4 disk. Returns its path. */
export function debianDisk(packages, say) {
  const all = [...new Set([...PACKAGES, ...packages])].sort()
  const own = inRoot('scripts', 'v2', 'files')
  const files = readdirSync(own).sort()
  const contents = files.map((name) => readFileSync(join(own, name), 'utf8'))
  return kept('debian', [RELEASE, all, files, contents], async (dir) => {
    const root = join(dir, 'root')
    say(`Debian ${RELEASE} with ${all.length} packages`)
    await mmdebstrap(['--variant=minbase', `--include=${all.join(',')}`, RELEASE, root], say)
    for (const name of files) copyFileSync(join(own, name), join(root, 'etc/systemd/system', name))
    writeFileSync(join(root, 'etc/hostname'), 'v2\n')
    // The kernel comes from outside, and its modules with it.
    rmSync(join(root, 'usr/lib/modules'), { recursive: true, force: true })
    symlinkSync('/run/kernel/usr/lib/uml/modules', join(root, 'usr/lib/modules'))
    say('writing the disk')
    await must('mkfs.ext4', [...MKFS, '-d', root, join(dir, 'disk.img'), '10G'])
    rmSync(root, { recursive: true })
  }).then((dir) => join(dir, 'disk.img'))
}

/** A folder with the kernel and the libraries it needs, to be the root of the process that is the machine. */
export function kernel(release, say) {
  return kept('kernel', [release, KERNEL_PACKAGES, MOUNT_POINTS], async (dir) => {
    const root = join(dir, 'root')
    say(`the kernel of Debian ${release}`)
    await mmdebstrap(['--variant=extract', `--include=${KERNEL_PACKAGES}`, release, root], say)
    for (const name of MOUNT_POINTS) mkdirSync(join(root, name), { recursive: true })
    for (const name of ['bin', 'sbin', 'lib', 'lib64'])
      if (!existsSync(join(root, name))) symlinkSync(`usr/${name}`, join(root, name))
  }).then((dir) => join(dir, 'root'))
}

const KERNEL_PACKAGES = 'user-mode-linux,coreutils,util-linux'

const MOUNT_POINTS = ['proc', 'dev', 'tmp', 'checkout', 'exchange', 'disk', 'scratch', 'kernel']

/** The folder of sandbox images as a disk of its own. */
export function imageDisk(imageDir, say) {
  const current = join(imageDir, 'current')
  if (!existsSync(current))
    throw new Refusal(
      `There is no sandbox image in ${imageDir}.`,
      'Run: npm test -- tests/sandbox   (it builds one)',
    )
  const name = readFileSync(current, 'utf8').trim()
  // Its runtime names the place it was made for, so a copy elsewhere is another one.
  return kept('image', [imageDir, name], async (dir) => {
    say('the sandbox image as a disk')
    const stage = join(dir, 'stage')
    mkdirSync(stage)
    copyFileSync(current, join(stage, 'current'))
    // Not a copy: the image is bound to where mkfs looks.
    mkdirSync(join(stage, name))
    const script = 'mount --bind "$1" "$2"; shift 2; exec mkfs.ext4 "$@"'
    const target = [...MKFS, '-d', stage, join(dir, 'disk.img'), '8G']
    await must('unshare', [
      '--mount',
      'sh',
      '-ec',
      script,
      'sh',
      join(imageDir, name),
      join(stage, name),
      ...target,
    ])
    rmSync(stage, { recursive: true })
  }).then((dir) => join(dir, 'disk.img'))
}

/** The container image of this checkout as `docker save` writes it. Its layers are kept, so that only what has changed is built. */
export async function containerImage(say) {
  // Built already, by build-image.ts.
  if (process.env.RUNC_LAB_TEST_IMAGE) return process.env.RUNC_LAB_TEST_IMAGE
  const place = join(CACHE, `container-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`)
  mkdirSync(place, { recursive: true })
  const now = new Date()
  utimesSync(place, now, now)
  const file = join(place, 'image.tar')
  say('building the container image, some five minutes if nothing of it is here')
  const builder = ['--import', 'tsx', inRoot('tests', 'container', 'build-image.ts')]
  await must(process.execPath, [...builder, file, join(place, 'engine')], { cwd: root })
  return file
}

/** A folder made by `make`, unless it is there. What nobody has used for two weeks is removed, since each is half a gigabyte or more. */
async function kept(kind, recipe, make) {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12)
  const dir = join(CACHE, `${kind}-${key}`)
  const now = new Date()
  if (existsSync(dir)) {
    utimesSync(dir, now, now)
    return dir
  }
  mkdirSync(CACHE, { recursive: true, mode: 0o755 })
  for (const name of readdirSync(CACHE)) {
    const old = statSync(join(CACHE, name)).mtimeMs < now.getTime() - 14 * 24 * 3600_000
    if (old) rmSync(join(CACHE, name), { recursive: true, force: true })
  }
  const making = `${dir}.${process.pid}`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making)
  try {
    await make(making)
    // Somebody else may have been faster.
    if (!existsSync(dir)) renameSync(making, dir)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return dir
}

async function mmdebstrap([variant, include, release, target], say) {
  const mirror = process.env.LAB_DEBIAN_MIRROR ? [process.env.LAB_DEBIAN_MIRROR] : []
  const onLine = (line) => say(line.replace(/^I: /, ''))
  const args = [variant, include, '--aptopt=Acquire::Check-Valid-Until "false"', release, target, ...mirror]
  await must('mmdebstrap', args, { onLine })
}

async function must(program, args, options = {}) {
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  const { code, how, output } = await run(program, args, { env, ...options })
  if (code !== 0)
    throw new Refusal(
      `The machine could not be made: ${program} failed (${how}).`,
      'See above.',
      lastLines(output, 15),
    )
}
