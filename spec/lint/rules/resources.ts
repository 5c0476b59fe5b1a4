/** Rules about `linux.resources`: limits that the kernel refuses, that mean nothing, or that were meant otherwise. */
import type { Int, LinuxCPU, LinuxMemory } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { failed, initFailed, startFailed } from '../diagnostic.ts'
import { blockRules } from './block-io.ts'

const setFailed = (reason: string) =>
  initFailed(`error setting cgroup config for procHooks process: ${reason}`)
const writeFailed = (value: Int | string, file: string, reason = 'invalid argument') =>
  setFailed(`failed to write "${value}": write /sys/fs/cgroup/…/${file}: ${reason}`)

export { setFailed, writeFailed }

export function resourceRules(context: Context): void {
  const { resources } = context.spec.linux ?? {}
  if (!resources) return
  if (resources.memory) memoryRules(context, resources.memory)
  if (resources.cpu) cpuRules(context, resources.cpu)
  pidsRules(context)
  blockRules(context)
}

/** `refused` on one cgroup version only: what is known about the host decides. */
export function onVersion(context: Context, version: 'v1' | 'v2'): 'refused' | 'fails-later' | null {
  if (!context.host) return 'fails-later'
  const own = context.host.cgroup === 'v2' ? 'v2' : 'v1'
  return own === version ? 'refused' : null
}

const MIB = 1_048_576

function memoryRules(context: Context, memory: LinuxMemory): void {
  const at = '/linux/resources/memory'
  const { limit = 0, swap = 0, reservation = 0, swappiness } = memory
  const unlimited = limit === 0 || limit < 0
  if (limit > 0 && limit < 2 * MIB) {
    const tiny = limit < 65_536
    context.report({
      id: 'memory-limit-tiny',
      severity: 'refused',
      pointer: `${at}/limit`,
      message: `A limit of ${limit} bytes is too small to start anything.${tiny ? ` Did you mean ${limit} MiB, ${BigInt(limit) * BigInt(MIB)}?` : ''}`,
      runc: setFailed(`unable to set memory limit to ${limit} (current usage: 2600960, peak usage: 2772992)`),
      why: 'The unit is bytes, and runc itself needs a few megabytes before the program starts.',
      fix: {
        title: tiny ? `Write ${BigInt(limit) * BigInt(MIB)}` : 'Use 64 MiB',
        edits: context.set(`${at}/limit`, tiny ? BigInt(limit) * BigInt(MIB) : 67_108_864),
      },
    })
  } else if (limit > 0 && limit < 8 * MIB)
    context.report({
      id: 'memory-limit-tiny',
      severity: 'fails-later',
      pointer: `${at}/limit`,
      message: `A limit of ${limit} bytes is hardly enough to start anything.`,
      runc: startFailed('container init was OOM-killed (memory limit too low?)'),
      why: 'runc itself needs about 3 to 6 MiB in the container before the program starts.',
      fix: { title: 'Use 64 MiB', edits: context.set(`${at}/limit`, 67_108_864) },
    })
  for (const name of ['limit', 'swap', 'reservation'] as const) {
    const value = memory[name]
    if (value !== undefined && value < -1)
      context.report({
        id: 'memory-negative',
        severity: 'refused',
        pointer: `${at}/${name}`,
        message: 'The only negative value is -1, for no limit.',
        runc: writeFailed(
          value,
          {
            limit: 'memory.limit_in_bytes',
            swap: 'memory.memsw.limit_in_bytes',
            reservation: 'memory.soft_limit_in_bytes',
          }[name],
        ),
        why: 'The kernel refuses other negative numbers.',
        fix: { title: 'Write -1', edits: context.set(`${at}/${name}`, -1) },
      })
    else if (value === 0)
      context.report({
        id: 'memory-zero',
        severity: 'no-effect',
        pointer: `${at}/${name}`,
        message: '0 counts as not set.',
        why:
          name === 'swap'
            ? 'To allow no swap at all, set swap to the same number as limit.'
            : 'Zero and missing are the same to runc.',
        fix: { title: 'Delete it', edits: context.remove(`${at}/${name}`) },
      })
  }
  if (swap > 0 && unlimited)
    context.report({
      id: 'memory-swap-without-limit',
      severity: 'refused',
      pointer: `${at}/swap`,
      message: '"swap" needs a "limit": it is memory and swap together.',
      runc: writeFailed(swap, 'memory.memsw.limit_in_bytes'),
      why: 'On cgroup v2 runc says "unable to set swap limit without memory limit".',
      fix: { title: 'Set limit to the same number', edits: context.set(`${at}/limit`, swap) },
    })
  else if (swap > 0 && swap < limit)
    context.report({
      id: 'memory-swap-below-limit',
      severity: 'refused',
      pointer: `${at}/swap`,
      message: `"swap" is memory and swap together, so it cannot be below limit, ${limit}.`,
      runc: writeFailed(swap, 'memory.memsw.limit_in_bytes'),
      why: 'On cgroup v2 runc says "memory+swap limit should be >= memory limit".',
      fix: { title: 'Set swap to limit: no swap', edits: context.set(`${at}/swap`, limit) },
    })
  if (reservation > 0 && limit > 0 && reservation > limit)
    context.report({
      id: 'memory-reservation-above-limit',
      severity: 'no-effect',
      pointer: `${at}/reservation`,
      message: 'A reservation above the limit is never reached.',
      why: 'It is a soft limit that counts when the machine is short of memory.',
    })
  if (swappiness !== undefined && swappiness > 100) {
    const severity = onVersion(context, 'v1')
    context.report({
      id: 'memory-swappiness',
      severity: severity ?? 'no-effect',
      pointer: `${at}/swappiness`,
      message: 'swappiness goes from 0 to 100.',
      runc: severity
        ? setFailed(`invalid memory swappiness value: ${swappiness} (valid range is 0-100)`)
        : null,
      why: 'On cgroup v2 runc ignores it.',
      fix: { title: 'Write 100', edits: context.set(`${at}/swappiness`, 100) },
    })
  }
  for (const name of ['kernel', 'kernelTCP'] as const)
    if (memory[name] !== undefined)
      context.report({
        id: 'memory-kernel',
        severity: 'no-effect',
        pointer: `${at}/${name}`,
        message: 'runc ignores limits of kernel memory.',
        runc: 'Kernel memory settings are ignored and will be removed',
        why: 'Kernels of today count it with the rest.',
        fix: { title: 'Delete it', edits: context.remove(`${at}/${name}`) },
      })
  if (memory.useHierarchy !== undefined)
    context.report({
      id: 'memory-hierarchy',
      severity: 'no-effect',
      pointer: `${at}/useHierarchy`,
      message: 'runc ignores "useHierarchy".',
      why: 'Memory is always counted with that of the cgroups below.',
      fix: { title: 'Delete it', edits: context.remove(`${at}/useHierarchy`) },
    })
}

function cpuRules(context: Context, cpu: LinuxCPU): void {
  const at = '/linux/resources/cpu'
  const { quota = 0, period = 0, shares = 0, burst, idle } = cpu
  if (quota > 0 && quota < 1000)
    context.report({
      id: 'cpu-quota-tiny',
      severity: 'refused',
      pointer: `${at}/quota`,
      message: `A quota of ${quota} microseconds is below the smallest, 1000.${quota <= 100 ? ' It is no percentage and no number of processors.' : ''}`,
      runc: writeFailed(quota, 'cpu.cfs_quota_us'),
      why: 'quota is the time in microseconds that the container may run within each period of 100000 (unless period says otherwise).',
      fix: {
        title: 'Half a processor: write 50000',
        edits: context.set(`${at}/quota`, 50_000),
      },
    })
  else if (quota === 0 && cpu.quota !== undefined)
    context.report({
      id: 'cpu-zero',
      severity: 'no-effect',
      pointer: `${at}/quota`,
      message: '0 counts as not set.',
      why: 'Zero and missing are the same to runc.',
      fix: { title: 'Delete it', edits: context.remove(`${at}/quota`) },
    })
  else if (quota < -1)
    context.report({
      id: 'cpu-quota-negative',
      severity: 'style',
      pointer: `${at}/quota`,
      message: 'Any negative quota means no limit; the usual one is -1.',
      why: 'runc and the kernel take them all for "no limit".',
      fix: { title: 'Write -1', edits: context.set(`${at}/quota`, -1) },
    })
  if (period > 0 && (period < 1000 || period > 1_000_000))
    context.report({
      id: 'cpu-period-range',
      severity: 'refused',
      pointer: `${at}/period`,
      message: 'A period lasts from 1000 to 1000000 microseconds.',
      runc: writeFailed(period, 'cpu.cfs_period_us'),
      why: 'That is 1 ms to 1 s; 100000 is usual.',
      fix: { title: 'Write 100000', edits: context.set(`${at}/period`, 100_000) },
    })
  if (shares === 1 || shares > 262_144) {
    const severity = onVersion(context, 'v1')
    context.report({
      id: 'cpu-shares-range',
      severity: severity ?? 'no-effect',
      pointer: `${at}/shares`,
      message: 'Shares go from 2 to 262144.',
      runc: severity
        ? setFailed(
            shares === 1 ? 'the minimum allowed cpu-shares is 2' : 'the maximum allowed cpu-shares is 262144',
          )
        : null,
      why: 'On cgroup v2 runc turns them into a weight from 1 to 10000 and does not complain.',
      fix: { title: 'Write 1024', edits: context.set(`${at}/shares`, 1024) },
    })
  }
  if (burst !== undefined && burst > 0 && (quota <= 0 || burst > quota))
    context.report({
      id: 'cpu-burst',
      severity: quota > 0 && burst > quota ? 'refused' : 'fails-later',
      pointer: `${at}/burst`,
      message: quota > 0 ? 'burst cannot be above quota.' : 'burst needs a quota.',
      runc: writeFailed(burst, 'cpu.cfs_burst_us'),
      why: 'It is time saved up from earlier periods, at most one quota.',
    })
  if (idle !== undefined && idle !== 0 && idle !== 1)
    context.report({
      id: 'cpu-idle-range',
      severity: 'refused',
      pointer: `${at}/idle`,
      message: 'idle is 0 or 1.',
      runc: writeFailed(idle, 'cpu.idle'),
      why: '1 means: only when nobody else wants the processor.',
      fix: { title: 'Write 1', edits: context.set(`${at}/idle`, 1) },
    })
  for (const name of ['cpus', 'mems'] as const)
    if (cpu[name]) listRules(context, name, cpu[name], `${at}/${name}`)
  for (const name of ['realtimeRuntime', 'realtimePeriod'] as const)
    if (cpu[name] !== undefined && cpu[name] !== 0)
      context.report({
        id: 'cpu-realtime',
        severity: 'fails-later',
        pointer: `${at}/${name}`,
        message: 'Most kernels are built without limits for realtime processes, and cgroup v2 has none.',
        runc: writeFailed(
          cpu[name],
          name === 'realtimePeriod' ? 'cpu.rt_period_us' : 'cpu.rt_runtime_us',
          'permission denied',
        ),
        why: 'It needs cgroup v1 and a kernel with CONFIG_RT_GROUP_SCHED.',
      })
  const processors = context.host?.cpus
  if (processors && quota > 0 && Number(quota) / Number(period || 100_000) > processors)
    context.report({
      id: 'cpu-quota-above-machine',
      severity: 'no-effect',
      pointer: `${at}/quota`,
      message: `This allows more processors than there are, ${processors}.`,
      why: 'quota divided by period is the number of processors.',
    })
}

/** The kernel's form of a list of numbers: `0-3,5`. */
function listRules(context: Context, name: 'cpus' | 'mems', list: string, pointer: string): void {
  const applyFailed = (reason: string) =>
    startFailed(
      `unable to apply cgroup configuration: failed to write "${list}": write /sys/fs/cgroup/…/cpuset.${name}: ${reason}`,
    )
  const wellFormed = list
    .replace(/\n$/, '')
    .split(/[\s,]/)
    .every((part) => {
      if (part === '' || part === 'all') return true
      const range = /^(\d+|N)(?:-(\d+|N)(?::\d+\/\d+)?)?$/i.exec(part)
      return range !== null && !(Number(range[1]) > Number(range[2]))
    })
  const highest = Math.max(-1, ...[...list.matchAll(/\d+/g)].map(([digits]) => Number(digits)))
  const last = name === 'cpus' ? (context.host?.cpus ?? 0) - 1 : 0
  if (!wellFormed)
    context.report({
      id: 'cpuset-format',
      severity: 'refused',
      pointer,
      message: `"${list}" is no list of ${name === 'cpus' ? 'processors' : 'memory nodes'}.`,
      runc: applyFailed('invalid argument'),
      why: 'The kernel reads numbers and ranges, separated by commas, such as "0-3,5".',
    })
  else if (highest > 8191)
    context.report({
      id: 'cpuset-range',
      severity: 'refused',
      pointer,
      message: `No kernel has a number ${highest} there.`,
      runc: applyFailed('numerical result out of range'),
      why: 'Numbers count from 0.',
    })
  else if (context.host?.cpus ? highest > last && name === 'cpus' : highest > (name === 'cpus' ? 63 : 0))
    context.report({
      id: 'cpuset-range',
      severity: context.host?.cpus && context.host.cgroup !== 'v2' ? 'refused' : 'fails-later',
      pointer,
      message: context.host?.cpus
        ? `There are only processors 0 to ${last}.`
        : `Not every machine has a number ${highest} there.`,
      runc: applyFailed('numerical result out of range'),
      why: 'Numbers count from 0. `nproc` says how many processors there are.',
    })
}

function pidsRules(context: Context): void {
  const { pids } = context.spec.linux?.resources ?? {}
  if (!pids) return
  const { limit } = pids
  const pointer = '/linux/resources/pids/limit'
  if (limit === undefined || limit === 0)
    context.report({
      id: 'pids-zero',
      severity: 'no-effect',
      pointer,
      message:
        limit === 0 ? '0 counts as not set: there is no limit.' : '"pids" without a limit does nothing.',
      why: 'runc writes only limits other than 0. It takes -1 for "max".',
      fix: { title: 'Allow 64 processes', edits: context.set(pointer, 64) },
    })
  else if (limit > 4_194_304)
    context.report({
      id: 'pids-too-many',
      severity: 'refused',
      pointer,
      message: 'Linux has at most 4194304 processes.',
      runc: writeFailed(limit, 'pids.max'),
      why: 'For no limit write -1.',
      fix: { title: 'Write -1: no limit', edits: context.set(pointer, -1) },
    })
  else if (limit < -1)
    context.report({
      id: 'pids-negative',
      severity: 'style',
      pointer,
      message: 'Any negative number means no limit; the usual one is -1.',
      why: 'runc writes "max" for each of them.',
      fix: { title: 'Write -1', edits: context.set(pointer, -1) },
    })
  else if (limit > 0 && limit < 3)
    context.report({
      id: 'pids-tiny',
      severity: 'fails-later',
      pointer,
      message: `With ${limit} process${limit === 1 ? '' : 'es'} the program can start hardly anything.`,
      why: 'Threads count too.',
    })
}

export { failed }
