/** Rules about ids: the user of the process, and the mappings of a user namespace. */
import type { LinuxIDMapping } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { failed, initFailed, startFailed } from '../diagnostic.ts'
import { namespaceOf } from './shared.ts'

const KINDS = [
  { list: 'uidMappings', kind: 'uid' },
  { list: 'gidMappings', kind: 'gid' },
] as const

/** The largest id; the one above stands for "none". */
const LAST_ID = 4_294_967_294

export const isMapped = (id: number, mappings: readonly LinuxIDMapping[]): boolean =>
  mappings.some(({ containerID = 0, size = 0 }) => id >= containerID && id < containerID + size)

const mapFailed = (file: string, reason: string) =>
  `nsexec-0[PID]: failed to update /proc/PID/${file}: ${reason}\n${startFailed("can't get final child's PID from pipe: EOF")}`

export function userRules(context: Context): void {
  const { spec } = context
  const user = namespaceOf(spec, 'user')
  const mappings = { uid: spec.linux?.uidMappings, gid: spec.linux?.gidMappings }
  if (!user) {
    for (const { list } of KINDS)
      if (spec.linux?.[list]?.length)
        context.report({
          id: 'map-needs-user-namespace',
          severity: 'no-effect',
          pointer: `/linux/${list}`,
          message: `"${list}" does nothing without a "user" namespace.`,
          why: 'Ids can only be mapped in a namespace of their own; runc drops the list without a word.',
          fix: {
            title: 'Add the user namespace',
            edits: context.set(
              spec.linux?.namespaces ? '/linux/namespaces/-' : '/linux/namespaces',
              spec.linux?.namespaces ? { type: 'user' } : [{ type: 'user' }],
            ),
          },
        })
    idRules(context, { uid: null, gid: null })
    return
  }
  if (user.path) return
  for (const { list, kind } of KINDS) {
    const map = mappings[kind]
    if (!map || map.length === 0) {
      // runc stops at the first that is missing.
      if (kind === 'gid' && (!mappings.uid || mappings.uid.length === 0)) continue
      context.report({
        id: 'user-namespace-no-mapping',
        severity: 'refused',
        pointer: map ? `/linux/${list}` : kind === 'uid' ? '/linux/namespaces' : '/linux',
        message: `A user namespace needs "${list}".`,
        runc: failed(`user namespaces enabled, but no ${kind} mappings found`),
        why: 'Without a mapping no id inside would have an id outside, and nothing could run.',
        fix: {
          title: `Add ${list}`,
          // Both lists, if both are missing: one alone would only lead to the next message.
          edits: () =>
            KINDS.filter((each) => each.list === list || !mappings[each.kind]?.length).flatMap((each) =>
              context.set(`/linux/${each.list}`, [{ containerID: 0, hostID: 100000, size: 65536 }])(),
            ),
        },
      })
      continue
    }
    if (!isMapped(0, map)) {
      context.report({
        id: 'user-namespace-no-root',
        severity: 'refused',
        pointer: `/linux/${list}`,
        message: `"${list}" does not map id 0.`,
        runc: failed(`user namespaces enabled, but no mapping found for ${kind} 0`),
        why: 'runc sets the container up as root inside, so id 0 must have an id outside; a size of 0 maps nothing.',
      })
      continue
    }
    mappingRules(context, list, map)
  }
  idRules(context, { uid: mappings.uid ?? null, gid: mappings.gid ?? null })
}

function mappingRules(
  context: Context,
  list: 'uidMappings' | 'gidMappings',
  map: readonly LinuxIDMapping[],
): void {
  const file = list === 'uidMappings' ? 'uid_map' : 'gid_map'
  const known = context.host?.ids
  map.forEach(({ containerID = 0, hostID = 0, size = 0 }, i) => {
    const pointer = `/linux/${list}/${i}`
    if (size === 0)
      context.report({
        id: 'map-size-zero',
        severity: 'refused',
        pointer: `${pointer}/size`,
        message: 'A mapping of size 0.',
        runc: mapFailed(file, 'Invalid argument'),
        why: 'The kernel wants at least one id in each line.',
      })
    else if (containerID + size - 1 > LAST_ID || hostID + size - 1 > LAST_ID)
      context.report({
        id: 'map-too-large',
        severity: 'refused',
        pointer,
        message: 'This mapping goes beyond the last id, 4294967294.',
        runc: mapFailed(file, 'Invalid argument'),
        why: 'Ids are numbers of 32 bits, and the last one means "none".',
      })
    else if (hostID + size > (known ?? 196_608))
      context.report({
        id: 'map-outside',
        severity: known === undefined ? 'fails-later' : 'refused',
        pointer,
        message: `Host ids ${hostID} to ${hostID + size - 1} may not exist where runc runs.`,
        runc: mapFailed(file, 'Operation not permitted'),
        why: `In a sandbox of the lab runc is in a user namespace itself, which has ids up to ${(known ?? 196_608) - 1}.`,
      })
    const clash = map.findIndex((other, j) => {
      if (j >= i) return false
      const { containerID: c = 0, hostID: h = 0, size: s = 0 } = other
      const overlap = (a: number, b: number) => a < b + s && b < a + size
      return overlap(containerID, c) || overlap(hostID, h)
    })
    if (size > 0 && clash >= 0)
      context.report({
        id: 'map-overlap',
        severity: 'refused',
        pointer,
        message: `This mapping overlaps with number ${clash}.`,
        runc: mapFailed(file, 'Invalid argument'),
        why: 'Each id inside belongs to exactly one outside, and the other way round.',
        fix: { title: 'Delete it', edits: context.remove(pointer) },
      })
  })
  if (map.length > 340)
    context.report({
      id: 'map-too-many',
      severity: 'refused',
      pointer: `/linux/${list}`,
      message: 'More than 340 mappings.',
      runc: mapFailed(file, 'Invalid argument'),
      why: 'The kernel takes at most 340 lines.',
    })
}

function idRules(context: Context, maps: Record<'uid' | 'gid', readonly LinuxIDMapping[] | null>): void {
  const { user } = context.spec.process ?? {}
  if (!user) return
  const ids = context.host?.ids ?? 196_608
  for (const kind of ['gid', 'uid'] as const) {
    const id = user[kind] ?? 0
    const map = maps[kind]
    const runc = initFailed(
      `unable to setup user: cannot set${kind} to unmapped ${kind} ${id} in user namespace`,
    )
    const pointer = `/process/user/${kind}`
    if (map && map.length > 0 && isMapped(0, map) && !isMapped(id, map))
      context.report({
        id: 'user-unmapped',
        severity: 'refused',
        pointer,
        message: `${kind} ${id} is not in linux.${kind}Mappings.`,
        runc,
        why: 'Inside the user namespace only mapped ids exist.',
      })
    else if (id > LAST_ID)
      context.report({
        id: 'user-invalid',
        severity: 'refused',
        pointer,
        message: `${id} is no id: the kernel uses it for "none".`,
        runc,
        why: 'It is -1 as a number of 32 bits.',
      })
    else if (!map && id >= ids)
      context.report({
        id: 'user-outside',
        severity: context.host?.ids ? 'refused' : 'fails-later',
        pointer,
        message: `${kind} ${id} may not exist where runc runs.`,
        runc,
        why: `In a sandbox of the lab runc is in a user namespace itself, which has ids up to ${ids - 1}.`,
      })
  }
  user.additionalGids?.forEach((id, i) => {
    const map = maps.gid
    if (id > LAST_ID || (map && map.length > 0 && isMapped(0, map) && !isMapped(id, map)))
      context.report({
        id: 'user-group-unmapped',
        severity: 'refused',
        pointer: `/process/user/additionalGids/${i}`,
        message: `Group ${id} is not in linux.gidMappings.`,
        runc: initFailed('unable to setup user: setgroups: invalid argument'),
        why: 'Inside the user namespace only mapped ids exist.',
        fix: { title: 'Delete it', edits: context.remove(`/process/user/additionalGids/${i}`) },
      })
  })
  if (user.umask !== undefined && user.umask > 0o777)
    context.report({
      id: 'umask-range',
      severity: 'no-effect',
      pointer: '/process/user/umask',
      message: `Only the last nine bits of a umask count: ${user.umask} works as ${user.umask & 0o777}.`,
      why: 'JSON knows no octal numbers: 022 is written 18, 077 is 63.',
    })
  else if ([22, 27, 77, 2, 7].includes(user.umask ?? -1) && user.umask! > 7)
    context.report({
      id: 'umask-decimal',
      severity: 'style',
      pointer: '/process/user/umask',
      message: `umask ${user.umask} is decimal, that is 0${user.umask!.toString(8)}; for 0${user.umask} write ${Number.parseInt(String(user.umask), 8)}.`,
      why: 'JSON knows no octal numbers.',
      fix: {
        title: `Write ${Number.parseInt(String(user.umask), 8)}`,
        edits: context.set('/process/user/umask', Number.parseInt(String(user.umask), 8)),
      },
    })
}
