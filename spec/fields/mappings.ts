/** The fields of id mappings, which stand in `linux` and in each mount. */
import type { Field } from './index.ts'

/** The fields below `at`; `whose`: whose ids they map. */
export function mappingFields(
  at: string,
  whose: string,
  runc: string,
  kernel: string,
): Record<string, Field> {
  const fields: Record<string, Field> = {}
  for (const [list, kind] of [
    ['uidMappings', 'user'],
    ['gidMappings', 'group'],
  ] as const) {
    fields[`${at}/${list}`] = {
      title: `${kind === 'user' ? 'User' : 'Group'} id mappings`,
      what: `Which ${kind} ids ${whose} inside stand for which ids outside, in ranges that do not overlap.`,
      unit: null,
      default: null,
      runc,
      kernel,
      example: `"${list}": [{ "containerID": 0, "hostID": 100000, "size": 65536 }]`,
    }
    fields[`${at}/${list}/*/containerID`] = {
      title: 'First id inside',
      what: 'Where the range begins in the container. Some range must begin at 0, for root.',
      unit: 'id',
      default: null,
      runc: 'Left out, it is 0.',
      kernel: `first column of /proc/PID/${kind === 'user' ? 'uid' : 'gid'}_map`,
      example: '"containerID": 0',
    }
    fields[`${at}/${list}/*/hostID`] = {
      title: 'First id outside',
      what: 'Where the range begins in the namespace that runc itself is in.',
      unit: 'id',
      default: null,
      runc: 'Left out, it is 0. The ids must exist there: in a sandbox they end at 196607.',
      kernel: `second column of /proc/PID/${kind === 'user' ? 'uid' : 'gid'}_map`,
      example: '"hostID": 100000',
    }
    fields[`${at}/${list}/*/size`] = {
      title: 'Number of ids',
      what: 'How many ids the range has.',
      unit: 'ids',
      default: null,
      runc: 'A size of 0 maps nothing, and the kernel refuses it.',
      kernel: `third column of /proc/PID/${kind === 'user' ? 'uid' : 'gid'}_map`,
      example: '"size": 65536',
    }
  }
  return fields
}
