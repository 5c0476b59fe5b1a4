/** Memory, processor and process counts against their limits, with a short history, from either version of cgroups. */
import { cgroupFile } from './cgroup-files.ts'
import { type Container, counters, type Readings, textOf } from './facts.ts'
import { parseState, type RuncState } from './state.ts'

/** One look at the counters. Null: the file could not be read. */
export interface Sample {
  at: number
  /** Bytes. */
  memory: number | null
  /** Microseconds of processor time since the container began. */
  cpu: number | null
  pids: number | null
  /** Periods in which it had to wait for its quota, and for how many microseconds altogether. */
  throttled: number | null
  throttledUs: number | null
  oomKills: number | null
  /** Processes that were refused because of the limit. */
  refused: number | null
}

/** Null: no limit, or it is not known. */
export interface Limits {
  memory: number | null
  /** Processors, such as 0.5. */
  cpu: number | null
  pids: number | null
}

const KEEP_MS = 60_000
/** Two samples closer than this are one. */
const APART_MS = 300

const number = (text: string | null): number | null =>
  text !== null && /^\d+$/.test(text.trim()) ? Number(text.trim()) : null

interface Files {
  state: RuncState | null
  v2: boolean
}

export function filesOf(readings: Readings, container: Container): Files {
  const state = parseState(textOf(readings, `b ${container.dir}/state.json`))
  return { state, v2: state !== null && Object.hasOwn(state.cgroupPaths, '') }
}

function text(readings: Readings, files: Files, v1: readonly [string, string], v2: string): string | null {
  const path = cgroupFile(files, v1, v2)
  return path ? textOf(readings, `r ${path}`, `R ${path}`) : null
}

export function sampleOf(readings: Readings, container: Container, at: number): Sample {
  const files = filesOf(readings, container)
  const read = (v1: readonly [string, string], v2: string) => text(readings, files, v1, v2)
  const stat = counters(read(['cpu', 'cpu.stat'], 'cpu.stat'))
  const nanoseconds = files.v2 ? null : number(read(['cpuacct', 'cpuacct.usage'], ''))
  const events = counters(read(['memory', 'memory.oom_control'], 'memory.events'))
  return {
    at,
    memory: number(read(['memory', 'memory.usage_in_bytes'], 'memory.current')),
    cpu: files.v2
      ? (stat.get('usage_usec') ?? null)
      : nanoseconds === null
        ? null
        : Math.round(nanoseconds / 1000),
    pids: number(read(['pids', 'pids.current'], 'pids.current')),
    throttled: stat.get('nr_throttled') ?? null,
    throttledUs: files.v2
      ? (stat.get('throttled_usec') ?? null)
      : stat.has('throttled_time')
        ? Math.round(stat.get('throttled_time')! / 1000)
        : null,
    oomKills: events.get('oom_kill') ?? null,
    refused: counters(read(['pids', 'pids.events'], 'pids.events')).get('max') ?? null,
  }
}

/** The history with one more look; the last minute is kept. */
export function addSample(
  history: readonly Sample[],
  readings: Readings,
  container: Container | undefined,
  at: number,
): readonly Sample[] {
  if (!container) return history
  const sample = sampleOf(readings, container, at)
  if (sample.memory === null && sample.cpu === null && sample.pids === null) return history
  const last = history.at(-1)
  const kept = last && at - last.at < APART_MS ? history.slice(0, -1) : history
  return [...kept.filter((each) => at - each.at <= KEEP_MS), sample]
}

export function limitsOf(readings: Readings, container: Container): Limits {
  const files = filesOf(readings, container)
  const read = (v1: readonly [string, string], v2: string) => text(readings, files, v1, v2)?.trim() ?? null
  const finite = (value: number | null) => (value === null || value > 9e18 ? null : value)
  const [quota = '', period = ''] = files.v2
    ? (read(['cpu', ''], 'cpu.max')?.split(' ') ?? [])
    : [read(['cpu', 'cpu.cfs_quota_us'], '') ?? '', read(['cpu', 'cpu.cfs_period_us'], '') ?? '']
  return {
    memory: finite(number(read(['memory', 'memory.limit_in_bytes'], 'memory.max'))),
    cpu: Number(quota) > 0 && Number(period) > 0 ? Number(quota) / Number(period) : null,
    pids: number(read(['pids', 'pids.max'], 'pids.max')),
  }
}

/** Processors in use between two samples, such as 0.25; null if one cannot tell. */
export function cpuUse(one: Sample, other: Sample): number | null {
  if (one.cpu === null || other.cpu === null || other.at <= one.at) return null
  return Math.max(0, (other.cpu - one.cpu) / 1000 / (other.at - one.at))
}
