/** The fields at the top of config.json, and those of `root`. */
import type { Field } from './index.ts'

export const topFields: Record<string, Field> = {
  '': {
    title: 'config.json',
    what: 'Everything runc needs to know to make one container. It lies in the bundle, beside the root file system.',
    unit: null,
    default: null,
    runc: 'Read once, by `create` or `run`; changes afterwards do nothing to a container that exists.',
    kernel: null,
    example: '{ "ociVersion": "1.2.1", "process": { … }, "root": { … } }',
  },
  '/ociVersion': {
    title: 'Version of the specification',
    what: 'The version of the OCI runtime specification that this file was written for.',
    unit: null,
    default: '"1.2.1"',
    runc: 'Reads it and only hands it on in the state that hooks and `runc state` show. It is not checked.',
    kernel: null,
    example: '"ociVersion": "1.2.1"',
  },
  '/hostname': {
    title: 'Host name',
    what: 'The name that the container sees as its own.',
    unit: null,
    default: '"runc"',
    runc: 'Calls sethostname in the new UTS namespace. Without a "uts" entry in linux.namespaces it is refused.',
    kernel: 'UTS namespace; at most 64 bytes',
    example: '"hostname": "web"',
  },
  '/root': {
    title: 'Root file system',
    what: 'The directory that becomes / in the container.',
    unit: null,
    default: '{ "path": "rootfs", "readonly": true }',
    runc: 'Refuses a file without it.',
    kernel: 'mount namespace, pivot_root',
    example: '"root": { "path": "rootfs", "readonly": true }',
  },
  '/root/path': {
    title: 'Directory of the root file system',
    what: 'Absolute, or relative to the bundle.',
    unit: null,
    default: '"rootfs"',
    runc: 'Must exist and be no symlink. It is bound onto itself and then made / with pivot_root.',
    kernel: 'pivot_root(2)',
    example: '"path": "rootfs"',
  },
  '/root/readonly': {
    title: 'Read-only root',
    what: 'Whether programs in the container may write to / and what is below it; mounts decide for themselves.',
    unit: null,
    default: 'true',
    runc: 'Remounts / read-only after everything else is mounted.',
    kernel: 'MS_RDONLY on the bind mount',
    example: '"readonly": false',
  },
}
