/** Rules about options as words: contradictions, id mappings, options that do nothing on this kind of mount. */
import type { Mount } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'
import { isBind, type Options } from './mount-options.ts'
import { namespaceOf } from './shared.ts'

const OPPOSITES: [string, string][] = [
  ['ro', 'rw'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['atime', 'noatime'],
  ['relatime', 'norelatime'],
  ['sync', 'async'],
]

export function optionRules(context: Context, mount: Mount, options: Options, pointer: string): void {
  const list = mount.options ?? []
  const at = (option: string) => `${pointer}/options/${list.indexOf(option)}`
  const bind = isBind(options)
  for (const pair of OPPOSITES) {
    if (!pair.every((word) => list.includes(word))) continue
    const [first] = pair.toSorted((a, b) => list.indexOf(a) - list.indexOf(b))
    context.report({
      id: 'mount-option-contradiction',
      severity: 'no-effect',
      pointer: at(first!),
      message: `"${pair[0]}" and "${pair[1]}" contradict each other; the last one counts.`,
      why: 'runc takes the options one after the other.',
      fix: { title: `Delete "${first}"`, edits: context.remove(at(first!)) },
    })
  }
  if (options.other.includes('tmpcopyup') && mount.type !== 'tmpfs')
    context.report({
      id: 'mount-copyup',
      severity: 'no-effect',
      pointer: at('tmpcopyup'),
      message: '"tmpcopyup" does something on a tmpfs only.',
      why: 'It fills the new tmpfs with what was in the directory before.',
      fix: { title: 'Delete it', edits: context.remove(at('tmpcopyup')) },
    })
  if (!bind && options.recursive.length > 0)
    context.report({
      id: 'mount-recursive-option',
      severity: 'no-effect',
      pointer: at(options.recursive[0]!),
      message: `"${options.recursive[0]}" is applied to bind mounts only.`,
      why: `runc changes mounts recursively (mount_setattr) only after a bind. For one mount write "${options.recursive[0]!.slice(1)}".`,
      fix: {
        title: `Use "${options.recursive[0]!.slice(1)}"`,
        edits: context.set(at(options.recursive[0]!), options.recursive[0]!.slice(1)),
      },
    })
  if (!bind && options.flags.includes('remount'))
    context.report({
      id: 'mount-remount',
      severity: 'fails-later',
      pointer: at('remount'),
      message: '"remount" changes a mount that exists; here a new one is made.',
      why: 'The kernel refuses it on a directory that is no mount point yet.',
      fix: { title: 'Delete it', edits: context.remove(at('remount')) },
    })
  idmapRules(context, mount, options, pointer, bind)
}

function idmapRules(context: Context, mount: Mount, options: Options, pointer: string, bind: boolean): void {
  const wanted = options.other.find((option) => option !== 'tmpcopyup')
  const { uidMappings, gidMappings } = mount
  if (!wanted && !uidMappings && !gidMappings) return
  const where = wanted
    ? `${pointer}/options/${mount.options!.indexOf(wanted)}`
    : `${pointer}/${uidMappings ? 'uidMappings' : 'gidMappings'}`
  if (!bind) {
    context.report({
      id: 'idmap-not-bind',
      severity: 'refused',
      pointer: where,
      message: 'Only bind mounts can have ids mapped.',
      runc: failed('invalid mount: id-mapped mounts are only supported for bind-mounts'),
      why: 'The kernel maps the ids of a mount that exists already.',
    })
    return
  }
  const user = namespaceOf(context.spec, 'user')
  if (!uidMappings && !gidMappings && user) return
  if (!uidMappings?.length || !gidMappings?.length)
    context.report({
      id: 'idmap-mappings',
      severity: 'refused',
      pointer: where,
      message: 'A mount with mapped ids needs both uidMappings and gidMappings.',
      runc: failed('invalid mount: id-mapped mounts must have both uid and gid mappings specified'),
      why: 'Without a user namespace there are no mappings to take over.',
    })
  else if (!context.host || context.host.userNamespace)
    context.report({
      id: 'idmap-unsupported',
      severity: 'fails-later',
      pointer: where,
      message:
        'Ids can be mapped only on file systems that support it, by root of the machine that mounted them.',
      runc: initFailed(
        'failed to fulfil mount request: failed to set MOUNT_ATTR_IDMAP: operation not permitted',
      ),
      why: 'In a sandbox of the lab runc is not that root.',
    })
}
