/** Common changes of a config.json, each in one step: what teachers ask for and learners look for. Pure. */
import { applyPatch, type PatchOperation } from '../edit.ts'
import { findNode, type Node, readTree } from '../pointer.ts'
import type { TextEdit } from '../text.ts'

export interface Task {
  id: string
  /** An imperative. */
  title: string
  about: string
  /** Where to look afterwards. */
  pointer: string
  /** Throws an EditError if the text does not allow it. */
  edits(text: string): TextEdit[]
}

type Patch = readonly PatchOperation[]

const task = (
  id: string,
  title: string,
  about: string,
  pointer: string,
  patch: (tree: Node | null) => Patch,
): Task => ({ id, title, about, pointer, edits: (text) => applyPatch(text, patch(readTree(text))) })

/** Puts a value in, with the objects around it that are missing. */
function put(tree: Node | null, pointer: string, value: unknown): PatchOperation[] {
  const parts = pointer.split('/')
  for (let depth = 2; depth < parts.length; depth++) {
    const at = parts.slice(0, depth).join('/')
    if (findNode(tree, at)) continue
    const whole = parts.slice(depth).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
    return [{ op: 'add', path: at, value: whole }]
  }
  return [{ op: 'add', path: pointer, value }]
}

/** Puts an item at the end of a list, which is made if need be. */
const append = (tree: Node | null, list: string, item: unknown): PatchOperation[] =>
  findNode(tree, list) ? [{ op: 'add', path: `${list}/-`, value: item }] : put(tree, list, [item])

const has = (tree: Node | null, list: string, is: (item: Node) => boolean) =>
  findNode(tree, list)?.children?.some(is) ?? false

const MAPPING = [{ containerID: 0, hostID: 10_000, size: 1000 }]

export const TASKS: readonly Task[] = [
  task('bind-mount', 'Add a bind mount', 'A folder of the sandbox at /data, read-only.', '/mounts', (tree) =>
    append(tree, '/mounts', {
      destination: '/data',
      type: 'bind',
      source: '/tmp/data',
      options: ['rbind', 'ro'],
    }),
  ),
  task(
    'tmpfs',
    'Add a tmpfs',
    'A fresh folder in memory at /scratch, of at most 16 MiB.',
    '/mounts',
    (tree) =>
      append(tree, '/mounts', {
        destination: '/scratch',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'nodev', 'size=16m'],
      }),
  ),
  task(
    'memory',
    'Limit memory',
    'At most 64 MiB; what needs more is killed.',
    '/linux/resources/memory/limit',
    (tree) => put(tree, '/linux/resources/memory/limit', 67_108_864),
  ),
  task(
    'cpu',
    'Limit processor time',
    'Half of one CPU: 50 of every 100 ms.',
    '/linux/resources/cpu',
    (tree) => put(tree, '/linux/resources/cpu', { quota: 50_000, period: 100_000 }),
  ),
  task('pids', 'Limit processes', 'At most 32 at a time.', '/linux/resources/pids/limit', (tree) =>
    put(tree, '/linux/resources/pids/limit', 32),
  ),
  task(
    'user-namespace',
    'Add a user namespace',
    'Root inside is user 10000 outside.',
    '/linux/uidMappings',
    (tree) => [
      ...(has(tree, '/linux/namespaces', (item) => findNode(item, '/type')?.value === 'user')
        ? []
        : append(tree, '/linux/namespaces', { type: 'user' })),
      ...put(tree, '/linux/uidMappings', MAPPING),
      ...put(tree, '/linux/gidMappings', MAPPING),
    ],
  ),
  task('user', 'Run as another user', 'User and group 1000 in place of root.', '/process/user', (tree) => [
    ...put(tree, '/process/user/uid', 1000),
    ...put(tree, '/process/user/gid', 1000),
  ]),
  task(
    'no-capabilities',
    'Drop all capabilities',
    'Root without any power of root.',
    '/process/capabilities',
    (tree) =>
      put(tree, '/process/capabilities', {
        bounding: [],
        effective: [],
        inheritable: [],
        permitted: [],
        ambient: [],
      }),
  ),
  task(
    'net-raw',
    'Allow ping',
    'CAP_NET_RAW in the three sets that it takes.',
    '/process/capabilities',
    (tree) =>
      ['bounding', 'effective', 'permitted']
        .filter((set) => !has(tree, `/process/capabilities/${set}`, (item) => item.value === 'CAP_NET_RAW'))
        .flatMap((set) => append(tree, `/process/capabilities/${set}`, 'CAP_NET_RAW')),
  ),
  task('variable', 'Set an environment variable', 'GREETING=hello', '/process/env', (tree) =>
    append(tree, '/process/env', 'GREETING=hello'),
  ),
  task('rlimit', 'Limit open files', 'At most 64 of them.', '/process/rlimits', (tree) =>
    append(tree, '/process/rlimits', { type: 'RLIMIT_NOFILE', hard: 64, soft: 64 }),
  ),
  task('writable', 'Make the root file system writable', 'root.readonly: false', '/root/readonly', (tree) =>
    put(tree, '/root/readonly', false),
  ),
  task('detached', 'Prepare for runc run -d', 'process.terminal: false', '/process/terminal', (tree) =>
    put(tree, '/process/terminal', false),
  ),
  task('sysctl', 'Set a sysctl', 'Everybody in the container may ping.', '/linux/sysctl', (tree) =>
    put(tree, '/linux/sysctl', { 'net.ipv4.ping_group_range': '0 2147483647' }),
  ),
  task(
    'seccomp',
    'Forbid a system call',
    'mkdir fails with “Operation not permitted”.',
    '/linux/seccomp',
    (tree) =>
      put(tree, '/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
      }),
  ),
  task('hook', 'Add a hook', 'runc runs a program before the container starts.', '/hooks', (tree) =>
    append(tree, '/hooks/createRuntime', {
      path: '/usr/bin/touch',
      args: ['touch', '/tmp/a-container-was-made'],
    }),
  ),
  task(
    'host-network',
    'Share the network',
    'Without the network namespace the sandbox’s own is used.',
    '/linux/namespaces',
    (tree) => {
      const list = findNode(tree, '/linux/namespaces')?.children ?? []
      const index = list.findIndex((item) => findNode(item, '/type')?.value === 'network')
      return index < 0 ? [] : [{ op: 'remove', path: `/linux/namespaces/${index}` }]
    },
  ),
]
