/** Where cgroup v1 and v2 keep what config.json asks for: names of files, and their numbers in config.json's units. */
import { counters, textOf } from './facts.ts'
import type { Context } from './row.ts'
import type { Json } from './state.ts'

/** A value in config.json's own unit, and as people read it. */
export interface Got {
  value: Json
  shown: string
}

export interface Setting {
  /** Below /linux/resources. */
  pointer: string
  v1: readonly [controller: string, file: string] | null
  v2: string | null
  unit: 'bytes' | 'µs' | 'number' | 'text' | 'flag'
  parse1?: (text: string) => Json
  parse2?: (text: string, c: Context) => Json
  /** Whether the kernel's value is what was asked for, where they need not be the same. */
  fits?: (asked: number, got: number, v2: boolean) => string | null
  /** Why there is no such file on that version. */
  none?: string
}

const UNLIMITED_V1 = 9e18

const limit1 = (text: string): Json => (Number(text) > UNLIMITED_V1 ? -1 : Number(text))
const max = (text: string): Json => (text.trim() === 'max' ? -1 : Number(text))
const first = (text: string): Json => max(text.trim().split(/\s+/)[0] ?? '')
const second = (text: string): Json => Number(text.trim().split(/\s+/)[1])
const pages = (asked: number, got: number) =>
  asked >= 0 && got === Math.floor(asked / 4096) * 4096 ? 'The kernel counts in pages of 4096 bytes.' : null

/** How runc turns shares (v1) into a weight (v2): by the newer formula, or the linear one of before. */
export function weightOf(shares: number): number[] {
  if (shares <= 0) return [0]
  const log = Math.log2(Math.min(Math.max(shares, 2), 262144))
  const newer =
    shares <= 2 ? 1 : shares >= 262144 ? 10000 : Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
  const linear = 1 + Math.floor(((Math.min(Math.max(shares, 2), 262144) - 2) * 9999) / 262142)
  return [newer, linear]
}

export const SETTINGS: readonly Setting[] = [
  {
    pointer: '/memory/limit',
    v1: ['memory', 'memory.limit_in_bytes'],
    v2: 'memory.max',
    unit: 'bytes',
    parse1: limit1,
    parse2: max,
    fits: pages,
  },
  {
    pointer: '/memory/swap',
    v1: ['memory', 'memory.memsw.limit_in_bytes'],
    v2: 'memory.swap.max',
    unit: 'bytes',
    parse1: limit1,
    // config.json counts memory and swap together, as v1 does; v2 counts swap alone.
    parse2: (text, c) => {
      const swap = Number(max(text.trim()))
      const memory = Number(
        max(textOf(c.readings, `R ${c.state?.cgroupPaths['']}/memory.max`)?.trim() ?? 'max'),
      )
      return swap < 0 || memory < 0 ? -1 : swap + memory
    },
    fits: pages,
    none: 'This kernel counts no swap.',
  },
  {
    pointer: '/memory/reservation',
    v1: ['memory', 'memory.soft_limit_in_bytes'],
    v2: 'memory.low',
    unit: 'bytes',
    parse1: limit1,
    parse2: max,
    fits: pages,
  },
  {
    pointer: '/memory/kernel',
    v1: ['memory', 'memory.kmem.limit_in_bytes'],
    v2: null,
    unit: 'bytes',
    parse1: limit1,
    none: 'Kernel memory is no limit of its own any more: it counts as memory. runc ignores it.',
  },
  {
    pointer: '/memory/kernelTCP',
    v1: ['memory', 'memory.kmem.tcp.limit_in_bytes'],
    v2: null,
    unit: 'bytes',
    parse1: limit1,
    none: 'Only cgroup v1 has it.',
  },
  {
    pointer: '/memory/swappiness',
    v1: ['memory', 'memory.swappiness'],
    v2: null,
    unit: 'number',
    none: 'Only cgroup v1 has it for each cgroup.',
  },
  {
    pointer: '/memory/disableOOMKiller',
    v1: ['memory', 'memory.oom_control'],
    v2: null,
    unit: 'flag',
    parse1: (text) => counters(text).get('oom_kill_disable') === 1,
    none: 'On cgroup v2 the OOM killer cannot be switched off.',
  },
  {
    pointer: '/memory/useHierarchy',
    v1: ['memory', 'memory.use_hierarchy'],
    v2: null,
    unit: 'flag',
    parse1: (text) => text.trim() === '1',
    none: 'On cgroup v2 it is always so.',
  },
  {
    pointer: '/cpu/shares',
    v1: ['cpu', 'cpu.shares'],
    v2: 'cpu.weight',
    unit: 'number',
    fits: (asked, got, v2) =>
      v2 && weightOf(asked).includes(got) ? `${asked} shares are a weight of ${got} on cgroup v2.` : null,
  },
  { pointer: '/cpu/quota', v1: ['cpu', 'cpu.cfs_quota_us'], v2: 'cpu.max', unit: 'µs', parse2: first },
  { pointer: '/cpu/period', v1: ['cpu', 'cpu.cfs_period_us'], v2: 'cpu.max', unit: 'µs', parse2: second },
  { pointer: '/cpu/burst', v1: ['cpu', 'cpu.cfs_burst_us'], v2: 'cpu.max.burst', unit: 'µs' },
  { pointer: '/cpu/idle', v1: ['cpu', 'cpu.idle'], v2: 'cpu.idle', unit: 'number' },
  {
    pointer: '/cpu/realtimeRuntime',
    v1: ['cpu', 'cpu.rt_runtime_us'],
    v2: null,
    unit: 'µs',
    none: 'cgroup v2 has no real-time budget.',
  },
  {
    pointer: '/cpu/realtimePeriod',
    v1: ['cpu', 'cpu.rt_period_us'],
    v2: null,
    unit: 'µs',
    none: 'cgroup v2 has no real-time budget.',
  },
  { pointer: '/cpu/cpus', v1: ['cpuset', 'cpuset.cpus'], v2: 'cpuset.cpus', unit: 'text' },
  { pointer: '/cpu/mems', v1: ['cpuset', 'cpuset.mems'], v2: 'cpuset.mems', unit: 'text' },
  {
    pointer: '/pids/limit',
    v1: ['pids', 'pids.max'],
    v2: 'pids.max',
    unit: 'number',
    parse1: max,
    parse2: max,
    fits: (asked, got) => (asked <= 0 && got === -1 ? '0 and less mean: no limit.' : null),
  },
  {
    pointer: '/blockIO/weight',
    v1: ['blkio', 'blkio.bfq.weight'],
    v2: 'io.bfq.weight',
    unit: 'number',
    parse1: first,
    parse2: (text) => Number(text.trim().split(/\s+/).at(-1)),
    none: 'Weights need the BFQ scheduler, which this kernel has not.',
  },
  {
    pointer: '/network/classID',
    v1: ['net_cls', 'net_cls.classid'],
    v2: null,
    unit: 'number',
    none: 'cgroup v2 has no network classes.',
  },
]

/** Usage and events, for gauges and the timeline. */
export const COUNTER_FILES = {
  v1: {
    memory: ['memory.usage_in_bytes', 'memory.max_usage_in_bytes', 'memory.oom_control', 'memory.failcnt'],
    cpu: ['cpu.stat'],
    cpuacct: ['cpuacct.usage'],
    pids: ['pids.current', 'pids.events'],
    freezer: ['freezer.state'],
  },
  v2: [
    'memory.current',
    'memory.peak',
    'memory.events',
    'cpu.stat',
    'pids.current',
    'pids.events',
    'cgroup.events',
    'cgroup.controllers',
  ],
} as const

/** Lists of `{major, minor, rate}` in config.json, and the words that io.max has for them. */
export const THROTTLES = [
  ['throttleReadBpsDevice', 'blkio.throttle.read_bps_device', 'rbps'],
  ['throttleWriteBpsDevice', 'blkio.throttle.write_bps_device', 'wbps'],
  ['throttleReadIOPSDevice', 'blkio.throttle.read_iops_device', 'riops'],
  ['throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device', 'wiops'],
] as const

/** The path of a file on the version that the container is on; null if it has no such cgroup or there is no such file. */
export function cgroupFile(
  c: Pick<Context, 'v2' | 'state'>,
  v1: readonly [string, string] | null,
  v2: string | null,
): string | null {
  const paths = c.state?.cgroupPaths ?? {}
  if (c.v2) return v2 === null ? null : `${paths['']}/${v2}`
  const dir =
    v1 && (paths[v1[0]] ?? Object.entries(paths).find(([name]) => name.split(',').includes(v1[0]))?.[1])
  return dir ? `${dir}/${v1[1]}` : null
}
