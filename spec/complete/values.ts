/** The values that fields take, where they are words out of a list. */
import {
  CAPABILITIES,
  IOPRIO_CLASSES,
  MOUNT_OPTIONS,
  NAMESPACES,
  PROPAGATIONS,
  RLIMITS,
  SCHED_FLAGS,
  SCHED_POLICIES,
  SECCOMP_ACTIONS,
  SECCOMP_ARCHS,
  SECCOMP_FLAGS,
  SECCOMP_OPERATORS,
} from '../lint/names.ts'
import { SYSCALLS } from './syscalls.ts'

/** What the machine at hand has, in place of what there is in general. */
export interface Machine {
  capabilities?: readonly string[]
  filesystems?: readonly string[]
  mountOptions?: readonly string[]
  sysctls?: readonly string[]
}

const FILESYSTEMS = ['proc', 'tmpfs', 'sysfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2', 'overlay']

/** Fields by a pattern of their pointer; `*` is any part. */
const VALUES: [pattern: string, values: (machine: Machine) => readonly string[]][] = [
  ['/process/capabilities/*/*', ({ capabilities }) => capabilities ?? CAPABILITIES],
  ['/process/rlimits/*/type', () => RLIMITS],
  ['/process/scheduler/policy', () => SCHED_POLICIES],
  ['/process/scheduler/flags/*', () => SCHED_FLAGS],
  ['/process/ioPriority/class', () => IOPRIO_CLASSES],
  ['/mounts/*/type', ({ filesystems }) => ['bind', ...(filesystems ?? FILESYSTEMS)]],
  ['/mounts/*/options/*', ({ mountOptions }) => mountOptions ?? MOUNT_OPTIONS],
  ['/linux/namespaces/*/type', () => NAMESPACES],
  ['/linux/rootfsPropagation', () => PROPAGATIONS],
  ['/linux/devices/*/type', () => ['c', 'b', 'u', 'p']],
  ['/linux/resources/devices/*/type', () => ['a', 'c', 'b']],
  ['/linux/resources/devices/*/access', () => ['rwm', 'rw', 'r', 'w', 'm']],
  ['/linux/seccomp/defaultAction', () => SECCOMP_ACTIONS],
  ['/linux/seccomp/architectures/*', () => SECCOMP_ARCHS],
  ['/linux/seccomp/flags/*', () => SECCOMP_FLAGS],
  ['/linux/seccomp/syscalls/*/action', () => SECCOMP_ACTIONS],
  ['/linux/seccomp/syscalls/*/args/*/op', () => SECCOMP_OPERATORS],
  ['/linux/seccomp/syscalls/*/names/*', () => SYSCALLS],
  ['/linux/personality/domain', () => ['LINUX', 'LINUX32']],
]

/** Keys that are values of a kind: of maps. */
const KEYS: [pattern: string, keys: (machine: Machine) => readonly string[]][] = [
  ['/linux/sysctl', ({ sysctls }) => sysctls ?? []],
  ['/linux/timeOffsets', () => ['monotonic', 'boottime']],
]

function lookUp<T>(table: [string, T][], path: readonly (string | number)[]): T | null {
  const fits = (pattern: string) => {
    const parts = pattern.slice(1).split('/')
    return parts.length === path.length && parts.every((part, i) => part === '*' || part === String(path[i]))
  }
  return table.find(([pattern]) => fits(pattern))?.[1] ?? null
}

export const valuesAt = (path: readonly (string | number)[], machine: Machine): readonly string[] =>
  lookUp(VALUES, path)?.(machine) ?? []

export const keysAt = (path: readonly (string | number)[], machine: Machine): readonly string[] =>
  lookUp(KEYS, path)?.(machine) ?? []
