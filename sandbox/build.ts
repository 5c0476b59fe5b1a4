/** Builds the sandbox image, unless the one that this recipe asks for is there. */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ConfigError, parseConfig } from '../server/config.ts'
import { architecture } from '../server/host/providers/runc/architecture.ts'
import { ID_MAP } from '../server/host/providers/runc/id-ranges.ts'
import { RuncProvider } from '../server/host/providers/runc/index.ts'
import { CURRENT_IMAGE, type ImagePaths, imagePaths } from '../server/host/providers/runc/paths.ts'
import { CommandError, run } from '../server/host/providers/runc/run.ts'
import { compile, packagesCommand, prepare } from './prepared.ts'
import { type Recipe, readRecipe, SUITE } from './recipe.ts'

const ROOT = process.cwd()
const MINUTES = 60_000

/** One line for each step, and while a step lasts one more whenever `detail` changes, at most every second. */
function progress() {
  const began = Date.now()
  let lastAt = 0
  return {
    step(title: string) {
      lastAt = Date.now()
      console.log(`  ${title} (${Math.round((Date.now() - began) / 1000)} s)`)
    },
    detail(text: string) {
      if (Date.now() - lastAt < 1000) return
      lastAt = Date.now()
      console.log(`    ${text}`)
    },
  }
}
type Progress = ReturnType<typeof progress>

/** A process in a fresh user namespace with the sandboxes' id mapping; files written in there get their owners. */
async function shiftedNamespace(): Promise<{ pid: number; end: () => void }> {
  const holder = spawn('unshare', ['--user', '--', 'sh', '-c', 'echo; exec sleep 3600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve, reject) => holder.stdout.once('data', resolve).once('close', reject))
  for (const map of ['uid_map', 'gid_map']) {
    fs.writeFileSync(`/proc/${holder.pid}/${map}`, `0 ${ID_MAP.hostID} ${ID_MAP.size}`)
  }
  return { pid: holder.pid!, end: () => holder.kill('SIGKILL') }
}

/** Debian's packages, then our files over them, unpacked into `image.rootfs` with shifted owners. */
async function makeRootfs(
  image: ImagePaths,
  { packages, applets }: Recipe,
  mirror: string,
  show: Progress,
): Promise<void> {
  fs.mkdirSync(image.rootfs, { mode: 0o755 })
  fs.chownSync(image.rootfs, ID_MAP.hostID, ID_MAP.hostID)
  const namespace = await shiftedNamespace()
  const unpack = `nsenter --target ${namespace.pid} --user --setuid 0 --setgid 0 -- tar -C "$ROOTFS" -xpf - --exclude='./dev/*'`
  try {
    const { command, ready } = packagesCommand(ROOT, packages)
    const how = ready ? 'unpacking' : 'downloading and unpacking, usually half a minute'
    show.step(`Debian ${SUITE} with ${packages.length} packages: ${how}`)
    await pipeline(`${command} | ${unpack}`, { MIRROR: mirror, ROOTFS: image.rootfs }, show)
    show.step("the lab's own files")
    const staging = fs.mkdtempSync(path.join(image.dir, 'files-'))
    fs.cpSync(path.join(ROOT, 'sandbox/files'), staging, { recursive: true })
    linkApplets(image.rootfs, staging, applets)
    for (const source of PROGRAMS.inside)
      await compile(ROOT, source, path.join(staging, 'usr/lib/runclab', path.basename(source, '.c')))
    await pipeline(
      `tar -C "$FILES" --owner=0 --group=0 -c usr etc root | ${unpack}`,
      { FILES: staging, ROOTFS: image.rootfs },
      show,
    )
    fs.rmSync(staging, { recursive: true })
  } finally {
    namespace.end()
  }
}

/** Links to busybox for those commands that no package has brought. */
function linkApplets(rootfs: string, staging: string, applets: string[]): void {
  const isThere = (name: string) =>
    ['usr/bin', 'usr/sbin'].some((dir) =>
      fs.lstatSync(path.join(rootfs, dir, name), { throwIfNoEntry: false }),
    )
  fs.mkdirSync(path.join(staging, 'usr/bin'), { recursive: true })
  for (const name of applets.filter((each) => !isThere(each)))
    fs.symlinkSync('busybox', path.join(staging, 'usr/bin', name))
}

/** Our own programs: those for the sandbox, and those that only this host runs. */
const PROGRAMS = {
  inside: ['agent', 'lens'],
  outside: ['host/launch.c', 'host/idmap.c', 'host/hold.c', 'host/promptly.c'],
}

/**
 * The image's runc with the libraries it needs, copied for this host. Stable Debian's runc lacks the fixes of 2025; and a
 * copy, because the host must not execute a file that a sandbox can see.
 */
async function makeRuntime(image: ImagePaths): Promise<void> {
  const dir = path.dirname(image.runc)
  fs.mkdirSync(dir)
  const inImage = (file: string) => path.join(image.rootfs, file)
  const libs = inImage(`usr/lib/${architecture().triplet}`)
  const loader = fs.readdirSync(libs).find((name) => /^ld-linux-.*\.so\.\d$/.test(name))
  if (!loader) throw new CommandError(`no dynamic loader in ${libs}`)
  fs.copyFileSync(inImage('usr/sbin/runc'), image.runc)
  for (const name of [loader, 'libc.so.6', 'libseccomp.so.2']) {
    fs.copyFileSync(fs.realpathSync(path.join(libs, name)), path.join(dir, name))
    fs.chmodSync(path.join(dir, name), 0o755)
  }
  await run('patchelf', ['--set-interpreter', path.join(dir, loader), '--set-rpath', dir, image.runc])
  await run(image.runc, ['--version'])
  for (const source of PROGRAMS.outside)
    await compile(ROOT, source, path.join(dir, path.basename(source, '.c')))
}

/** Packages whose programs the tiers without Docker do not have. */
const DOCKER_PACKAGES = ['docker.io', 'docker-cli', 'containerd']

/** A layer of whiteouts over Docker's programs, as dpkg lists them, and of a `docker` that says why there is none. */
async function makeWithoutDocker(image: ImagePaths): Promise<void> {
  const lists = DOCKER_PACKAGES.map((name) =>
    fs.readFileSync(path.join(image.rootfs, 'var/lib/dpkg/info', `${name}.list`), 'utf8'),
  )
  const programs = lists.flatMap((list) =>
    list.split('\n').filter((file) => /^\/usr\/s?bin\/[^/]+$/.test(file)),
  )
  const folders = ['usr', 'usr/bin', 'usr/sbin', 'usr/local', 'usr/local/bin']
  for (const folder of ['', ...folders]) fs.mkdirSync(path.join(image.withoutDocker, folder), { mode: 0o755 })
  const instead = path.join(image.withoutDocker, 'usr/local/bin/docker')
  fs.copyFileSync(path.join(ROOT, 'sandbox/no-docker'), instead)
  fs.chmodSync(instead, 0o755)
  await run('chown', ['-R', `${ID_MAP.hostID}:${ID_MAP.hostID}`, image.withoutDocker])
  // To an overlay, a device of this number says that there is nothing here, whatever lies below.
  for (const file of programs) await run('mknod', [path.join(image.withoutDocker, file), 'c', '0', '0'])
}

/** A formatted disk, booted once so that Docker's storage with its busybox image is on it. */
async function makeTemplate(image: ImagePaths, diskMib: number): Promise<void> {
  await run('truncate', ['--size', `${diskMib}M`, image.template])
  // No journal: a disk that outlives no crash needs none.
  await run('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', '-E', 'lazy_itable_init=1', image.template])
  await onDisk(
    image.template,
    `cd "$0"; rm -rf lost+found; mkdir upper work docker containerd; chown ${ID_MAP.hostID}:${ID_MAP.hostID} upper docker containerd`,
  )
  const work = path.join(image.dir, 'making')
  const provider = new RuncProvider(
    {
      name: `runclab-image-${process.pid}`,
      stateDir: work,
      runDir: path.join(work, 'run'),
      imageDir: path.dirname(image.dir),
      limits: { memoryBytes: 1024 ** 3, pids: 1024, cpus: 64, swapBytes: 0, openFiles: 65_536, ptys: 64 },
      totals: { memoryBytes: 0, pids: 0, cpus: 0 },
    },
    image,
  )
  const id = 'template0000000image'.padEnd(20, '0')
  try {
    await provider.create(id, 'image')
    const prepare = provider.command(id, ['/usr/lib/runclab/make-template'], { tty: false })
    await run(prepare.file, prepare.args, { timeoutMs: 2 * MINUTES })
    // Unmounted before it is copied: the kernel writes the last of it when the sandbox ends.
    const used = path.join(image.dir, 'used.img')
    fs.linkSync(path.join(work, 'sandboxes', id, 'disk.img'), used)
    await provider.destroy(id)
    await onDisk(used, 'cd "$0"; rm -rf upper work; mkdir upper work; chown --reference docker upper')
    fs.renameSync(used, image.template)
  } finally {
    await provider.dispose()
    fs.rmSync(work, { recursive: true, force: true })
  }
}

/** Runs a shell script with the disk mounted at `$0`, where nobody else sees it. */
function onDisk(disk: string, script: string): Promise<string> {
  const mount = `set -e; mount -o loop "$0" /mnt; sh -ec "$1" /mnt; umount /mnt`
  return run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mount, disk, script])
}

/** A pipeline of programs whose messages are shown as they come; rejects with the last of them if any part fails. */
function pipeline(script: string, env: Record<string, string>, show: Progress): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-o', 'pipefail', '-c', script], {
      env: { ...process.env, ...env, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    let last = ''
    child.stderr.on('data', (chunk) => {
      last = (last + chunk).slice(-4000)
      show.detail(last.trim().split('\n').at(-1)!.replace(/^I: /, ''))
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new CommandError(last.trim()))))
  })
}

/** Removes what earlier builds have left, finished or not, unless a sandbox or a host process of any lab still uses it. */
function removeUnused(imageDir: string, keep: string): void {
  // Processes and descriptors end while they are looked at.
  const attempt = <T>(look: () => T, otherwise: T) => {
    try {
      return look()
    } catch {
      return otherwise
    }
  }
  const pids = fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  const inUse = pids.flatMap((pid) => {
    const dir = `/proc/${pid}/fd`
    const open = attempt(() => fs.readdirSync(dir), []).map((fd) =>
      attempt(() => `${fs.readlinkSync(`${dir}/${fd}`)}/`, ''),
    )
    return [attempt(() => fs.readFileSync(`/proc/${pid}/mountinfo`, 'utf8'), ''), ...open]
  })
  for (const entry of fs.readdirSync(imageDir, { withFileTypes: true })) {
    const dir = path.join(imageDir, entry.name)
    if (!entry.isDirectory() || dir === keep || inUse.some((text) => text.includes(`${dir}/`))) continue
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const recipe = readRecipe(ROOT, config.limits.diskMib)
  // For container images: what needs a network and a compiler, and no privilege.
  if (process.argv[2] === 'prepare') {
    return prepare(ROOT, recipe.packages, [...PROGRAMS.inside, ...PROGRAMS.outside], config.debianMirror)
  }
  const current = path.join(config.imageDir, CURRENT_IMAGE)
  const built = fs.existsSync(current) ? fs.readFileSync(current, 'utf8').trim() : ''
  if (built.startsWith(recipe.name)) return
  // Sandboxes run as other users, who must be able to pass through; whatever mask this process has.
  for (const dir of [config.stateDir, config.imageDir]) {
    fs.mkdirSync(dir, { recursive: true })
    fs.chmodSync(dir, 0o711)
  }
  // A folder of its own for every build: sandboxes may still run on one of the same recipe. `current` makes it count.
  const image = imagePaths(fs.mkdtempSync(path.join(config.imageDir, `${recipe.name}-`)))
  fs.chmodSync(image.dir, 0o711)
  const show = progress()
  try {
    await makeRootfs(image, recipe, config.debianMirror, show)
    show.step("the host's own copy of runc")
    await makeRuntime(image)
    await makeWithoutDocker(image)
    show.step('a disk with a busybox image in Docker')
    await makeTemplate(image, config.limits.diskMib)
  } catch (error) {
    fs.rmSync(image.dir, { recursive: true, force: true })
    throw error
  }
  fs.writeFileSync(`${current}.new`, `${path.basename(image.dir)}\n`)
  fs.renameSync(`${current}.new`, current)
  removeUnused(config.imageDir, image.dir)
  show.step('ready')
}

/** What to do about it, from what the tools say when it goes wrong. */
function advice(message: string): string {
  if (/No space left/i.test(message))
    return 'The disk is full: about 2 GiB are needed. Free some, then start again.'
  if (/resolve|Could not connect|Failed to fetch|Unable to connect|timed out/i.test(message)) {
    return 'The Debian mirror cannot be reached. Check the network, or name another mirror in LAB_DEBIAN_MIRROR, then start again.'
  }
  return 'Start again; if it stays so, the lines above say what failed.'
}

main().catch((error: Error) => {
  const known = error instanceof ConfigError || error instanceof CommandError
  console.error(known ? error.message : error.stack)
  console.error(`The sandbox image could not be built. ${advice(error.message)}`)
  process.exitCode = 1
})
