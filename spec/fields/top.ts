/** The fields at the top of config.json, and those of `root`, `mounts` and `hooks`. */
import type { Field } from './index.ts'
import { mappingFields } from './mappings.ts'

const HOOKS: [kind: string, title: string, what: string, runc: string][] = [
  [
    'prestart',
    'prestart hooks (deprecated)',
    'Programs that run on the machine after the namespaces are made, before the program starts. Use createRuntime instead.',
    'Still runs them, before createRuntime.',
  ],
  [
    'createRuntime',
    'createRuntime hooks',
    'Programs that run on the machine while the container is created, after its namespaces and mounts are made and before it switches to its root. The usual place to set up a network.',
    'Runs them in order, in its own namespaces; the first that fails ends the creation.',
  ],
  [
    'createContainer',
    'createContainer hooks',
    'As createRuntime, but in the container’s namespaces, still with the files of the machine. The usual place to change mounts.',
    'Runs them after createRuntime, before pivot_root; the first that fails ends the creation.',
  ],
  [
    'startContainer',
    'startContainer hooks',
    'Programs that run inside the container, right before the program. Their paths are looked up in the rootfs.',
    'Runs them at `runc start`; one that fails stops the container with status 255.',
  ],
  [
    'poststart',
    'poststart hooks',
    'Programs that run on the machine after the program has started.',
    'Runs them in its own namespaces; one that fails makes runc kill the container.',
  ],
  [
    'poststop',
    'poststop hooks',
    'Programs that run on the machine after the container has been deleted. For cleaning up.',
    'Runs them at `runc delete`; one that fails only gives a warning.',
  ],
]

const hookFields = (): Record<string, Field> => {
  const fields: Record<string, Field> = {}
  for (const [kind, title, what, runc] of HOOKS) {
    const at = `/hooks/${kind}`
    const where = kind === 'startContainer' ? 'inside the container' : 'on the machine'
    fields[at] = {
      title,
      what,
      unit: null,
      default: null,
      runc,
      kernel: null,
      example: `"${kind}": [{ "path": "/usr/bin/true" }]`,
    }
    fields[`${at}/*/path`] = {
      title: 'Program of the hook',
      what: `The absolute path of the program, ${where}. PATH is not searched.`,
      unit: null,
      default: null,
      runc: 'Starts it, with the state of the container as JSON on its standard input.',
      kernel: 'execve(2)',
      example: '"path": "/usr/local/bin/setup-network"',
    }
    fields[`${at}/*/args`] = {
      title: 'Arguments of the hook',
      what: 'All of argv: the first entry is the name of the program itself. Left out, it is the path alone.',
      unit: null,
      default: null,
      runc: 'Passes them on as they are.',
      kernel: 'argv of execve(2)',
      example: '"args": ["setup-network", "--bridge", "br0"]',
    }
    fields[`${at}/*/env`] = {
      title: 'Environment of the hook',
      what: 'Its variables as NAME=value. Nothing else is there, not even PATH.',
      unit: null,
      default: null,
      runc:
        kind === 'startContainer'
          ? 'Left out, the hook gets the environment of the container’s program.'
          : 'Left out, the hook gets runc’s own environment.',
      kernel: 'environment of execve(2)',
      example: '"env": ["PATH=/usr/bin:/bin"]',
    }
    fields[`${at}/*/timeout`] = {
      title: 'Timeout of the hook',
      what: 'After how long the hook is ended and counts as failed. 0 does not mean "none": it is over at once.',
      unit: 'seconds',
      default: null,
      runc: 'Left out, it waits for ever. The JSON schema wants 1 or more.',
      kernel: null,
      example: '"timeout": 5',
    }
  }
  return fields
}

export const topFields: Record<string, Field> = {
  '': {
    title: 'config.json',
    what: 'Everything runc needs to know to make one container. It lies in the bundle, beside the root file system.',
    unit: null,
    default: null,
    runc: 'Reads it once, at `create` or `run`; changes afterwards do nothing to a container that exists.',
    kernel: null,
    example: '{ "ociVersion": "1.2.1", "process": { … }, "root": { … } }',
  },
  '/ociVersion': {
    title: 'Version of the specification',
    what: 'The version of the OCI runtime specification that this file was written for.',
    unit: null,
    default: '"1.2.1"',
    runc: 'Does not check it; it only hands it on in the state that hooks and `runc state` show.',
    kernel: null,
    example: '"ociVersion": "1.2.1"',
  },
  '/hostname': {
    title: 'Host name',
    what: 'The name that the container sees as its own.',
    unit: null,
    default: '"runc"',
    runc: 'Calls sethostname in the new UTS namespace. Without a "uts" entry in linux.namespaces it refuses the file.',
    kernel: 'UTS namespace; at most 64 bytes',
    example: '"hostname": "web"',
  },
  '/domainname': {
    title: 'NIS domain name',
    what: 'The domain name that `domainname` shows. It has nothing to do with DNS.',
    unit: null,
    default: null,
    runc: 'Calls setdomainname; needs a "uts" namespace.',
    kernel: 'UTS namespace; at most 64 bytes',
    example: '"domainname": "example"',
  },
  '/annotations': {
    title: 'Annotations',
    what: 'Notes for tools and people, as names and strings. JSON has no comments: this is the place for them.',
    unit: null,
    default: null,
    runc: 'Keeps them in the container’s state and shows them to hooks. With --systemd-cgroup, names that begin with org.systemd.property. become properties of the unit.',
    kernel: null,
    example: '"annotations": { "org.example.note": "made by hand" }',
  },
  '/root': {
    title: 'Root file system',
    what: 'The directory that becomes / in the container.',
    unit: null,
    default: '{ "path": "rootfs", "readonly": true }',
    runc: 'Refuses a file without it.',
    kernel: 'mount namespace, pivot_root(2)',
    example: '"root": { "path": "rootfs", "readonly": true }',
  },
  '/root/path': {
    title: 'Directory of the root file system',
    what: 'Absolute, or relative to the bundle.',
    unit: null,
    default: '"rootfs"',
    runc: 'It must exist and be no symlink. runc binds it onto itself and makes it / with pivot_root.',
    kernel: 'pivot_root(2)',
    example: '"path": "rootfs"',
  },
  '/root/readonly': {
    title: 'Read-only root',
    what: 'Whether / may only be read. Mounts decide for themselves.',
    unit: null,
    default: 'true',
    runc: 'Remounts / read-only after everything else is mounted. Left out, it is writable.',
    kernel: 'MS_RDONLY',
    example: '"readonly": false',
  },
  '/mounts': {
    title: 'Mounts',
    what: 'What is mounted into the root file system, in this order: parents before what is in them.',
    unit: null,
    default: '/proc, /dev, /dev/pts, /dev/shm, /dev/mqueue, /sys and /sys/fs/cgroup',
    runc: 'Makes each one, and the directory for it if it is missing. Nothing is added by itself, not even /proc.',
    kernel: 'mount namespace, mount(2)',
    example: '"mounts": [{ "destination": "/proc", "type": "proc", "source": "proc" }]',
  },
  '/mounts/*/destination': {
    title: 'Where to mount',
    what: 'The absolute path inside the container.',
    unit: null,
    default: null,
    runc: 'Makes the directory (or an empty file, for a file) if it does not exist. Refuses / and places inside /proc; warns about relative paths.',
    kernel: 'mount(2), openat2 with RESOLVE_IN_ROOT',
    example: '"destination": "/data"',
  },
  '/mounts/*/type': {
    title: 'File system',
    what: 'The name of a file system that the kernel knows: proc, tmpfs, sysfs, devpts, mqueue, overlay, … For bind mounts it does not matter.',
    unit: null,
    default: null,
    runc: 'Passes it on. "bind" alone makes no bind mount: the option does. "cgroup" is made up of all hierarchies.',
    kernel: '/proc/filesystems',
    example: '"type": "tmpfs"',
  },
  '/mounts/*/source': {
    title: 'What to mount',
    what: 'For a bind mount a file or directory, absolute or relative to the bundle; for a disk the device; for others any name.',
    unit: null,
    default: null,
    runc: 'Makes a relative source of a bind mount absolute, and refuses to start if it does not exist.',
    kernel: 'mount(2); shown in /proc/PID/mountinfo',
    example: '"source": "/srv/data"',
  },
  '/mounts/*/options': {
    title: 'Mount options',
    what: 'As in fstab, each one an entry: bind, rbind, ro, nosuid, nodev, noexec, private, rslave, … What runc does not know goes to the file system (size=64m, mode=755).',
    unit: null,
    default: null,
    runc: 'Turns about sixty words into flags (`runc features` lists them). On a bind mount an unknown one is refused.',
    kernel: 'mount(2), mount_setattr(2)',
    example: '"options": ["rbind", "ro", "nosuid"]',
  },
  ...mappingFields(
    '/mounts/*',
    'of the files in this mount',
    'Shows the files with other owners (an id-mapped mount); bind mounts only, and not without root of the machine.',
    'mount_setattr(2) with MOUNT_ATTR_IDMAP',
  ),
  '/hooks': {
    title: 'Hooks',
    what: 'Programs that run at certain moments in the life of the container.',
    unit: null,
    default: null,
    runc: 'Runs each list in order and gives every hook the container’s state as JSON on standard input.',
    kernel: null,
    example: '"hooks": { "createRuntime": [{ "path": "/usr/local/bin/net-up" }] }',
  },
  ...hookFields(),
}
