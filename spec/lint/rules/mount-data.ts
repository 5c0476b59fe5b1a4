/** Rules about the options that a file system gets as data: the kernel refuses what it does not know. */
import type { Mount } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { initFailed } from '../diagnostic.ts'
import { MOUNT_OPTIONS } from '../names.ts'
import { didYouMean, nearest } from '../words.ts'
import type { Options } from './mount-options.ts'
import { namespaceOf } from './shared.ts'
import { isMapped } from './users.ts'

type Check = (value: string) => boolean
const id: Check = (value) => /^\d+$/.test(value) && Number(value) <= 4_294_967_295
const octal: Check = (value) => /^[0-7]+$/.test(value)
const none: Check = (value) => value === ''
const size: Check = (value) => /^(\d+|0x[\da-f]+)[kmgtpe]?%?$/i.test(value)
const any: Check = () => true

/** Options by file system; those that are not here may be wrong or right. */
const KNOWN: Record<string, Record<string, Check>> = {
  tmpfs: {
    size,
    nr_blocks: size,
    nr_inodes: size,
    mode: octal,
    uid: id,
    gid: id,
    huge: (value) => ['never', 'always', 'within_size', 'advise'].includes(value),
    mpol: any,
    inode32: none,
    inode64: none,
    noswap: none,
    acl: none,
    noacl: none,
    usrquota: none,
    grpquota: none,
    quota: none,
    usrquota_block_hardlimit: size,
    usrquota_inode_hardlimit: size,
    grpquota_block_hardlimit: size,
    grpquota_inode_hardlimit: size,
    casefold: any,
    strict_encoding: none,
    context: any,
    fscontext: any,
    defcontext: any,
    rootcontext: any,
    seclabel: any,
  },
  devpts: {
    uid: id,
    gid: id,
    mode: octal,
    ptmxmode: octal,
    newinstance: none,
    max: (value) => /^\d+$/.test(value),
    context: any,
  },
  proc: {
    hidepid: (value) => ['0', '1', '2', '4', 'off', 'noaccess', 'invisible', 'ptraceable'].includes(value),
    gid: id,
    subset: (value) => value === 'pid',
    pidns: any,
  },
  mqueue: { context: any },
  sysfs: { context: any },
}

/** Flags that the kernel also takes in the data, for every file system. */
const KERNEL_FLAGS = [
  'dirsync',
  'lazytime',
  'mand',
  'ro',
  'sync',
  'async',
  'nolazytime',
  'nomand',
  'rw',
  'source',
]

export function dataRules(context: Context, mount: Mount, { data }: Options, pointer: string): void {
  const known = KNOWN[mount.type ?? '']
  if (!known) return
  data.forEach((option) => {
    const at = `${pointer}/options/${mount.options!.indexOf(option)}`
    // One element may hold several; the kernel splits them at commas and overlooks empty ones.
    const wrong = option.split(',').find((part) => part !== '' && !takes(known, part))
    if (wrong !== undefined) refused(context, mount, option, wrong, Object.keys(known), at)
    else for (const part of option.split(',')) ownerRules(context, mount, part, at)
  })
}

function takes(known: Record<string, Check>, part: string): boolean {
  const equals = part.indexOf('=')
  const name = equals < 0 ? part : part.slice(0, equals)
  const value = equals < 0 ? '' : part.slice(equals + 1)
  if (KERNEL_FLAGS.includes(part)) return true
  return Object.hasOwn(known, name) && known[name]!(value)
}

function refused(
  context: Context,
  mount: Mount,
  option: string,
  wrong: string,
  names: string[],
  at: string,
): void {
  const name = wrong.split('=')[0]!
  const value = wrong.includes('=') ? wrong.slice(wrong.indexOf('=') + 1) : ''
  const isName = names.includes(name)
  const megabytes = /^(\d+)\s*([kmgt])i?b$/i.exec(value)
  const several = option.includes(',')
  const word = !wrong.includes('=') ? nearest(wrong, MOUNT_OPTIONS) : null
  const key = wrong.includes('=') && !isName ? nearest(name, names) : null
  const better = several
    ? null
    : megabytes
      ? `${name}=${megabytes[1]}${megabytes[2]!.toLowerCase()}`
      : (word ?? (key && `${key}=${value}`))
  context.report({
    id: megabytes ? 'mount-size-unit' : isName ? 'mount-option-value' : 'mount-option-unknown',
    severity: 'refused',
    pointer: at,
    message: isName
      ? `"${wrong}" is no value that ${mount.type} takes for ${name}.`
      : several
        ? `"${option}" is passed on as it is: each option must be an element of its own.`
        : `${mount.type} has no option "${wrong}".${didYouMean(better)}`,
    runc: initFailed(
      `error mounting "${mount.source ?? ''}" to rootfs at "${mount.destination ?? ''}": mount src=${mount.source ?? ''}, dst=${mount.destination ?? ''}, dstFd=/proc/thread-self/fd/N, data=${option}: invalid argument`,
    ),
    why: megabytes
      ? 'The kernel reads the suffixes k, m and g, without B.'
      : 'What is none of runc’s mount options goes to the file system, and that takes only its own.',
    fix: several
      ? {
          title: 'Make them elements of their own',
          edits: () => {
            const node = context.node(at)!
            return [
              {
                from: node.offset,
                to: node.offset + node.length,
                text: option
                  .split(',')
                  .map((part) => JSON.stringify(part))
                  .join(', '),
              },
            ]
          },
        }
      : better
        ? { title: `Use "${better}"`, edits: context.set(at, better) }
        : { title: 'Delete it', edits: context.remove(at) },
  })
}

/** uid= and gid= name ids inside the container: they must exist there. */
function ownerRules(context: Context, mount: Mount, part: string, at: string): void {
  const found = /^(uid|gid)=(\d+)$/.exec(part)
  if (!found) return
  const [, kind, digits] = found
  const number = Number(digits)
  const list = kind === 'uid' ? 'uidMappings' : 'gidMappings'
  const map = context.spec.linux?.[list]
  const runc = initFailed(
    `error mounting "${mount.source ?? ''}" to rootfs at "${mount.destination ?? ''}": mount src=${mount.source ?? ''}, dst=${mount.destination ?? ''}, dstFd=/proc/thread-self/fd/N, data=${part}: invalid argument`,
  )
  const own = namespaceOf(context.spec, 'user')
  if (own && !own.path && map && isMapped(0, map) && !isMapped(number, map))
    context.report({
      id: 'mount-owner-unmapped',
      severity: 'refused',
      pointer: at,
      message: `${kind} ${number} is not in linux.${list}.`,
      runc,
      why: 'The option names an id inside the container, and this one does not exist there.',
      fix: { title: 'Delete it', edits: context.remove(at) },
    })
  else if (!own && number >= (context.host?.ids ?? 196_608))
    context.report({
      id: 'mount-owner-unmapped',
      severity: context.host?.ids ? 'refused' : 'fails-later',
      pointer: at,
      message: `${kind} ${number} may not exist where runc runs.`,
      runc,
      why: 'In a sandbox of the lab runc is in a user namespace itself.',
    })
}
