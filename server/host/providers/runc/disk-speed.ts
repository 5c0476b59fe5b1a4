/** How fast a sandbox reads and writes its disk: the kernel holds back the loop device that the disk is, for the sandbox's cgroup. */
import fs from 'node:fs'
import path from 'node:path'
import type { Hierarchy } from './hierarchies.ts'

/** For reading and for writing alike; 0: no limit. */
export interface DiskSpeed {
  diskBytesPerSecond: number
  diskOperationsPerSecond: number
}

/** What the kernel counts and limits, in the order in which its counters are given out. */
const KINDS = [
  { v2: 'rbps', v1: 'read_bps', stat: 'rbytes', v1Stat: ['io_service_bytes', 'Read'] },
  { v2: 'wbps', v1: 'write_bps', stat: 'wbytes', v1Stat: ['io_service_bytes', 'Write'] },
  { v2: 'riops', v1: 'read_iops', stat: 'rios', v1Stat: ['io_serviced', 'Read'] },
  { v2: 'wiops', v1: 'write_iops', stat: 'wios', v1Stat: ['io_serviced', 'Write'] },
] as const

/** On v1 the kernel writes most of what was written only later, and then for nobody: for the root cgroup. */
const FOR_NOBODY = KINDS.filter(({ v1 }) => v1.startsWith('write'))

const speedOf = (kind: (typeof KINDS)[number], speed: Partial<DiskSpeed>) =>
  (kind.v1.endsWith('_bps') ? speed.diskBytesPerSecond : speed.diskOperationsPerSecond) ?? 0

const rule = (dir: string, kind: (typeof KINDS)[number]) => path.join(dir, `blkio.throttle.${kind.v1}_device`)

const isV1 = (h: Hierarchy) => h.version === 1 && h.controllers.includes('blkio')
const isV2 = (h: Hierarchy) => h.version === 2 && h.controllers.includes('io')

/**
 * Limits the sandbox's disk, a device such as `7:3`. `cgroup` is the path of the sandbox's cgroup in each hierarchy.
 * Nothing happens where the kernel cannot: `npm run doctor` says so.
 *
 * On v2 one rule holds for everything the sandbox reads and writes, whatever cgroups it makes. On v1 a rule holds for one
 * cgroup and not for those below it: so the sandbox's own root cgroup gets it, which its learner may change, and the
 * host's root cgroup, for what the kernel writes later. The one in the cgroup that stays ours holds nobody back; it says
 * which device it was.
 */
export function limitDisk(
  hierarchies: Hierarchy[],
  cgroup: string,
  device: string,
  speed: Partial<DiskSpeed>,
): void {
  for (const h of hierarchies) {
    const dir = path.join(h.mount, cgroup)
    if (isV2(h)) {
      const words = KINDS.map((kind) => `${kind.v2}=${speedOf(kind, speed) || 'max'}`)
      set(path.join(dir, 'io.max'), `${device} ${words.join(' ')}`)
    }
    if (!isV1(h)) continue
    for (const kind of KINDS)
      for (const each of [dir, path.join(dir, 'box')])
        set(rule(each, kind), `${device} ${speedOf(kind, speed)}`)
    for (const kind of FOR_NOBODY) set(rule(h.mount, kind), `${device} ${speedOf(kind, speed)}`)
  }
}

/**
 * Takes the limits of a sandbox away, before it ends: whatever it has yet to write would otherwise keep its end waiting.
 * `disk` is the file behind its device. Rules of the host's root cgroup outlive the device, so those go whose device has
 * this file behind it, or none any more: then it is of a sandbox that has ended by itself.
 */
export function freeDisk(hierarchies: Hierarchy[], cgroup: string, disk: string): void {
  for (const h of hierarchies) {
    const dir = path.join(h.mount, cgroup)
    if (isV2(h)) {
      const words = KINDS.map((kind) => `${kind.v2}=max`).join(' ')
      for (const [device] of lines(path.join(dir, 'io.max')))
        set(path.join(dir, 'io.max'), `${device} ${words}`)
    }
    if (!isV1(h)) continue
    for (const kind of KINDS)
      for (const [device] of lines(rule(dir, kind))) set(rule(path.join(dir, 'box'), kind), `${device} 0`)
    for (const kind of FOR_NOBODY)
      for (const [device = ''] of lines(rule(h.mount, kind)))
        if (isOver(device, disk)) set(rule(h.mount, kind), `${device} 0`)
  }
}

/** By device, in the order of KINDS: what was done later and for nobody. */
export type ForNobody = ReadonlyMap<string, readonly number[]>

/** To be read once for all sandboxes: the kernel's lists have every device, and grow with their number. Empty on v2. */
export function readForNobody(hierarchies: Hierarchy[]): ForNobody {
  const found = new Map<string, number[]>()
  for (const h of hierarchies.filter(isV1)) {
    for (const [index, { v1Stat }] of KINDS.entries()) {
      for (const [device = '', what, count] of lines(path.join(h.mount, `blkio.throttle.${v1Stat[0]}`))) {
        if (what !== v1Stat[1]) continue
        const counts = found.get(device) ?? KINDS.map(() => 0)
        counts[index] = Number(count)
        found.set(device, counts)
      }
    }
  }
  return found
}

/**
 * What the sandbox has read and written since it was made, each in seconds at the speed it may: bytes read, bytes
 * written, reads, writes. Empty without a limit.
 */
export function diskSeconds(hierarchies: Hierarchy[], cgroup: string, forNobody: ForNobody): number[] {
  for (const h of hierarchies) {
    const dir = path.join(h.mount, cgroup)
    if (isV2(h)) {
      const [device, ...limits] = lines(path.join(dir, 'io.max'))[0] ?? []
      if (!device) continue
      const counters = lines(path.join(dir, 'io.stat')).find(([each]) => each === device) ?? []
      return KINDS.map(({ v2, stat }) => wordOf(counters, stat) / wordOf(limits, v2))
    }
    if (!isV1(h)) continue
    const [device = '', ...rest] = lines(rule(dir, KINDS[0]))[0] ?? lines(rule(dir, KINDS[2]))[0] ?? []
    if (rest.length === 0) continue
    return KINDS.map((kind, index) => {
      const limit = Number(
        lines(rule(dir, kind)).find(([each]) => each === device)?.[1] ?? Number.POSITIVE_INFINITY,
      )
      const [file, word] = kind.v1Stat
      const counts = lines(path.join(dir, `blkio.throttle.${file}_recursive`))
      const own = Number(counts.find(([each, what]) => each === device && what === word)?.[2] ?? 0)
      return (own + (forNobody.get(device)?.[index] ?? 0)) / limit
    })
  }
  return []
}

/** The number after `key=`; infinite for `max`, nothing for none. */
function wordOf(words: string[], key: string): number {
  const value = words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1)
  return value === 'max' ? Number.POSITIVE_INFINITY : Number(value ?? 0)
}

/** Whether this device is a loop device with that file behind it, or with none. */
function isOver(device: string, file: string): boolean {
  const loop = /^7:\d+$/.test(device) && `/sys/dev/block/${device}`
  if (!loop || !fs.existsSync(loop)) return false
  try {
    // With a file system of its own below it, the kernel knows the path from there on only.
    const [name, folder] = [path.basename(file), path.basename(path.dirname(file))]
    return fs.readFileSync(`${loop}/loop/backing_file`, 'utf8').includes(`/${folder}/${name}`)
  } catch {
    return true
  }
}

/** The words of each line; none of a file that this kernel does not have. */
function lines(file: string): string[][] {
  try {
    const text = fs.readFileSync(file, 'utf8')
    return text.split('\n').flatMap((line) => (line ? [line.split(' ')] : []))
  } catch {
    return []
  }
}

function set(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text, { flag: 'r+' })
  } catch {
    // Not on this kernel, or gone with its cgroup.
  }
}
