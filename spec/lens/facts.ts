/** What the collector in a sandbox has read about one container, and how to look things up in it. Pure: nothing here reads. */

/** One reading: the text (`cut` if there was more), or the reason why there is none. Untrusted, like all of a sandbox. */
export type Reading = { text: string; cut?: boolean } | { error: string }

/** Readings by plan entry: a letter, a space, and what is read; see `plan.ts`. */
export type Readings = Readonly<Record<string, Reading>>

export const PHASES = ['creating', 'created', 'running', 'paused', 'stopped', 'gone'] as const
export type Phase = (typeof PHASES)[number]

/** A container as runc keeps it. */
export interface Container {
  /** Its state directory, such as /run/runc/mycontainer: unique in the sandbox. */
  dir: string
  id: string
  /** Docker's if its root is one of Docker's own. */
  owner: 'runc' | 'docker' | 'containerd'
  phase: Phase
  /** Of its first process, as the sandbox counts; 0 before there is one. */
  pid: number
  /** The same process in every pid namespace down to its own: "299 1". */
  nspid: string
  /** RFC 3339, as runc wrote it; empty while it is being created. */
  created: string
  /** A wait status; null while it runs, or if nobody could tell. */
  exit: number | null
  bundle: string
  /** Inodes by type, such as { pid: '4026532911' }. */
  namespaces: Readonly<Record<string, string>>
  /** Raised each time runc writes its state. */
  version: number
}

export const NAMESPACE_TYPES = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup', 'time'] as const
export type NamespaceType = (typeof NAMESPACE_TYPES)[number]

/** config.json's names for what /proc/PID/ns calls otherwise. */
export const NAMESPACE_FILES: Readonly<Record<string, NamespaceType>> = {
  mount: 'mnt',
  network: 'net',
  pid: 'pid',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
}

export function textOf(readings: Readings, ...entries: string[]): string | null {
  for (const entry of entries) {
    const reading = readings[entry]
    if (reading && 'text' in reading) return reading.text
  }
  return null
}

export function errorOf(readings: Readings, ...entries: string[]): string | null {
  for (const entry of entries) {
    const reading = readings[entry]
    if (reading && 'error' in reading) return reading.error
  }
  return null
}

/** `Name:\tvalue` lines, as in /proc/PID/status. */
export function keyValues(text: string | null): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of (text ?? '').split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0)
      found.set(
        line.slice(0, colon),
        line
          .slice(colon + 1)
          .trim()
          .replaceAll('\t', ' '),
      )
  }
  return found
}

/** `name value` lines, as in cpu.stat and memory.events. */
export function counters(text: string | null): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of (text ?? '').split('\n')) {
    const [name, value] = line.trim().split(/\s+/)
    if (name && value !== undefined && /^-?\d+$/.test(value)) found.set(name, Number(value))
  }
  return found
}

/** One line of mountinfo; see proc_pid_mountinfo(5). */
export interface Mount {
  id: number
  parent: number
  device: string
  /** The directory of the file system that is mounted. */
  root: string
  point: string
  options: string[]
  /** shared:N, master:N … */
  propagation: string[]
  type: string
  source: string
  superOptions: string[]
}

/** Spaces, tabs, line feeds and backslashes are octal there. */
const plainly = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))

export function parseMountinfo(text: string | null): Mount[] {
  const mounts: Mount[] = []
  for (const line of (text ?? '').split('\n')) {
    const fields = line.split(' ')
    const dash = fields.indexOf('-', 6)
    if (fields.length < 10 || dash < 0) continue
    const [id, parent, device, root, point, options] = fields as [
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    mounts.push({
      id: Number(id),
      parent: Number(parent),
      device,
      root: plainly(root),
      point: plainly(point),
      options: options.split(','),
      propagation: fields.slice(6, dash),
      type: fields[dash + 1] ?? '',
      source: plainly(fields[dash + 2] ?? ''),
      superOptions: (fields[dash + 3] ?? '').split(','),
    })
  }
  return mounts
}

/** The mount that a path of that mount namespace is on: the last of the longest fitting points. */
export function mountOf(mounts: Mount[], path: string): Mount | undefined {
  let best: Mount | undefined
  for (const mount of mounts) {
    const inside = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`)
    if (inside && (!best || mount.point.length >= best.point.length)) best = mount
  }
  return best
}

/** Which directory of which file system a path is: two paths are the same place if these agree. */
export function placeOf(mounts: Mount[], path: string): { device: string; root: string } | null {
  const mount = mountOf(mounts, path)
  if (!mount) return null
  const rest = path === mount.point ? '' : path.slice(mount.point === '/' ? 0 : mount.point.length)
  const root = `${mount.root === '/' ? '' : mount.root}${rest}` || '/'
  return { device: mount.device, root }
}

/** Fields of /proc/PID/stat by proc(5)'s numbers, from 3 on. */
export function statField(stat: string | null, number: number): string {
  const after = stat?.slice(stat.lastIndexOf(')') + 2) ?? ''
  return after.split(' ')[number - 3]?.trim() ?? ''
}

/** A node of the file system as the collector describes it. */
export function parseNode(text: string | null) {
  const [type = '', mode = '', ...numbers] = (text ?? '').split(' ')
  const [uid = 0, gid = 0, major = 0, minor = 0, size = 0, mtimeMs = 0, inode = 0] = numbers.map(Number)
  return type ? { type, mode: Number.parseInt(mode, 8), uid, gid, major, minor, size, mtimeMs, inode } : null
}

/** uid_map and gid_map: `inside outside count` lines. */
export function parseIdMap(text: string | null): { inside: number; outside: number; count: number }[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((numbers) => numbers.length === 3 && numbers.every(Number.isFinite))
    .map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }))
}

/** The id that a process in that user namespace has for one of ours; null if there is none. */
export function idInside(map: ReturnType<typeof parseIdMap>, outside: number): number | null {
  const range = map.find((each) => outside >= each.outside && outside < each.outside + each.count)
  return range ? outside - range.outside + range.inside : null
}

/** A process of the sandbox. */
export interface Process {
  pid: number
  parent: number
  /** Its numbers in every pid namespace down to its own. */
  nspid: number[]
  state: string
  uid: string
  /** Resident memory in KiB; empty for kernel threads and zombies. */
  rss: string
  /** "pid:[4026532911]"; empty if it may not be read. */
  namespace: string
  command: string
}

export function parseProcesses(text: string | null): Process[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((fields) => fields.length >= 8)
    .map(
      ([pid = '', parent = '', nspid = '', state = '', uid = '', rss = '', namespace = '', ...command]) => ({
        pid: Number(pid),
        parent: Number(parent),
        nspid: nspid.trim().split(/\s+/).map(Number),
        state,
        uid,
        rss,
        namespace,
        command: command.join(' '),
      }),
    )
}
