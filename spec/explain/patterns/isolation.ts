/** Messages about namespaces, ids, mounts and paths. */
import type { Pattern } from '../pattern.ts'

const ALIASES: Record<string, string> = { net: 'network', mnt: 'mount', PID: 'pid' }

export const isolationPatterns: readonly Pattern[] = [
  {
    id: 'ns-unknown',
    match: /namespace \{"(?<type>[^"]*)" "[^"]*"\} does not exist/,
    title: ({ type }) => (type ? `There is no namespace "${type}"` : 'A namespace has no type'),
    explanation: ({ type }) =>
      `The types are pid, network, mount, ipc, uts, user, cgroup and time.${ALIASES[type!] ? ` What the kernel calls "${type}" is "${ALIASES[type!]}" in the specification.` : ''}`,
    fix: ({ type }) => `Write "${ALIASES[type!] ?? 'network'}" or whichever is meant.`,
    pointer: '/linux/namespaces',
  },
  {
    id: 'ns-duplicate',
    match: /malformed spec file: duplicated ns \{"(?<type>[^"]*)"/,
    title: ({ type }) => `The namespace "${type}" is listed twice`,
    explanation: 'A process is in exactly one namespace of each type.',
    fix: 'Delete one of the two entries.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'ns-path-relative',
    match: /namespace path: lstat (?<path>[^/\s]\S*): no such file or directory/,
    title: ({ path }) => `The namespace path ${path} is not absolute`,
    explanation: 'The path of a namespace to join must begin with a slash.',
    fix: ({ path }) => `Probably "/var/run/${path}".`,
    pointer: '/linux/namespaces',
  },
  {
    id: 'ns-path-missing',
    match:
      /namespace path: lstat (?<path>\/\S*): no such file or directory|failed to open (?<other>\/\S*ns\/\S*)/,
    title: ({ path, other }) => `There is no namespace at ${path || other}`,
    explanation:
      'A namespace exists only while a process is in it or something holds it, such as the file that `ip netns add` makes. It may have ended.',
    fix: 'Look with `ls -l /var/run/netns /proc/PID/ns`, and correct the path.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'ns-path-other',
    match: /failed to setns into (?<type>\w+) namespace: (?<reason>.+?)(?: \||$)/,
    title: ({ type }) => `The path of the ${type} namespace leads to something else`,
    explanation: ({ reason, type }) =>
      /permitted/i.test(reason!)
        ? `The kernel says "${reason}": runc has no rights over that ${type} namespace, for it belongs to another user namespace.`
        : `The kernel says "${reason}": the file is no namespace, or one of another type. runc’s later lines, about stages and a pipe, only say that this step has failed.`,
    fix: 'Join the file of the right type: /proc/PID/ns/net for "network", /proc/PID/ns/mnt for "mount", or one below /var/run/netns.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'ns-path-own-user',
    match: /failed to cache mappings for userns: (?<reason>.+)/,
    title: 'This user namespace cannot be joined',
    explanation:
      'runc is in it already, or the path leads nowhere. A process can only join a user namespace below its own.',
    fix: 'Leave the "user" entry out to stay in this one, or give it no path and add mappings for a new one.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'hostname-needs-uts',
    match: /unable to set (?<name>hostname|domainname) without a private UTS namespace/,
    title: ({ name }) => `"${name}" needs a "uts" namespace`,
    explanation: 'Without one the name of the whole machine would change, and runc refuses that.',
    fix: 'Add { "type": "uts" } to linux.namespaces, or delete the name.',
    pointer: ({ name }) => `/${name}`,
  },
  {
    id: 'hostname-too-long',
    match: /set(?<name>hostname|domainname): invalid argument/,
    title: ({ name }) => `The ${name} is too long`,
    explanation: 'The kernel keeps at most 64 bytes of it.',
    fix: 'Shorten it.',
    pointer: ({ name }) => `/${name}`,
  },
  {
    id: 'ns-mount-missing',
    match: /unable to restrict sys entries without a private MNT namespace/,
    title: 'Masked and read-only paths need a "mount" namespace',
    explanation: 'Without one runc would cover these paths on the machine itself.',
    fix: 'Add { "type": "mount" } to linux.namespaces.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'user-namespace-no-mapping',
    match: /user namespaces enabled, but no (?<kind>uid|gid) mappings found/,
    title: ({ kind }) => `The user namespace has no ${kind}Mappings`,
    explanation: 'Without a mapping no id inside would have one outside, and nothing could run.',
    fix: ({ kind }) =>
      `Add "${kind}Mappings": [{ "containerID": 0, "hostID": 100000, "size": 65536 }] to "linux" (and the same for ${kind === 'uid' ? 'gid' : 'uid'}).`,
    pointer: ({ kind }) => `/linux/${kind}Mappings`,
  },
  {
    id: 'user-namespace-no-root',
    match: /user namespaces enabled, but no mapping found for (?<kind>uid|gid) (?<id>\d+)/,
    title: ({ kind, id }) => `${kind} ${id} is in no mapping`,
    explanation: ({ kind }) =>
      `runc sets the container up as root inside, so id 0 must have an id outside. linux.${kind}Mappings does not cover it; a "size" of 0 maps nothing.`,
    fix: 'Begin the mapping at containerID 0 with a size of 1 or more.',
    pointer: ({ kind }) => `/linux/${kind}Mappings`,
  },
  {
    id: 'user-namespace-both',
    match: /user namespaces enabled, but both namespace path and non-matching mapping specified/,
    title: 'A user namespace that is joined has its mappings already',
    explanation:
      'The entry has a path, and uidMappings or gidMappings say something else than that namespace has.',
    fix: 'Delete the mappings, or the path.',
    pointer: '/linux/uidMappings',
  },
  {
    id: 'rootless-user-namespace',
    match: /rootless containers? requires? (?<what>user namespaces|at least one [UG]ID mapping)/,
    title: 'Without root, runc needs a user namespace with mappings',
    explanation: 'You are not root, and this config.json was made for root.',
    fix: 'Write one with `runc spec --rootless` as the same user, or run runc as root.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'user-unmapped',
    match: /cannot set(?<kind>uid|gid) to unmapped \w+ (?<id>\d+) in user namespace/,
    title: ({ kind, id }) => `${kind} ${id} does not exist in the container`,
    explanation: ({ kind }) =>
      `"process.user" names an id that linux.${kind}Mappings does not map. In a sandbox, which is a user namespace itself, ids beyond its own do not exist either.`,
    fix: 'Enlarge "size" of the mapping, or choose a mapped id.',
    pointer: ({ kind }) => `/process/user/${kind}`,
  },
  {
    id: 'user-group-unmapped',
    match: /unable to setup user: setgroups: (?<reason>.+)/,
    title: 'An additional group does not exist in the container',
    explanation: ({ reason }) =>
      `The kernel says "${reason}": one of "additionalGids" is not mapped in linux.gidMappings.`,
    fix: 'Map it, or take it out of "additionalGids".',
    pointer: '/process/user/additionalGids',
  },
  {
    id: 'map-refused',
    match:
      /failed to (?:update \/proc\/\d+\/(?<file>[ug]id_map)|use new(?<tool>[ug]id) ?map on \d+)(?:: (?<reason>.+?))?(?: \||$)/,
    title: 'The kernel refused the id mappings',
    explanation: ({ reason }) =>
      /permitted/i.test(reason ?? '')
        ? 'The ids outside are not yours to give: in a sandbox only ids up to 196607 exist, and an ordinary user needs /etc/subuid and newuidmap. runc’s later lines, about stages and a pipe, only say that this step has failed.'
        : 'Two mappings overlap, one has the size 0, or one goes beyond the last id. runc’s later lines, about stages and a pipe, only say that this step has failed.',
    fix: 'Check linux.uidMappings and gidMappings: no overlaps, sizes of 1 or more, host ids that exist.',
    pointer: ({ file, tool }) =>
      `/linux/${(file ?? '').startsWith('g') || tool === 'gid' ? 'gidMappings' : 'uidMappings'}`,
  },
  {
    id: 'time-offsets',
    match: /failed to update \/proc\/\d+\/timens_offsets: (?<reason>.+?)(?: \||$)/,
    title: 'The kernel refused the time offsets',
    explanation: ({ reason }) =>
      /range/i.test(reason!)
        ? 'A shifted clock must stay positive: a negative offset cannot be larger than the time since the machine was started.'
        : 'Only the clocks "monotonic" and "boottime" can be shifted, and nanosecs must be below 1000000000.',
    fix: 'Correct linux.timeOffsets.',
    pointer: '/linux/timeOffsets',
  },
  {
    id: 'time-needs-namespace',
    match: /time namespace offsets specified, but time namespace isn't enabled/,
    title: '"timeOffsets" needs a "time" namespace',
    explanation:
      'The clocks of the machine itself cannot be shifted. Even an empty "timeOffsets" asks for one.',
    fix: 'Add { "type": "time" } to linux.namespaces, or delete "timeOffsets".',
    pointer: '/linux/timeOffsets',
  },
  {
    id: 'time-offsets-and-path',
    match: /time namespace enabled, but both namespace path and time offsets/,
    title: 'A time namespace that is joined has its offsets already',
    explanation: 'Offsets are set before the first process is in it.',
    fix: 'Delete "timeOffsets", or the path.',
    pointer: '/linux/timeOffsets',
  },
  {
    id: 'ns-unavailable',
    match: /(?<kind>user|cgroup|time) namespaces aren't enabled in the kernel/,
    title: ({ kind }) => `This kernel has no ${kind} namespaces`,
    explanation: 'It was built without them, or is too old.',
    fix: ({ kind }) => `Delete the "${kind}" entry from linux.namespaces.`,
    pointer: '/linux/namespaces',
  },
  {
    id: 'ns-refused',
    match: /failed to unshare (?<what>[\w ]+?)(?: namespaces?)?: (?<reason>.+?)(?: \||$)/,
    title: 'The kernel refused new namespaces',
    explanation: ({ reason }) =>
      `It says "${reason}". Making namespaces needs CAP_SYS_ADMIN, or user namespaces that are allowed and not used up (user.max_user_namespaces).`,
    fix: 'Run as root, or add a user namespace with mappings.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'mount-bind-data',
    match: /invalid mount .*bind mounts cannot have any filesystem-specific options applied/,
    title: 'A bind mount has an option that is none',
    explanation:
      'Options that runc does not know go to the file system, and a bind mount makes no new one. Often it is a misspelling: "readonly" for "ro".',
    fix: 'Correct or delete the option; `runc features` lists those that runc knows.',
    pointer: '/mounts',
  },
  {
    id: 'mount-null-byte',
    match: /mount field contains null byte/,
    title: 'A mount contains a zero byte',
    explanation: 'A zero byte ends every string in C.',
    fix: 'Delete \\u0000 from the mount.',
    pointer: '/mounts',
  },
  {
    id: 'idmap',
    match: /id-mapped mounts (?<rest>[^"]+)/,
    title: 'This mount cannot have its ids mapped',
    explanation: ({ rest }) => `id-mapped mounts ${rest}.`,
    fix: 'Use a bind mount, and give uidMappings and gidMappings or a user namespace.',
    pointer: '/mounts',
  },
  {
    id: 'mount-on-root',
    match: /mountpoint "(?<point>[^"]*)" is on the top of rootfs/,
    title: 'A mount has no destination, or /',
    explanation: 'Nothing can be mounted on the root of the container itself.',
    fix: 'Give each mount a "destination" below /, such as "/data".',
    pointer: '/mounts',
  },
  {
    id: 'mount-proc-type',
    match: /cannot be mounted because it is not of type proc/,
    title: 'On /proc only "proc" can be mounted',
    explanation:
      'runc itself trusts what it reads from the container’s /proc, so it refuses anything else there.',
    fix: '{ "destination": "/proc", "type": "proc", "source": "proc" }',
    pointer: '/mounts',
  },
  {
    id: 'mount-inside-proc',
    match: /"(?<path>[^"]*)" cannot be mounted because it is inside \/proc/,
    title: 'runc mounts nothing inside /proc',
    explanation:
      'It could hide what runc checks there. A few files that lxcfs replaces, such as /proc/meminfo, are the exception.',
    fix: 'For kernel settings use linux.sysctl; to hide a path use linux.maskedPaths.',
    pointer: '/mounts',
  },
  {
    id: 'mount-source-not-found',
    match:
      /failed to fulfil mount request: (?:open|stat|openat2?) (?<path>\S+): no such file or directory|create mountpoint for (?<dest>\S+) mount: stat (?<other>\S+): no such file or directory/,
    title: ({ path, other }) => `There is no ${path || other} to bind`,
    explanation:
      'A bind mount shows something that exists already. A relative source is taken from the bundle.',
    fix: ({ path, other }) => `mkdir -p ${path || other}, or correct "source".`,
    pointer: '/mounts',
  },
  {
    id: 'mount-failed',
    match:
      /error mounting "(?<source>[^"]*)" to rootfs at "(?<dest>[^"]*)": (?<rest>.*?)(?<reason>no such device|invalid argument|no such file or directory|operation not permitted|permission denied|device or resource busy|not a directory|read-only file system|[a-z][^:]*)"?$/,
    title: ({ source, dest }) => `${source || 'The mount'} could not be mounted on ${dest}`,
    explanation: ({ reason, rest, source }) => {
      if (reason === 'no such device')
        return 'The kernel has no file system of that type. For a bind mount the option "bind" or "rbind" is missing: the type alone does not make it one.'
      if (reason === 'invalid argument') {
        const data = /data=([^:]*)/.exec(rest ?? '')?.[1]
        return `The kernel refused the options${data ? ` (${data})` : ''}: one is misspelt, has a value it does not understand ("64MB" for "64m"), or names a uid or gid that does not exist in the container.`
      }
      if (/cannot change locked|cannot clear locked/.test(rest ?? ''))
        return 'The source is mounted with flags that may not be taken away in a user namespace (nosuid, nodev, ro, the atime flags).'
      if (reason === 'operation not permitted' || reason === 'permission denied')
        return `The kernel does not allow ${source || 'it'} here. sysfs needs a network namespace of its own, mqueue an ipc namespace, and disks cannot be mounted in a user namespace at all; and root in the container must own the place it mounts on.`
      if (reason === 'device or resource busy')
        return 'The same file system is mounted there already: an entry of "mounts" is there twice.'
      if (reason === 'not a directory')
        return 'One side is a file, the other a directory: a file can only be bound on a file.'
      if (reason === 'read-only file system')
        return 'The mount point does not exist, and cannot be made in a file system that is read-only, such as sysfs.'
      if (reason === 'no such file or directory')
        return 'The source, or the directory to mount on, does not exist and could not be made.'
      return `The reason stands at the end: ${reason}.`
    },
    fix: ({ reason }) =>
      reason === 'no such device'
        ? 'Add "rbind" to "options", or correct "type".'
        : reason === 'invalid argument'
          ? 'Correct the options of this mount. `runc features` lists the general ones; tmpfs knows size, mode, uid, gid, nr_inodes.'
          : 'Check type, source, destination and options of this mount.',
    pointer: '/mounts',
  },
  {
    id: 'mount-destination-relative',
    match:
      /mount destination (?<dest>\S*) is not absolute|Destination:(?<other>\S*) Device:.*relative destination path/,
    title: 'The destination of a mount is not absolute',
    explanation: 'runc still takes it as relative to / and warns; a later version will refuse it.',
    fix: ({ dest, other }) => `Write "destination": "/${dest || other}".`,
    pointer: '/mounts',
  },
  {
    id: 'mount-no-proc',
    match:
      /unsafe procfs detected: incorrect procfs root|open \/proc\/sys\/kernel\/cap_last_cap: no such file or directory/,
    title: 'There is no /proc in the container',
    explanation:
      'runc reads from /proc inside the container before it starts the program. No mount puts one there, or it is masked.',
    fix: 'Add { "destination": "/proc", "type": "proc", "source": "proc" } to "mounts".',
    pointer: '/mounts',
  },
  {
    id: 'devices-failed',
    match: /error creating device nodes: (?<rest>.+)/,
    title: 'A device file could not be made',
    explanation: ({ rest }) =>
      `${rest}. In a user namespace nobody may make device files: runc binds the one of the machine instead, which must exist, and root in the container must be allowed to write to /dev.`,
    fix: 'Keep the tmpfs on /dev, and list only devices that `ls -l /dev` shows.',
    pointer: '/linux/devices',
  },
  {
    id: 'mount-no-dev',
    match:
      /error setting up \/dev symlinks|error setting up ptmx|error reopening \/dev\/null|container's \/dev\/null is invalid/,
    title: '/dev in the container is not as runc needs it',
    explanation:
      'Without a tmpfs on /dev, runc writes device files and links into the rootfs, where what an earlier start has left is in its way.',
    fix: 'Put the tmpfs on /dev back into "mounts", and empty rootfs/dev.',
    pointer: '/mounts',
  },
  {
    id: 'propagation-unknown',
    match: /rootfsPropagation=(?<value>\S*) is not supported/,
    title: ({ value }) => `There is no propagation "${value}"`,
    explanation: 'It is one of private, shared, slave, unbindable, or the same with an r in front.',
    fix: 'Correct or delete linux.rootfsPropagation.',
    pointer: '/linux/rootfsPropagation',
  },
  {
    id: 'path-restrict',
    match: /can't (?<what>mask path|make) "(?<path>[^"]*)"(?: read-only)?: (?<reason>.+)/,
    title: ({ path }) => `${path} could not be protected`,
    explanation: ({ reason }) => `The kernel says "${reason}".`,
    fix: 'Check linux.maskedPaths and linux.readonlyPaths.',
    pointer: ({ what }) => (what === 'make' ? '/linux/readonlyPaths' : '/linux/maskedPaths'),
  },
]
