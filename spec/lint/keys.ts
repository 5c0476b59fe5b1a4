/** Keys that runc does not know, takes in another case, or overwrites with a later one. */
import { removeAt, renameKey } from '../edit.ts'
import type { OddKey } from '../go/decode.ts'
import { STRUCTS } from '../go/types.ts'
import { findNode, pointerOf } from '../pointer.ts'
import type { Context } from './context.ts'
import { didYouMean, nearest } from './words.ts'

/** Keys that people know from elsewhere, and where the spec has them. */
const ELSEWHERE: Record<string, string> = {
  ulimits: '/process/rlimits',
  cmd: '/process/args',
  command: '/process/args',
  entrypoint: '/process/args',
  environment: '/process/env',
  workingDir: '/process/cwd',
  workdir: '/process/cwd',
  privileged: '/process/capabilities',
  volumes: '/mounts',
  binds: '/mounts',
  tmpfs: '/mounts',
  rootfs: '/root/path',
  image: '/root/path',
  ports: '/linux/namespaces',
  uid: '/process/user/uid',
  gid: '/process/user/gid',
  memory: '/linux/resources/memory',
  cpu: '/linux/resources/cpu',
  pids: '/linux/resources/pids',
  namespaces: '/linux/namespaces',
  capabilities: '/process/capabilities',
  seccomp: '/linux/seccomp',
  resources: '/linux/resources',
  devices: '/linux/devices',
  sysctl: '/linux/sysctl',
  rlimits: '/process/rlimits',
  args: '/process/args',
  env: '/process/env',
  cwd: '/process/cwd',
  user: '/process/user',
  terminal: '/process/terminal',
  readonly: '/root/readonly',
  mounts: '/mounts',
  hostname: '/hostname',
  hooks: '/hooks',
  labels: '/annotations',
  uidMappings: '/linux/uidMappings',
  gidMappings: '/linux/gidMappings',
  maskedPaths: '/linux/maskedPaths',
  readonlyPaths: '/linux/readonlyPaths',
  cgroupsPath: '/linux/cgroupsPath',
  noNewPrivileges: '/process/noNewPrivileges',
  oomScoreAdj: '/process/oomScoreAdj',
  umask: '/process/user/umask',
}

/** Structs of later versions have these; runc 1.3 does not read them. */
const LATER: Record<string, string> = {
  netDevices: '1.3.0',
  memoryPolicy: '1.3.0',
  schemata: '1.3.0',
  enableMonitoring: '1.3.0',
  hwConfig: '1.3.0',
}

const FOREIGN = ['solaris', 'windows', 'vm', 'zos']
const FOREIGN_FIELDS: Record<string, string> = { commandLine: 'Windows', username: 'Windows' }

export function keyRules(context: Context): void {
  for (const { node, pointer } of context.decoded.repeated) {
    const parent = node.parent!.parent!
    const value = node.parent!
    context.reportAt(
      {
        id: 'key-duplicate',
        severity: 'no-effect',
        pointer,
        message: `"${node.value}" comes again further down, and the last one counts.`,
        why: 'JSON allows it and Go keeps the last value; objects are merged field by field.',
        fix: {
          title: 'Delete this one',
          edits: () => {
            const children = parent.children!
            const next = children[children.indexOf(value) + 1]
            return next ? [{ from: value.offset, to: next.offset, text: '' }] : []
          },
        },
      },
      node,
      pointer,
    )
  }
  for (const odd of context.decoded.oddKeys) if (odd.field) wrongCase(context, odd)
  for (const odd of context.decoded.oddKeys) if (!odd.field) unknown(context, odd)
  for (const name of FOREIGN)
    if (context.node(`/${name}`))
      context.report({
        id: 'key-platform',
        severity: 'no-effect',
        pointer: `/${name}`,
        on: 'key',
        message: `"${name}" is for another kind of system; on Linux runc ignores it.`,
        why: 'runc reads it, so wrong types in it are refused, and then does nothing with it.',
        fix: { title: 'Delete it', edits: () => removeAt(context.text, context.written(`/${name}`)) },
      })
  for (const [name, system] of Object.entries(FOREIGN_FIELDS)) {
    const pointer = name === 'username' ? '/process/user/username' : `/process/${name}`
    if (context.node(pointer))
      context.report({
        id: 'key-platform',
        severity: 'no-effect',
        pointer,
        on: 'key',
        message: `"${name}" is for ${system} only.`,
        why:
          name === 'username'
            ? 'On Linux the user is chosen by number: uid and gid.'
            : 'On Linux the program is named by args.',
        fix: { title: 'Delete it', edits: () => removeAt(context.text, context.written(pointer)) },
      })
  }
}

function wrongCase(context: Context, { node, pointer, field }: OddKey): void {
  context.reportAt(
    {
      id: 'key-case',
      severity: 'style',
      pointer,
      message: `The specification spells it "${field}".`,
      why: 'runc does not mind the case of keys, but other runtimes and tools do.',
      fix: { title: `Use "${field}"`, edits: () => renameKey(context.text, pointer, field!) },
    },
    node,
    pointer,
  )
}

function unknown(context: Context, { node, pointer, struct }: OddKey): void {
  const name = String(node.value)
  const fields = Object.keys(STRUCTS[struct]!)
  const object = node.parent!.parent!
  const taken = new Set((object.children ?? []).map((property) => property.children?.[0]?.value))
  if (struct === 'LinuxSyscall' && name === 'name') {
    const value = node.parent!.children?.[1]
    context.reportAt(
      {
        id: 'seccomp-name',
        severity: 'no-effect',
        pointer,
        message: 'The key is "names", with a list; "name" is ignored.',
        why: 'Without names the rule matches no system call, so it does nothing.',
        fix:
          value?.type === 'string'
            ? {
                title: 'Use "names"',
                edits: () => [
                  { from: node.offset, to: node.offset + node.length, text: '"names"' },
                  { from: value.offset, to: value.offset, text: '[' },
                  { from: value.offset + value.length, to: value.offset + value.length, text: ']' },
                ],
              }
            : null,
      },
      node,
      pointer,
    )
    return
  }
  const guess = nearest(
    name,
    fields.filter((field) => !taken.has(field)),
  )
  const here = pointerOf(object)
  const home = Object.entries(ELSEWHERE).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  const misplaced = home && !home.startsWith(`${here}/${name}`) ? home : null
  const later = LATER[name]
  const hint = later
    ? ` It is part of the specification from ${later} on, which runc 1.3 does not implement.`
    : guess
      ? didYouMean(guess)
      : misplaced
        ? ` What you want is probably ${misplaced}.`
        : ''
  context.reportAt(
    {
      id: later ? 'key-later-version' : 'key-unknown',
      severity: 'no-effect',
      pointer,
      message: `runc ignores the key "${name}".${hint}`,
      why: 'Keys that are not in the specification are dropped without a word.',
      fix:
        guess && !later
          ? { title: `Use "${guess}"`, edits: () => renameKey(context.text, pointer, guess) }
          : {
              title: 'Delete it',
              edits: () => (findNode(context.tree, pointer) ? removeAt(context.text, pointer) : []),
            },
    },
    node,
    pointer,
  )
}
