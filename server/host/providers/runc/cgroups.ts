/** The cgroups of the sandboxes, on cgroup v2, v1 and hybrid hosts: limits the learner cannot touch, and below them a child that is theirs. */
import fs from 'node:fs'
import path from 'node:path'
import type { Pressure } from '../provider.ts'
import { type DiskSpeed, freeDisk, limitDisk } from './disk-speed.ts'
import { type Hierarchy, parseHierarchies, readWords } from './hierarchies.ts'
import { pressureReader } from './pressure.ts'
import { type Limits, setLimits, setTotals, type Totals } from './set-limits.ts'

/** What a learner's root may write on cgroup v2; on a kernel without this list, the three files that every kernel has. */
function delegatedFiles(): string[] {
  try {
    return fs.readFileSync('/sys/kernel/cgroup/delegate', 'utf8').trim().split('\n')
  } catch {
    return ['cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control']
  }
}

const subdirectories = (dir: string) => {
  try {
    return fs
      .readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

/**
 * Layout, in every hierarchy: `/<parent>/<id>` carries the limits and stays root's; `box` below it is the sandbox's
 * own root cgroup, delegated to its user namespace; `make` holds the processes that create the sandbox, so that those
 * of a creation cut short can be found and ended.
 */
export class SandboxCgroups {
  readonly #hierarchies: Hierarchy[]
  readonly #parent: string
  readonly #totals: Totals
  /** Hierarchies in which the limits for all sandboxes have been set. */
  readonly #limited = new Set<Hierarchy>()

  /** `totals`: limits for all sandboxes together; by default those that fit this machine. */
  constructor(
    parent: string,
    totals: Totals = { memoryBytes: 0, pids: 0, cpus: 0 },
    hierarchies = parseHierarchies(fs.readFileSync('/proc/self/mountinfo', 'utf8')),
  ) {
    this.#parent = parent
    this.#totals = totals
    this.#hierarchies = hierarchies
  }

  /** Controllers without which a sandbox would have no limits, and that this host does not offer. */
  get missing(): string[] {
    return ['memory', 'pids', 'cpu'].filter(
      (name) => !this.#hierarchies.some((h) => h.controllers.includes(name)),
    )
  }

  /** The path for the runtime's `cgroupsPath`. */
  boxPath(id: string): string {
    return `/${this.#parent}/${id}/box`
  }

  /** A process that writes its id to this file belongs to the sandbox's creation. */
  makeProcsFile(id: string): string {
    return path.join(this.#dirs(id)[0]!, 'make', 'cgroup.procs')
  }

  /** Creates and limits the cgroups and gives `box` to `owner`, a user and group id of this host, unless it is null. */
  create(id: string, limits: Limits, owner: number | null): void {
    for (const h of this.#hierarchies) {
      const parent = path.join(h.mount, this.#parent)
      const dir = path.join(parent, id)
      const box = path.join(dir, 'box')
      const isNew = fs.mkdirSync(parent, { recursive: true }) !== undefined
      if (h.version === 2) {
        this.#enableControllers(h, h.mount)
        this.#enableControllers(h, parent)
      }
      if (isNew || !this.#limited.has(h)) setTotals(h, parent, this.#totals)
      this.#limited.add(h)
      fs.mkdirSync(dir)
      setLimits(h, dir, { ...limits, cpus: this.#mostCpus(limits.cpus) })
      if (h.version === 2) this.#enableControllers(h, dir)
      fs.mkdirSync(box)
      if (h.controllers.includes('cpuset') && h.version === 1) {
        for (const file of ['cpuset.cpus', 'cpuset.mems']) {
          for (const [from, to] of [
            [h.mount, parent],
            [parent, dir],
            [dir, box],
          ] as const) {
            fs.writeFileSync(path.join(to, file), fs.readFileSync(path.join(from, file)))
          }
        }
      }
      if (owner === null) continue
      // The runtime's cgroupfs driver gives nothing to the user namespace's root; without this nested limits fail.
      fs.chownSync(box, owner, owner)
      const files = h.version === 2 ? delegatedFiles() : fs.readdirSync(box)
      for (const file of files) {
        const target = path.join(box, file)
        if (fs.existsSync(target)) fs.chownSync(target, owner, owner)
      }
    }
    fs.mkdirSync(path.dirname(this.makeProcsFile(id)))
  }

  /** Once the sandbox has its disk, a device such as `7:3`. */
  limitDisk(id: string, device: string, speed: Partial<DiskSpeed>): void {
    limitDisk(this.#hierarchies, path.join(this.#parent, id), device, speed)
  }

  /** `disk`: the file behind its device. */
  freeDisk(id: string, disk: string): void {
    freeDisk(this.#hierarchies, path.join(this.#parent, id), disk)
  }

  /** Cgroup v1 refuses a sandbox more processors than all of them together have. */
  #mostCpus(cpus: number): number {
    return this.#totals.cpus > 0 ? Math.min(cpus, this.#totals.cpus) : cpus
  }

  /**
   * Whether programs may enter. On cgroup v2 process 1 first leaves `box` for a cgroup below and switches the
   * controllers on; a program that came into `box` before would keep it from that, and nested limits would fail.
   */
  isOpen(id: string): boolean {
    const unified = this.#hierarchies.find((h) => h.version === 2 && h.mount === '/sys/fs/cgroup')
    if (!unified) return true
    // With the first controller on, the kernel lets nobody into `box` itself: the runtime then enters where process 1 is.
    return readWords(path.join(unified.mount, this.boxPath(id), 'cgroup.subtree_control')).length > 0
  }

  /** Stops every process of the sandbox, also those it will have, or lets them go on. False where the kernel cannot. */
  freeze(id: string, on: boolean): boolean {
    for (const h of this.#hierarchies) {
      const [file, text] =
        h.version === 2 ? ['cgroup.freeze', on ? '1' : '0'] : ['freezer.state', on ? 'FROZEN' : 'THAWED']
      try {
        fs.writeFileSync(path.join(h.mount, this.#parent, id, file), text, { flag: 'r+' })
        return true
      } catch {
        // Not in this hierarchy.
      }
    }
    return false
  }

  /** Whether this process of the sandbox is where it was put, in every hierarchy. True of one that has ended. */
  holds(id: string, pid: number): boolean {
    let lines: string[]
    try {
      lines = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').filter(Boolean)
    } catch {
      return true
    }
    return lines.every((line) => {
      const [, controllers = '', at = ''] = line.split(':')
      const ours = this.#hierarchies.some((h) =>
        controllers === '' ? h.version === 2 : controllers.split(',').some((c) => h.controllers.includes(c)),
      )
      return !ours || `${at}/`.includes(`/${this.#parent}/${id}/`)
    })
  }

  pressureReader(): (id: string) => Pressure {
    return pressureReader(this.#hierarchies, this.#parent)
  }

  /** Ids that have a cgroup in any hierarchy. */
  list(): string[] {
    const ids = this.#hierarchies.flatMap((h) => subdirectories(path.join(h.mount, this.#parent)))
    return [...new Set(ids)]
  }

  /** Every process of the sandbox, as this host numbers them. */
  processes(id: string): number[] {
    const pids = new Set<number>()
    for (const dir of this.#dirs(id)) {
      for (const cgroup of descendants(dir)) {
        for (const pid of readWords(path.join(cgroup, 'cgroup.procs'))) pids.add(Number(pid))
      }
    }
    pids.delete(0)
    return [...pids]
  }

  /** Kills every process of the sandbox, also frozen ones. They are gone a moment later: see `processes`. */
  kill(id: string): void {
    for (const dir of this.#dirs(id)) {
      for (const cgroup of descendants(dir)) {
        // A frozen v1 cgroup keeps even SIGKILL waiting.
        writeIfThere(path.join(cgroup, 'freezer.state'), 'THAWED')
      }
      writeIfThere(path.join(dir, 'cgroup.kill'), '1')
    }
    for (const pid of this.processes(id)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Removes the sandbox's cgroups. Throws (EBUSY) while a process is left in one of them. */
  remove(id: string): void {
    for (const dir of this.#dirs(id)) {
      for (const cgroup of descendants(dir).reverse()) fs.rmdirSync(cgroup)
    }
  }

  /** Removes the common parent, if no sandbox is left. */
  removeParent(): void {
    for (const h of this.#hierarchies) {
      try {
        fs.rmdirSync(path.join(h.mount, this.#parent))
      } catch {
        // Never made, or still in use.
      }
    }
  }

  /** Bytes of memory in use, as the kernel charges them to the sandbox. */
  memoryBytes(id: string): number {
    for (const h of this.#hierarchies) {
      if (!h.controllers.includes('memory')) continue
      const file = h.version === 2 ? 'memory.current' : 'memory.usage_in_bytes'
      return Number(readWords(path.join(h.mount, this.#parent, id, file))[0])
    }
    return Number.NaN
  }

  #dirs(id: string): string[] {
    return this.#hierarchies.map((h) => path.join(h.mount, this.#parent, id))
  }

  #enableControllers(h: Hierarchy, dir: string): void {
    const wanted = h.controllers.filter((c) => ['cpu', 'cpuset', 'io', 'memory', 'pids'].includes(c))
    const present = readWords(path.join(dir, 'cgroup.subtree_control'))
    const missing = wanted.filter((c) => !present.includes(c))
    if (missing.length === 0) return
    const enable = () =>
      fs.writeFileSync(path.join(dir, 'cgroup.subtree_control'), missing.map((c) => `+${c}`).join(' '))
    try {
      enable()
    } catch (error) {
      if (dir !== h.mount || (error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
      // In a container the root cgroup is an ordinary one, and one with processes cannot have children with limits.
      const leaf = path.join(dir, `${this.#parent}-host`)
      fs.mkdirSync(leaf, { recursive: true })
      for (const pid of readWords(path.join(dir, 'cgroup.procs')))
        writeIfThere(path.join(leaf, 'cgroup.procs'), pid)
      enable()
    }
  }
}

function writeIfThere(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text, { flag: 'r+' })
  } catch {
    // Not on this host or kernel, or gone: nothing to write to.
  }
}

/** The cgroup and all below it, parents first. */
function descendants(dir: string): string[] {
  if (!fs.existsSync(dir)) return []
  return [dir, ...subdirectories(dir).flatMap((name) => descendants(path.join(dir, name)))]
}
