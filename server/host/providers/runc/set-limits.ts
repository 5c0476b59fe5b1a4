/** Writes limits into cgroups: of one sandbox, and of all of them together. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { DiskSpeed } from './disk-speed.ts'
import type { Hierarchy } from './hierarchies.ts'

export interface Limits extends Partial<DiskSpeed> {
  memoryBytes: number
  /** On top of that, where the kernel counts swap. */
  swapBytes: number
  pids: number
  /** Processors' worth of time; 1.5 is one and a half. */
  cpus: number
  /** For each process. */
  openFiles: number
  /** Pseudo-terminals. */
  ptys: number
}

/** Of all sandboxes; 0: what fits this machine. */
export interface Totals {
  memoryBytes: number
  pids: number
  cpus: number
}

const MIB = 1024 * 1024

/** All of the machine's memory but a quarter, and but 768 MiB at least: for the lab itself and the host. */
const fittingMemory = () => {
  const all = os.totalmem()
  return Math.max(256 * MIB, all - Math.max(all / 4, 768 * MIB))
}

/** Three quarters of the ids and threads that the kernel can have. */
function fittingPids(): number {
  const most = ['pid_max', 'threads-max'].map((name) => {
    try {
      return Number(fs.readFileSync(`/proc/sys/kernel/${name}`, 'utf8'))
    } catch {
      return 32_768
    }
  })
  return Math.floor(Math.min(...most) * 0.75)
}

/** The hard limit of this process: whoever enters a user namespace cannot raise theirs above it. */
export function mostOpenFiles(): number {
  const found = /^Max open files +\S+ +(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'))
  return found ? Number(found[1]) : Number.POSITIVE_INFINITY
}

export function setLimits(h: Hierarchy, dir: string, limits: Limits): void {
  const { memoryBytes, swapBytes, pids, cpus } = limits
  write(h, dir, { memoryBytes, swapBytes, pids, cpus })
}

export function setTotals(h: Hierarchy, dir: string, totals: Totals): void {
  const memoryBytes = Math.floor(totals.memoryBytes || fittingMemory())
  // Less than what kept sandboxes use is refused: they go on, and the limit holds from the next start without them.
  ifThere(() => write(h, dir, { memoryBytes, pids: totals.pids || fittingPids(), cpus: totals.cpus }))
}

interface Wanted {
  memoryBytes: number
  swapBytes?: number
  pids: number
  /** 0: no limit. */
  cpus: number
}

function write(h: Hierarchy, dir: string, wanted: Wanted): void {
  const set = (file: string, value: number | string) =>
    fs.writeFileSync(path.join(dir, file), String(value), { flag: 'r+' })
  const has = (controller: string) => h.controllers.includes(controller)
  const quota = Math.round(wanted.cpus * 100_000)
  const { memoryBytes, swapBytes } = wanted
  if (h.version === 2) {
    if (has('memory')) {
      set('memory.max', memoryBytes)
      if (swapBytes !== undefined) ifThere(() => set('memory.swap.max', swapBytes))
    }
    if (has('pids')) set('pids.max', wanted.pids)
    if (has('cpu')) set('cpu.max', quota ? `${quota} 100000` : 'max 100000')
    return
  }
  if (has('memory')) setMemoryV1(set, memoryBytes, swapBytes)
  if (has('pids')) set('pids.max', wanted.pids)
  if (has('cpu')) {
    set('cpu.cfs_period_us', 100_000)
    set('cpu.cfs_quota_us', quota || -1)
  }
}

/** Memory with swap may never be less than memory alone, so that a higher limit is set from the other end. */
function setMemoryV1(set: (file: string, value: number) => void, bytes: number, swap: number | undefined) {
  const both = () => {
    if (swap !== undefined) ifThere(() => set('memory.memsw.limit_in_bytes', bytes + swap))
  }
  both()
  set('memory.limit_in_bytes', bytes)
  both()
}

function ifThere(set: () => void): void {
  try {
    set()
  } catch {
    // Not counted by this kernel, or refused because of what is in use or of the other limit.
  }
}
