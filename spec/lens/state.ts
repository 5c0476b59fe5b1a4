/** runc's own record of a container: what it made of config.json when it created it, turned back into config.json's words. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function parseJson(text: string | null): JsonObject | null {
  try {
    const value = JSON.parse(text ?? '')
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** The value at a JSON pointer; undefined if there is none. */
export function valueAt(root: Json | undefined | null, pointer: string): Json | undefined {
  let at: Json | undefined | null = root
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) at = /^\d+$/.test(key) ? at[Number(key)] : undefined
    else if (isObject(at)) at = Object.hasOwn(at, key) ? at[key] : undefined
    else return undefined
  }
  return at ?? (at === null ? null : undefined)
}

export const escapePointer = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')

/** `state.json` of a container, as far as the lens uses it. */
export interface RuncState {
  id: string
  created: string
  bundle: string
  /** Directories by controller; on cgroup v2 one, under the empty name. */
  cgroupPaths: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
  version: string
  hooks: JsonObject
  raw: JsonObject
}

export function parseState(text: string | null): RuncState | null {
  const raw = parseJson(text)
  const config = raw && isObject(raw.config) ? raw.config : null
  if (!raw || !config) return null
  const paths = isObject(raw.cgroup_paths) ? raw.cgroup_paths : {}
  const labels = Array.isArray(config.labels)
    ? config.labels.filter((label) => typeof label === 'string')
    : []
  const pairs = labels.map((label) => {
    const equals = label.indexOf('=')
    return [label.slice(0, equals), label.slice(equals + 1)] as const
  })
  return {
    id: String(raw.id ?? ''),
    created: String(raw.created ?? ''),
    bundle: pairs.find(([name]) => name === 'bundle')?.[1] ?? '',
    cgroupPaths: Object.fromEntries(
      Object.entries(paths).flatMap(([name, path]) => (typeof path === 'string' ? [[name, path]] : [])),
    ),
    annotations: Object.fromEntries(pairs.filter(([name]) => name !== 'bundle')),
    version: typeof config.version === 'string' ? config.version : '',
    hooks: isObject(config.Hooks) ? config.Hooks : {},
    raw,
  }
}

const NAMESPACES: Record<string, string> = {
  NEWPID: 'pid',
  NEWNET: 'network',
  NEWIPC: 'ipc',
  NEWUTS: 'uts',
  NEWNS: 'mount',
  NEWUSER: 'user',
  NEWCGROUP: 'cgroup',
  NEWTIME: 'time',
}

/** Flags of mount(2) that options of config.json become. */
const MOUNT_FLAGS: [number, string][] = [
  [1, 'ro'],
  [2, 'nosuid'],
  [4, 'nodev'],
  [8, 'noexec'],
  [1024, 'noatime'],
  [2048, 'nodiratime'],
  [2097152, 'relatime'],
  [16777216, 'strictatime'],
]

function fromMount(mount: Json): Json {
  if (!isObject(mount)) return mount
  const flags = Number(mount.flags ?? 0)
  const bind = (flags & 4096) !== 0
  const recursive = (flags & 16384) !== 0
  const data = typeof mount.data === 'string' && mount.data ? mount.data.split(',') : []
  const options = [
    ...(bind ? [recursive ? 'rbind' : 'bind'] : []),
    ...MOUNT_FLAGS.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name),
    ...data,
  ]
  const { source = '', destination = '' } = mount
  return { destination, type: bind ? 'bind' : (mount.device ?? ''), source, options }
}

/**
 * config.json as runc understood it, for a container whose file has been edited since and was not seen before: only the
 * fields that runc keeps. The process's arguments, environment, directory and user are not among them.
 */
export function configFromState(state: RuncState): JsonObject {
  const config = state.raw.config as JsonObject
  const capabilities = isObject(config.capabilities) ? config.capabilities : {}
  const cgroups = isObject(config.cgroups) ? config.cgroups : {}
  const some = (entries: [string, Json | undefined][]): JsonObject =>
    Object.fromEntries(
      entries.filter((entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== null),
    )
  const positive = (value: Json | undefined) => (typeof value === 'number' && value !== 0 ? value : undefined)
  const memory = some([
    ['limit', positive(cgroups.memory)],
    ['reservation', positive(cgroups.memory_reservation)],
    ['swap', positive(cgroups.memory_swap)],
  ])
  const cpu = some([
    ['shares', positive(cgroups.cpu_shares)],
    ['quota', positive(cgroups.cpu_quota)],
    ['period', positive(cgroups.cpu_period)],
    ['cpus', cgroups.cpuset_cpus || undefined],
    ['mems', cgroups.cpuset_mems || undefined],
  ])
  const namespaces = (Array.isArray(config.namespaces) ? config.namespaces : []).map((each) => {
    const { type = '', path = '' } = isObject(each) ? each : {}
    const name = NAMESPACES[String(type)] ?? String(type).toLowerCase()
    const own: JsonObject = path ? { type: name, path } : { type: name }
    return own
  })
  return some([
    ['ociVersion', state.version],
    ['hostname', config.hostname || undefined],
    ['domainname', config.domainname || undefined],
    ['root', { path: config.rootfs ?? '', readonly: config.readonlyfs ?? false }],
    ['mounts', Array.isArray(config.mounts) ? config.mounts.map(fromMount) : undefined],
    [
      'process',
      some([
        ['noNewPrivileges', config.no_new_privileges],
        ['oomScoreAdj', config.oom_score_adj],
        [
          'capabilities',
          some(
            ['Bounding', 'Effective', 'Permitted', 'Inheritable', 'Ambient'].map((set) => [
              set.toLowerCase(),
              capabilities[set],
            ]),
          ),
        ],
      ]),
    ],
    [
      'linux',
      some([
        ['namespaces', namespaces],
        ['maskedPaths', config.mask_paths],
        ['readonlyPaths', config.readonly_paths],
        ['sysctl', config.sysctl],
        ['uidMappings', idMappings(config.uid_mappings)],
        ['gidMappings', idMappings(config.gid_mappings)],
        [
          'resources',
          some([
            ['memory', Object.keys(memory).length ? memory : undefined],
            ['cpu', Object.keys(cpu).length ? cpu : undefined],
            ['pids', positive(cgroups.pids_limit) ? { limit: cgroups.pids_limit as Json } : undefined],
          ]),
        ],
        ['seccomp', isObject(config.seccomp) ? { defaultAction: 'as runc read it' } : undefined],
      ]),
    ],
  ])
}

function idMappings(value: Json | undefined): Json | undefined {
  if (!Array.isArray(value)) return undefined
  return value.map((each) => {
    const { container_id = 0, host_id = 0, size = 0 } = isObject(each) ? each : {}
    return { containerID: container_id, hostID: host_id, size }
  })
}
