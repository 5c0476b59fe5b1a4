/** Rules about `mounts`: each by itself, and their order. */
import type { Mount } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'
import { dataRules } from './mount-data.ts'
import { optionRules } from './mount-option-words.ts'
import { isBind, parseOptions } from './mount-options.ts'
import { missingRules, orderRules } from './mount-order.ts'
import { clean, hasOwn, isFragment, isInside, namespaceOf } from './shared.ts'

/** Places in /proc that lxcfs covers; runc allows mounts on these alone. */
const PROC_ALLOWED = [
  '/proc/cpuinfo',
  '/proc/diskstats',
  '/proc/meminfo',
  '/proc/stat',
  '/proc/swaps',
  '/proc/uptime',
  '/proc/loadavg',
  '/proc/slabinfo',
  '/proc/sys/kernel/ns_last_pid',
  '/proc/sys/crypto/fips_enabled',
]

/** File systems that Linux has had under these names; whether one is there depends on the kernel. */
const FILE_SYSTEMS = new Set(
  'proc sysfs tmpfs devtmpfs devpts mqueue cgroup cgroup2 ramfs overlay overlayfs aufs fuse fuseblk fuse.sshfs fuse.lxcfs fuse.mergerfs ext2 ext3 ext4 xfs btrfs zfs f2fs nfs nfs4 cifs smb3 ceph 9p virtiofs iso9660 udf squashfs erofs vfat msdos exfat ntfs ntfs3 hugetlbfs debugfs tracefs securityfs configfs pstore efivarfs bpf binfmt_misc rpc_pipefs autofs selinuxfs fusectl functionfs glusterfs gfs2 ocfs2 lustre jfs reiserfs minix hfs hfsplus ubifs jffs2 nilfs2 binder bcachefs resctrl nsfs pipefs sockfs coda afs orangefs ecryptfs mtpfs dax romfs cramfs sysv ufs qnx4 qnx6 omfs affs befs bfs efs freevxfs hpfs adfs vboxsf shiftfs'.split(
    ' ',
  ),
)

export function mountRules(context: Context): void {
  const mounts = context.spec.mounts ?? []
  mounts.forEach((mount, i) => {
    one(context, mount, `/mounts/${i}`)
  })
  orderRules(context, mounts)
  missingRules(context, mounts)
}

const words = (mount: Mount, path: string, reason: string) =>
  initFailed(
    `error mounting "${mount.source ?? ''}" to rootfs at "${mount.destination ?? ''}": ${path}${reason}`,
  )

function one(context: Context, mount: Mount, pointer: string): void {
  const { destination = '', type = '', source = '' } = mount
  const options = parseOptions(mount.options ?? [])
  const bind = isBind(options)
  const place = clean(destination)
  if ([destination, type, source].some((text) => text.includes('\0')))
    context.report({
      id: 'mount-null-byte',
      severity: 'refused',
      pointer,
      message: 'A mount must not contain a zero byte.',
      runc: failed(`invalid mount ${shown(mount)}: mount field contains null byte`),
      why: 'It ends every string in C.',
    })
  if (place === '/') {
    // runc looks for the place of these two in another way, which lets them through.
    const special = (type === 'sysfs' || type === 'proc') && !bind
    context.report({
      id: destination === '' ? 'mount-destination-missing' : 'mount-on-root',
      severity: special ? 'fails-later' : 'refused',
      pointer: destination === '' ? pointer : `${pointer}/destination`,
      message: destination === '' ? 'A mount needs a "destination".' : 'Nothing can be mounted on / itself.',
      runc: words(
        mount,
        `create mountpoint for ${destination} mount: `,
        `mountpoint "/ROOTFS" is on the top of rootfs "/ROOTFS"`,
      ),
      why: 'The root file system is root.path; mounts go into directories below it.',
    })
    return
  }
  if (!destination.startsWith('/'))
    context.report({
      id: 'mount-destination-relative',
      severity: 'style',
      pointer: `${pointer}/destination`,
      message: 'The destination should begin with a slash.',
      runc: `mount destination ${destination} is not absolute. Support for non-absolute mount destinations will be removed in a future release.`,
      why: 'runc still takes it as relative to /, warns, and will refuse it one day.',
      fix: { title: `Use "${place}"`, edits: context.set(`${pointer}/destination`, place) },
    })
  if (isInside(place, '/proc') && !overProc(context, mount, place, bind, pointer)) return
  insideKernel(context, mount, place, pointer)
  if (type === 'mqueue' && !bind && !namespaceOf(context.spec, 'ipc') && !isFragment(context))
    context.report({
      id: 'mount-mqueue-needs-ipc',
      severity: 'fails-later',
      pointer,
      message: 'mqueue shows the message queues of the machine, since there is no "ipc" namespace.',
      runc: words(
        mount,
        `mount src=${source}, dst=${destination}, dstFd=/proc/thread-self/fd/N: `,
        'operation not permitted',
      ),
      why: 'In a user namespace, as in a sandbox of the lab, the kernel refuses that.',
    })
  ownedRules(context, mount, pointer, bind)
  if (bind) bindRules(context, mount, pointer, options.data)
  else {
    typeRules(context, mount, pointer)
    dataRules(context, mount, options, pointer)
  }
  optionRules(context, mount, options, pointer)
}

/** As Go prints the mount of the specification; what it prints in between depends on the version. */
const shown = ({ destination = '', type = '', source = '', options = [] }: Mount) =>
  `{Destination:${destination} Type:${type} Source:${source} Options:[${options.join(' ')}] UIDMappings:[] GIDMappings:[]}`

/** Mounts on /proc and in it; false if runc stops there. */
function overProc(context: Context, mount: Mount, place: string, bind: boolean, pointer: string): boolean {
  if (place === '/proc') {
    const fromProc = bind && isInside(clean(mount.source ?? ''), '/proc')
    if (mount.type === 'proc' || fromProc) return true
    context.report({
      id: 'mount-proc-type',
      severity: 'refused',
      pointer: mount.type === undefined ? pointer : `${pointer}/type`,
      message: 'On /proc only the file system "proc" can be mounted.',
      runc: words(
        mount,
        'create mountpoint for /proc mount: check proc-safety of /proc mount: ',
        '"/ROOTFS/proc" cannot be mounted because it is not of type proc',
      ),
      why: 'runc itself trusts what it reads from /proc in the container.',
      fix: bind ? null : { title: 'Use type "proc"', edits: context.set(`${pointer}/type`, 'proc') },
    })
    return false
  }
  if (PROC_ALLOWED.includes(place) && bind) return true
  context.report({
    id: 'mount-inside-proc',
    severity: 'refused',
    pointer: `${pointer}/destination`,
    message: 'runc mounts nothing inside /proc.',
    runc: words(
      mount,
      `create mountpoint for ${place} mount: check proc-safety of ${place} mount: `,
      `"/ROOTFS${place}" cannot be mounted because it is inside /proc`,
    ),
    why: 'It could hide what runc checks there. For kernel settings use linux.sysctl, to hide a path use linux.maskedPaths.',
  })
  return false
}

/** File systems that show a namespace: in a user namespace only one of its own may be mounted. */
const SHOWS: Record<string, string> = { sysfs: 'network', mqueue: 'ipc', proc: 'pid' }

function ownedRules(context: Context, mount: Mount, pointer: string, bind: boolean): void {
  const needs = bind ? undefined : SHOWS[mount.type ?? '']
  const { spec } = context
  if (!needs || !hasOwn(spec, 'user') || hasOwn(spec, needs)) return
  context.report({
    id: 'mount-needs-namespace',
    severity: 'refused',
    pointer: `${pointer}/type`,
    message: `In a user namespace ${mount.type} can only be mounted with a "${needs}" namespace of its own.`,
    runc: words(
      mount,
      `mount src=${mount.source ?? ''}, dst=${mount.destination}, dstFd=/proc/thread-self/fd/N: `,
      'operation not permitted',
    ),
    why: `${mount.type} shows the ${needs} namespace, and this one belongs to somebody else.`,
    fix: {
      title: `Add the ${needs} namespace`,
      edits: context.set('/linux/namespaces/-', { type: needs }),
    },
  })
}

/** Directories at the top of sysfs, and those that file systems and others have in /sys/fs. */
const SYS = 'block bus class dev devices firmware fs hypervisor kernel module power'.split(' ')
const SYS_FS =
  'aufs bcache bpf btrfs cachefiles ceph cgroup cifs ecryptfs erofs ext4 f2fs fuse incremental-fs jbd2 jfs lustre nfs nilfs2 nfsd ocfs2 orangefs pstore resctrl selinux smackfs ubifs virtiofs xfs zfs'.split(
    ' ',
  )

const KERNEL_FILLED = ['sysfs', 'devpts', 'mqueue']

/** Mount points in file systems where nobody can make a directory. */
function insideKernel(context: Context, mount: Mount, place: string, pointer: string): void {
  const mounts = context.spec.mounts ?? []
  const index = Number(pointer.split('/').at(-1))
  // Only what the kernel fills is of interest, so the many others are not even looked at.
  const parent = mounts.slice(0, index).findLast(({ type = '', destination = '' }) => {
    if (!KERNEL_FILLED.includes(type)) return false
    const other = clean(destination)
    return other !== '/' && other !== place && isInside(place, other)
  })
  if (!parent) return
  const [, first = '', second = ''] = place.slice(clean(parent.destination ?? '').length).split('/')
  if (
    parent.type === 'sysfs' &&
    SYS.includes(first) &&
    !(first === 'fs' && second !== '' && !SYS_FS.includes(second))
  )
    return
  const guess = place.startsWith('/sys/fs/') ? '/sys/fs/cgroup' : null
  context.report({
    id: 'mount-point-not-possible',
    severity: 'refused',
    pointer: `${pointer}/destination`,
    message: `There is no ${place}, and nobody can make a directory in ${parent.type}.`,
    runc: words(
      mount,
      `create mountpoint for ${place} mount: make mountpoint "${place}": `,
      `mkdirat /ROOTFS${place}: operation not permitted`,
    ),
    why: `${clean(parent.destination ?? '')} is filled by the kernel.`,
    fix:
      guess && mount.type?.startsWith('cgroup')
        ? { title: `Use "${guess}"`, edits: context.set(`${pointer}/destination`, guess) }
        : null,
  })
}

function bindRules(context: Context, mount: Mount, pointer: string, data: string[]): void {
  const { source = '', type = '' } = mount
  if (data.length > 0 && data.join(',') !== '')
    context.report({
      id: 'mount-bind-data',
      severity: 'refused',
      pointer: optionPointer(mount, data[0]!, pointer),
      message: `A bind mount cannot have the option "${data[0]}".`,
      runc: failed(
        `invalid mount ${shown(mount)}: bind mounts cannot have any filesystem-specific options applied`,
      ),
      why: 'It is no flag that runc knows, so it would go to the file system, which a bind mount does not create anew.',
      fix: bindOptionFix(context, mount, data[0]!, pointer),
    })
  if (source === '')
    context.report({
      id: 'mount-source-missing',
      severity: 'no-effect',
      pointer,
      message: 'Without a source this binds the bundle itself.',
      why: 'A relative source is taken from the bundle, and an empty one is the bundle.',
    })
  else {
    const path = source.startsWith('/')
      ? source
      : context.bundle
        ? clean(`${context.bundle.path}/${source}`)
        : null
    if (!path && FILE_SYSTEMS.has(source) && type === source)
      context.report({
        id: 'mount-bind-file-system',
        severity: 'fails-later',
        pointer,
        message: `The option "bind" makes this a bind mount of the directory "${source}" in the bundle.`,
        runc: initFailed(`failed to fulfil mount request: open $BUNDLE/${source}: no such file or directory`),
        why: `A new ${source} is made without "bind".`,
        fix: {
          title: 'Delete "bind"',
          edits: context.remove(
            optionPointer(mount, mount.options?.includes('bind') ? 'bind' : 'rbind', pointer),
          ),
        },
      })
    if (path && (context.outside(source) ?? context.outside(path))?.kind === 'missing')
      context.report({
        id: 'mount-source-not-found',
        severity: 'refused',
        pointer: `${pointer}/source`,
        message: `There is no ${path} to bind.`,
        runc: initFailed(`failed to fulfil mount request: open ${path}: no such file or directory`),
        why: 'A bind mount shows something that exists already; runc does not create it.',
      })
  }
  if (type !== '' && type !== 'bind' && type !== 'none' && type !== 'rbind')
    context.report({
      id: 'mount-type-ignored',
      severity: 'no-effect',
      pointer: `${pointer}/type`,
      message: `With the option "bind" the type "${type}" is ignored.`,
      why: 'A bind mount shows a directory that exists; it makes no new file system.',
      fix: { title: 'Use type "bind"', edits: context.set(`${pointer}/type`, 'bind') },
    })
}

const optionPointer = (mount: Mount, option: string, pointer: string) =>
  `${pointer}/options/${mount.options?.indexOf(option) ?? 0}`

function bindOptionFix(context: Context, mount: Mount, option: string, pointer: string) {
  const at = optionPointer(mount, option, pointer)
  const meant = ({ readonly: 'ro', readwrite: 'rw', 'read-only': 'ro' } as Record<string, string>)[
    option.toLowerCase()
  ]
  if (meant) return { title: `Use "${meant}"`, edits: context.set(at, meant) }
  return { title: 'Delete it', edits: context.remove(at) }
}

function typeRules(context: Context, mount: Mount, pointer: string): void {
  const { type = '', source = '' } = mount
  const words2 = (reason: string) =>
    words(mount, `mount src=${source}, dst=${mount.destination}, dstFd=/proc/thread-self/fd/N: `, reason)
  const soft = isFragment(context)
  const looksBind = ['bind', 'rbind', 'none', ''].includes(type)
  if (looksBind && source.startsWith('/') && !source.startsWith('/dev/'))
    context.report({
      id: 'mount-bind-no-option',
      severity: soft ? 'fails-later' : 'refused',
      pointer: type === '' ? pointer : `${pointer}/type`,
      message: 'A bind mount needs the option "bind" or "rbind".',
      runc: words2('no such device'),
      why: 'The kernel knows no file system called "bind"; it is the option that makes the mount one.',
      fix: {
        title: 'Add "rbind"',
        edits: context.set(
          mount.options ? `${pointer}/options/-` : `${pointer}/options`,
          mount.options ? 'rbind' : ['rbind'],
        ),
      },
    })
  else if (looksBind || !FILE_SYSTEMS.has(type)) {
    const known = context.host?.filesystems
    if (known?.includes(type)) return
    const lower = FILE_SYSTEMS.has(type.toLowerCase()) ? type.toLowerCase() : null
    context.report({
      id: looksBind ? (type === '' ? 'mount-type-missing' : 'mount-bind-no-option') : 'mount-type-unknown',
      severity: soft ? 'fails-later' : 'refused',
      pointer: type === '' ? pointer : `${pointer}/type`,
      message:
        type === ''
          ? 'This mount has no type.'
          : looksBind
            ? 'A bind mount needs the option "bind" or "rbind".'
            : `There is no file system "${type}".`,
      runc: words2('no such device'),
      why: 'The type is the name of a file system that the kernel knows, or the options hold "bind".',
      fix: lower
        ? { title: `Use "${lower}"`, edits: context.set(`${pointer}/type`, lower) }
        : typeOf(context, mount, pointer),
    })
  } else if (context.host?.filesystems && !context.host.filesystems.includes(type) && !PSEUDO.has(type))
    context.report({
      id: 'mount-type-unavailable',
      severity: 'refused',
      pointer: `${pointer}/type`,
      message: `This kernel has no file system "${type}".`,
      runc: words2('no such device'),
      why: '/proc/filesystems lists those that it has.',
    })
  else if (type === 'devtmpfs' || DISKS.has(type))
    context.report({
      id: 'mount-needs-disk',
      severity: 'fails-later',
      pointer: `${pointer}/type`,
      message: `"${type}" can only be mounted by root of the machine itself, from a device.`,
      why: 'In a user namespace, as in a sandbox of the lab, the kernel refuses it.',
    })
}

const PSEUDO = new Set(['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2'])
const DISKS = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'f2fs',
  'vfat',
  'iso9660',
  'squashfs',
  'nfs',
  'nfs4',
  'cifs',
])

const USUAL: Record<string, string> = {
  '/proc': 'proc',
  '/dev': 'tmpfs',
  '/dev/pts': 'devpts',
  '/dev/shm': 'tmpfs',
  '/dev/mqueue': 'mqueue',
  '/sys': 'sysfs',
  '/sys/fs/cgroup': 'cgroup',
  '/tmp': 'tmpfs',
  '/run': 'tmpfs',
}

function typeOf(context: Context, mount: Mount, pointer: string) {
  const usual =
    USUAL[clean(mount.destination ?? '')] ?? (FILE_SYSTEMS.has(mount.source ?? '') ? mount.source : undefined)
  return usual ? { title: `Use type "${usual}"`, edits: context.set(`${pointer}/type`, usual) } : null
}
