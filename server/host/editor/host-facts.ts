/** What the machine that the learner's runc runs on can do, read inside of the sandbox. */
import type { HostAnswer } from '../../protocol/index.ts'
import type { AgentChannel } from '../agent/channel.ts'

const TIMEOUT_MS = 5000
const MAX_OUTPUT = 512 * 1024

/** Sections of text, each behind a line `== name`; what cannot be read stays empty. */
const SCRIPT = `
part() { printf '\\n== %s\\n' "$1"; }
part mounts; cat /proc/self/mountinfo
part controllers; cat /sys/fs/cgroup/cgroup.controllers /sys/fs/cgroup/unified/cgroup.controllers
part status; cat /proc/self/status
part limits; cat /proc/self/limits
part uids; cat /proc/self/uid_map
part filesystems; cat /proc/filesystems
part cpus; nproc --all; cat /sys/devices/system/cpu/online
part memory; grep MemTotal /proc/meminfo
part hugepages; ls /sys/kernel/mm/hugepages
part sysctls; find /proc/sys/net /proc/sys/kernel /proc/sys/fs/mqueue -type f | head -n 3000
part features; runc features
` // Errors go nowhere: each part is optional.

/** In the order of their bits in the kernel. */
const CAPABILITIES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'

/** What /proc/PID/limits calls them. */
const LIMITS: Record<string, string> = {
  'Max cpu time': 'CPU',
  'Max file size': 'FSIZE',
  'Max data size': 'DATA',
  'Max stack size': 'STACK',
  'Max core file size': 'CORE',
  'Max resident set': 'RSS',
  'Max processes': 'NPROC',
  'Max open files': 'NOFILE',
  'Max locked memory': 'MEMLOCK',
  'Max address space': 'AS',
  'Max file locks': 'LOCKS',
  'Max pending signals': 'SIGPENDING',
  'Max msgqueue size': 'MSGQUEUE',
  'Max nice priority': 'NICE',
  'Max realtime priority': 'RTPRIO',
  'Max realtime timeout': 'RTTIME',
}

/** Rejects with AgentError. */
export async function hostFacts(channel: AgentChannel): Promise<HostAnswer> {
  const script = `{ ${SCRIPT} } 2>/dev/null`
  const { output } = await channel.run(['/bin/bash', '-c', script], {
    timeoutMs: TIMEOUT_MS,
    maxOutput: MAX_OUTPUT,
  })
  return parseHostFacts(output)
}

/** Exported for its test. */
export function parseHostFacts(output: string): HostAnswer {
  const parts = new Map<string, string>()
  for (const part of output.split(/^== /m).slice(1)) {
    const line = part.indexOf('\n')
    parts.set(part.slice(0, line), part.slice(line + 1))
  }
  const lines = (name: string) => (parts.get(name) ?? '').split('\n').filter(Boolean)
  const status = Object.fromEntries(lines('status').map((line) => line.split(/:\s*/, 2) as [string, string]))
  const { cgroup, controllers } = cgroups(lines('mounts'), lines('controllers'))
  const [cpus, cpuset] = lines('cpus')
  const kib = /MemTotal:\s+(\d+) kB/.exec(parts.get('memory') ?? '')?.[1]
  const [first = '', outer = '', count = ''] = lines('uids')[0]?.trim().split(/\s+/) ?? []
  // The whole range onto itself is what a process outside of all user namespaces has.
  const userNamespace = count !== '' && !(first === '0' && outer === '0' && count === '4294967295')
  return {
    cgroup,
    controllers,
    ...(Number(cpus) > 0 && { cpus: Number(cpus) }),
    ...(/^[\d,-]+$/.test(cpuset ?? '') && { cpuset: cpuset! }),
    capabilities: capabilityNames(status.CapBnd ?? ''),
    rlimits: rlimits(lines('limits')),
    userNamespace,
    ...(userNamespace && first === '0' && Number.isSafeInteger(Number(count)) && { ids: Number(count) }),
    filesystems: lines('filesystems').map((line) => line.split('\t').at(-1)!),
    hugepages: lines('hugepages').flatMap((name) => {
      const size = /^hugepages-(\d+)kB$/.exec(name)?.[1]
      return size ? [Number(size)] : []
    }),
    ...(kib && { memoryBytes: Number(kib) * 1024 }),
    sysctls: lines('sysctls').flatMap(sysctlName),
    features: (parts.get('features') ?? '').trim(),
  }
}

function cgroups(mounts: string[], unified: string[]) {
  const own = mounts.flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const point = before.split(' ')[4] ?? ''
    const [type = '', , options = ''] = after.split(' ')
    return point.startsWith('/sys/fs/cgroup') ? [{ point, type, options }] : []
  })
  const v1 = own.filter(({ type }) => type === 'cgroup')
  const v2 = own.some(({ type }) => type === 'cgroup2')
  const cgroup: HostAnswer['cgroup'] = v1.length === 0 ? 'v2' : v2 ? 'hybrid' : 'v1'
  const ofV1 = v1.flatMap(({ options }) => options.split(',').filter((each) => !/^(rw|ro|name=)/.test(each)))
  const ofV2 = unified.flatMap((line) => line.split(' '))
  return { cgroup, controllers: [...new Set([...ofV1, ...ofV2])].filter((name) => /^\w+$/.test(name)) }
}

function capabilityNames(mask: string): string[] {
  if (!/^[0-9a-f]{1,16}$/i.test(mask)) return []
  const bits = BigInt(`0x${mask}`)
  return CAPABILITIES.split(' ').flatMap((name, bit) => ((bits >> BigInt(bit)) & 1n ? [`CAP_${name}`] : []))
}

function rlimits(lines: string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const line of lines) {
    const [, name, hard] = /^(Max [a-z ]+?)\s+(?:\d+|unlimited)\s+(\d+|unlimited)/.exec(line) ?? []
    if (name && hard && LIMITS[name]) found[`RLIMIT_${LIMITS[name]}`] = hard
  }
  return found
}

/** As `linux.sysctl` names it, if it belongs to a namespace of the container. Names with a dot of their own have a slash there. */
function sysctlName(file: string): string[] {
  const relative = file.replace('/proc/sys/', '')
  if (!/^(net\/|fs\/mqueue\/|kernel\/(msg|shm|sem)[a-z_]*$|kernel\/domainname$)/.test(relative)) return []
  const name = relative.replace(/[./]/g, (char) => (char === '/' ? '.' : '/'))
  return name.length < 200 ? [name] : []
}
