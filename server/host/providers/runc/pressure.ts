/** What the kernel counts about a sandbox at its limits, read from its cgroups; cheap enough for every second. */
import fs from 'node:fs'
import path from 'node:path'
import type { Pressure } from '../provider.ts'
import { diskSeconds, readForNobody } from './disk-speed.ts'
import type { Hierarchy } from './hierarchies.ts'

/** So many cgroups of a learner's own making are looked into. */
const MAX_CGROUPS = 64

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    // Not on this kernel, or gone with its sandbox.
    return ''
  }
}

const number = (file: string) => Number.parseInt(read(file), 10) || 0

/** The number after `key` in a file of `key value` lines. */
function field(file: string, key: string): number {
  const line = read(file)
    .split('\n')
    .find((each) => each.startsWith(`${key} `))
  return line ? Number(line.slice(key.length + 1)) || 0 : 0
}

/** The cgroup and those below it, at most so many. */
function below(dir: string): string[] {
  const found = [dir]
  for (let i = 0; i < found.length && found.length < MAX_CGROUPS; i++) {
    try {
      for (const entry of fs.readdirSync(found[i]!, { withFileTypes: true }))
        if (entry.isDirectory()) found.push(path.join(found[i]!, entry.name))
    } catch {
      // Gone meanwhile.
    }
  }
  return found.slice(0, MAX_CGROUPS)
}

/** One look at many sandboxes: what is the same for all is read once, and then each for itself. `parent/id` names its cgroup. */
export function pressureReader(hierarchies: Hierarchy[], parent: string): (id: string) => Pressure {
  const forNobody = readForNobody(hierarchies)
  return (id) => ({
    ...readCgroup(hierarchies, parent, id),
    diskSeconds: diskSeconds(hierarchies, path.join(parent, id), forNobody),
  })
}

function readCgroup(hierarchies: Hierarchy[], parent: string, id: string): Omit<Pressure, 'diskSeconds'> {
  const pressure = {
    ...{ oomKills: 0, memoryBytes: 0, pidsRefused: 0, pids: 0, cpuPeriods: 0, cpuThrottled: 0 },
  }
  for (const h of hierarchies) {
    const dir = path.join(h.mount, parent, id)
    const file = (name: string) => path.join(dir, name)
    if (h.controllers.includes('memory')) {
      pressure.memoryBytes = number(file(h.version === 2 ? 'memory.current' : 'memory.usage_in_bytes'))
      pressure.oomKills = h.version === 2 ? oomKillsV2(dir) : oomKillsV1(dir)
    }
    if (h.controllers.includes('pids')) {
      pressure.pids = number(file('pids.current'))
      // Older kernels count where the refused process would have been, newer ones also where the limit is.
      const own = [dir, path.join(dir, 'box'), path.join(dir, 'box/init')]
      pressure.pidsRefused = own.reduce((sum, each) => sum + field(path.join(each, 'pids.events'), 'max'), 0)
    }
    if (h.controllers.includes('cpu')) {
      pressure.cpuPeriods = field(file('cpu.stat'), 'nr_periods')
      pressure.cpuThrottled = field(file('cpu.stat'), 'nr_throttled')
    }
  }
  return pressure
}

/** A container that outgrows a limit of its own is a lesson, not the sandbox's limit: that one must have been met, too. */
function oomKillsV2(dir: string): number {
  return field(path.join(dir, 'memory.events.local'), 'oom') > 0
    ? field(path.join(dir, 'memory.events'), 'oom_kill')
    : 0
}

function oomKillsV1(dir: string): number {
  const met = number(path.join(dir, 'memory.failcnt')) + number(path.join(dir, 'memory.memsw.failcnt'))
  if (met === 0) return 0
  return below(dir).reduce((sum, each) => sum + field(path.join(each, 'memory.oom_control'), 'oom_kill'), 0)
}
