/** Mounts and loop devices of sandboxes that are not there any more: there should be none, so whoever finds one says so. */
import fs from 'node:fs'
import path from 'node:path'
import { CommandError, run } from './run.ts'

/** In mountinfo and sysfs a space is \\040, a backslash \\134; our folders may have both in their names. */
const plain = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))

const idOf = (folder: string, file: string) =>
  file.startsWith(`${folder}/`) ? file.slice(folder.length + 1).split('/')[0]! : null

/** Undoes what this host still holds of sandboxes under `stateDir` that are not `known`. Returns what it was, for the log. */
export async function removeStrays(stateDir: string, known: (id: string) => boolean): Promise<string[]> {
  const folder = path.join(stateDir, 'sandboxes')
  const stray = (file: string) => {
    const id = idOf(folder, file)
    return id !== null && !known(id)
  }
  const mounts = fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => (line ? [plain(line.split(' ')[4]!)] : []))
    .filter(stray)
  const loops = (await backingFiles(stateDir)).filter(({ file }) => stray(file))
  const found: string[] = []
  // The last one mounted comes off first; lazily, since a program of the host may stand in it.
  for (const mount of mounts.reverse())
    if (await done('umount', ['--lazy', '--', mount])) found.push(`mount ${mount}`)
  for (const pid of loops.length > 0 ? holders(new Set(loops.map(({ device }) => device))) : []) {
    found.push(`process ${pid}`)
    process.kill(pid, 'SIGKILL')
  }
  for (const { device, file } of loops)
    if (await done('losetup', ['--detach', device])) found.push(`${device} of ${file}`)
  return found
}

/** Processes that see one of these devices mounted and do not share the host's mounts: a sandbox's, out of every cgroup. */
function holders(devices: ReadonlySet<string>): number[] {
  const own = fs.readlinkSync('/proc/self/ns/mnt')
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 1)) return false
      try {
        if (fs.readlinkSync(`/proc/${pid}/ns/mnt`) === own) return false
        const mounts = fs.readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n')
        return mounts.some((line) => devices.has(line.split(' - ')[1]?.split(' ')[1] ?? ''))
      } catch {
        // It has ended.
        return false
      }
    })
}

/**
 * Loop devices over sandboxes' disks under the state folder, also over those that have been deleted. Not over those of
 * another lab on the same file system, in a container say: its paths may look alike from here, but its files are others.
 */
async function backingFiles(stateDir: string): Promise<{ device: string; file: string }[]> {
  const names = fs.readdirSync('/sys/block').filter((name) => fs.existsSync(`/sys/block/${name}/loop`))
  if (names.length === 0) return []
  const list = ['--list', '--json', '--output', 'NAME,BACK-MAJ:MIN,BACK-INO,BACK-FILE']
  const { loopdevices: all } = JSON.parse(await run('losetup', list)) as {
    loopdevices: Record<string, string | number>[]
  }
  const device = deviceOf(stateDir)
  const prefix = await kernelPath(stateDir)
  return all.flatMap((each) => {
    const backing = String(each['back-file'] ?? '')
    const at = backing.indexOf('/sandboxes/')
    if (at < 0 || String(each['back-maj:min']).trim() !== device) return []
    const file = stateDir + backing.slice(at).replace(/ ?\(deleted\)$/, '')
    const ours = backing.endsWith('(deleted)')
      ? backing.slice(0, at) === prefix
      : inodeOf(file) === String(each['back-ino'])
    return ours ? [{ device: String(each.name), file }] : []
  })
}

/**
 * The state folder as the kernel writes it for files that another mount namespace has opened: from the mount that it is
 * on. Null if that cannot be found out, or if the mount is a part of a file system, whose other parts may hold folders of
 * the same path: then only a disk that is still there can be told to be ours.
 */
async function kernelPath(stateDir: string): Promise<string | null> {
  const folder = fs.realpathSync(stateDir)
  try {
    const flags = ['--noheadings', '--first-only', '--raw', '--output', 'FSROOT,TARGET']
    const found = (await run('findmnt', [...flags, '--target', folder])).trim().split(' ')
    const [root, target = '/'] = found.map((word) =>
      word.replace(/\\x([0-9a-f]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
    )
    if (target === '/') return folder
    return root === '/' ? folder.slice(target.length) : null
  } catch (error) {
    if (error instanceof CommandError) return null
    throw error
  }
}

function inodeOf(file: string): string | null {
  return fs.statSync(file, { bigint: true, throwIfNoEntry: false })?.ino.toString() ?? null
}

/** Number of the device that a folder is on, as losetup writes it. */
function deviceOf(folder: string): string {
  const { dev } = fs.statSync(folder)
  return `${Math.floor(dev / 256) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`
}

/** False if it had gone by itself meanwhile: a loop device does, when its last mount does. */
async function done(file: string, args: string[]): Promise<boolean> {
  try {
    await run(file, args)
    return true
  } catch (error) {
    if (error instanceof CommandError) return false
    throw error
  }
}
