/**
 * What the collector has to read about one container, as its plan: a letter, a space, and what. Pure.
 *
 * r and R a file (each time, every third time), b a large file when it has changed, c the configuration at the
 * container's start, l a link, s a node, w a terminal's size, i the I/O priority, n a file or `uname` in namespaces,
 * p all processes.
 */
import { COUNTER_FILES, cgroupFile, SETTINGS, THROTTLES } from './cgroup-files.ts'
import { type Container, NAMESPACE_TYPES } from './facts.ts'
import { sysctlEntry } from './families/kernel.ts'
import { objects, strings } from './row.ts'
import { type JsonObject, type RuncState, valueAt } from './state.ts'

/** Longer paths are no use, and entries are separated by NUL. */
const isPath = (path: string) => path.startsWith('/') && path.length < 4096 && !path.includes('\0')

/** The first entries: with their readings, `planOf` can say the rest. */
export function firstPlan(container: Container): string[] {
  const config = `${container.bundle}/config.json`
  const known = container.bundle.startsWith('/') ? [`b ${config}`, `s ${config}`] : []
  return [`b ${container.dir}/state.json`, `c ${container.dir}`, ...known, ...dockerPlan(container)]
}

function dockerPlan({ owner, id }: Container): string[] {
  if (owner !== 'docker' || !/^[\w.-]+$/.test(id)) return []
  return ['config.v2.json', 'hostconfig.json'].map((file) => `b /var/lib/docker/containers/${id}/${file}`)
}

const PROC_FAST = ['status', 'stat', 'cmdline', 'environ', 'cgroup', 'oom_score_adj', 'oom_score']
const PROC_SLOW = [
  'mountinfo',
  'limits',
  'uid_map',
  'gid_map',
  'setgroups',
  'timens_offsets',
  'personality',
  'net/dev',
  'attr/current',
  'attr/apparmor/current',
]
const PROC_LINKS = ['exe', 'cwd', 'root', 'fd/0', 'fd/1', 'fd/2']
const SANDBOX = [
  'R /proc/self/status',
  'R /proc/self/mountinfo',
  'R /proc/self/oom_score_adj',
  'R /proc/self/cgroup',
  'R /sys/fs/cgroup/devices/devices.list',
  'R /proc/sys/kernel/cap_last_cap',
]

/** Everything. `config` is what the container was made from, as far as it is known. */
export function planOf(container: Container, config: JsonObject | null, state: RuncState | null): string[] {
  const plan = new Set([...firstPlan(container), ...SANDBOX, 'p'])
  for (const type of NAMESPACE_TYPES) plan.add(`l /proc/self/ns/${type}`)
  if (container.pid > 0 && ['created', 'running', 'paused'].includes(container.phase))
    processPlan(plan, container, config)
  cgroupPlan(plan, config, state)
  return [...plan].filter((entry) => !/^[rRbsl] /.test(entry) || isPath(entry.slice(2))).slice(0, 500)
}

function processPlan(plan: Set<string>, { pid }: Container, config: JsonObject | null): void {
  const proc = (name: string) => `/proc/${pid}/${name}`
  for (const name of PROC_FAST) plan.add(`r ${proc(name)}`)
  for (const name of PROC_SLOW) plan.add(`R ${proc(name)}`)
  for (const name of PROC_LINKS) plan.add(`l ${proc(name)}`)
  for (const type of NAMESPACE_TYPES) plan.add(`l ${proc(`ns/${type}`)}`)
  plan.add(`n ${pid} u uname`)
  const at = (pointer: string) => valueAt(config, pointer)
  if (at('/process/consoleSize')) plan.add(`w ${proc('fd/0')}`)
  if (at('/process/ioPriority')) plan.add(`i ${pid}`)
  for (const key of Object.keys(objects([at('/linux/sysctl') ?? null])[0] ?? {}).slice(0, 64))
    if (/^[\w./-]+$/.test(key) && !key.includes('..')) plan.add(sysctlEntry(pid, key))
  for (const { path } of objects(at('/linux/namespaces')))
    if (typeof path === 'string') plan.add(`l ${path}`).add(`s ${path}`)
  const inside = [
    ...strings(at('/linux/maskedPaths')),
    ...strings(at('/linux/readonlyPaths')),
    ...objects(at('/linux/devices')).flatMap(({ path }) => (typeof path === 'string' ? [path] : [])),
  ]
  for (const path of inside.slice(0, 128)) plan.add(`s /proc/${pid}/root${path}`)
}

function cgroupPlan(plan: Set<string>, config: JsonObject | null, state: RuncState | null): void {
  const c = { state, v2: state !== null && Object.hasOwn(state.cgroupPaths, '') }
  const add = (letter: 'r' | 'R', path: string | null) => path && plan.add(`${letter} ${path}`)
  for (const setting of SETTINGS) add('R', cgroupFile(c, setting.v1, setting.v2))
  if (c.v2) for (const file of COUNTER_FILES.v2) add('r', cgroupFile(c, null, file))
  else
    for (const [controller, files] of Object.entries(COUNTER_FILES.v1))
      for (const file of files) add('r', cgroupFile(c, [controller, file], null))
  add('R', cgroupFile(c, ['devices', 'devices.list'], null))
  add('R', cgroupFile(c, ['cpuset', 'cpuset.effective_cpus'], 'cpuset.cpus.effective'))
  const resources = (name: string) => valueAt(config, `/linux/resources/${name}`)
  for (const [name, file] of THROTTLES)
    if (objects(resources(`blockIO/${name}`)).length > 0) add('R', cgroupFile(c, ['blkio', file], 'io.max'))
  for (const { pageSize } of objects(resources('hugepageLimits')))
    if (/^\w+$/.test(String(pageSize)))
      add('R', cgroupFile(c, ['hugetlb', `hugetlb.${pageSize}.limit_in_bytes`], `hugetlb.${pageSize}.max`))
  if (resources('rdma')) add('R', cgroupFile(c, ['rdma', 'rdma.max'], 'rdma.max'))
  for (const file of Object.keys(objects([resources('unified') ?? null])[0] ?? {}).slice(0, 32))
    if (/^[\w.]+$/.test(file)) add('R', cgroupFile(c, null, file))
}
