/** Rules about `root` and the bundle it lies in. */
import type { Context } from '../context.ts'
import { failed, initFailed, startFailed } from '../diagnostic.ts'
import { nearest } from '../words.ts'
import { clean, namespaceOf } from './shared.ts'

export function rootRules(context: Context): void {
  const { spec, bundle } = context
  if (!spec.root) {
    context.report({
      id: 'root-missing',
      severity: 'refused',
      pointer: '/root',
      message: '"root" is missing: there is no file system to start from.',
      runc: failed('root must be specified'),
      why: 'runc makes the directory root.path the / of the container.',
      fix: { title: 'Use the directory "rootfs"', edits: context.set('/root', { path: 'rootfs' }) },
    })
    return
  }
  const path = spec.root.path ?? ''
  const program = spec.process?.args?.[0] ?? 'sh'
  const relative = !path.startsWith('/')
  const runnable = bundle?.programs?.some(({ kind }) => kind === 'file')
  // The folder of the bundle itself, by one of its names.
  if (relative && /^(\.?\/?)*$/.test(path)) {
    context.report({
      id: 'root-path-empty',
      severity: path !== '' && runnable ? 'style' : 'refused',
      pointer: '/root/path',
      message: 'root.path names the bundle itself, not a root file system in it.',
      runc: initFailed(`exec: "${program}": executable file not found in $PATH`),
      why: 'A relative path is taken from the bundle; an empty one is the bundle.',
      fix: { title: 'Use "rootfs"', edits: context.set('/root/path', 'rootfs') },
    })
    return
  }
  if (path === '/')
    context.report({
      id: 'root-path-host',
      severity: 'refused',
      pointer: '/root/path',
      message: 'root.path is the / of the machine itself.',
      runc: initFailed('error jailing process inside rootfs: pivot_root .: invalid argument'),
      why: 'runc would mount over the directories of its own system, and pivot_root needs another directory.',
      fix: { title: 'Use "rootfs"', edits: context.set('/root/path', 'rootfs') },
    })
  else if (relative && clean(`/b/${path}`) === '/b')
    context.report({
      id: 'root-path-bundle',
      severity: 'fails-later',
      pointer: '/root/path',
      message: 'root.path leads back to the bundle itself.',
      why: 'A relative path is taken from the bundle.',
    })
  if (
    !bundle &&
    relative &&
    path !== 'rootfs' &&
    nearest(path, ['rootfs']) &&
    clean(`/${path}`) !== '/rootfs'
  )
    context.report({
      id: 'rootfs-name',
      severity: 'fails-later',
      pointer: '/root/path',
      message: `Is the directory really called "${path}"? The usual name is "rootfs".`,
      runc: failed(`invalid rootfs: stat $BUNDLE/${path}: no such file or directory`),
      why: 'It must exist in the bundle.',
      fix: { title: 'Use "rootfs"', edits: context.set('/root/path', 'rootfs') },
    })
  if (!bundle) return
  const full = relative ? clean(`${bundle.path}/${path}`) : path
  const { rootfs } = bundle
  if (rootfs.kind === 'missing')
    context.report({
      id: 'rootfs-missing',
      severity: 'refused',
      pointer: '/root/path',
      message: `There is no ${path} in the bundle.`,
      runc: failed(`invalid rootfs: stat ${full}: no such file or directory`),
      why: 'The root file system must be unpacked before the container can start, for instance with `docker export`.',
      fix: guessRoot(context),
    })
  else if (rootfs.kind === 'symlink' || (rootfs.realPath && rootfs.realPath !== clean(full)))
    context.report({
      id: 'rootfs-symlink',
      severity: 'refused',
      pointer: '/root/path',
      message: `${path} is a symbolic link, or lies behind one.`,
      runc: failed('invalid rootfs: not an absolute path, or a symlink'),
      why: 'runc wants the real path, so that nobody can swap the directory under it.',
      fix:
        rootfs.realPath && rootfs.realPath !== full
          ? { title: `Use ${rootfs.realPath}`, edits: context.set('/root/path', rootfs.realPath) }
          : null,
    })
  else if (rootfs.kind !== 'directory')
    context.report({
      id: 'rootfs-not-directory',
      severity: 'refused',
      pointer: '/root/path',
      message: `${path} is a file, not a directory.`,
      runc: startFailed('unable to start init: fork/exec /proc/self/fd/6: not a directory'),
      why: 'An archive must be unpacked into a directory first: mkdir rootfs && tar -C rootfs -xf FILE.',
      fix: guessRoot(context),
    })
  else if (rootfs.empty)
    context.report({
      id: 'rootfs-empty',
      severity: 'refused',
      pointer: '/root/path',
      message: `${path} is empty.`,
      runc: initFailed(`exec: "${program}": executable file not found in $PATH`),
      why: 'There is no program in it. Unpack a root file system, for instance: docker export $(docker create busybox) | tar -C rootfs -xf -',
    })
  else if (rootfs.entries?.includes('manifest.json') && !rootfs.entries.includes('bin'))
    context.report({
      id: 'rootfs-image',
      severity: bundle.programs && !runnable ? 'refused' : 'fails-later',
      pointer: '/root/path',
      message: `${path} holds an image's layers, not a file system.`,
      runc: initFailed(`exec: "${program}": executable file not found in $PATH`),
      why: '`docker save` writes an image; `docker export` writes the files of a container.',
    })
  else if (rootfs.entries?.length === 1 && rootfs.entries[0] === 'rootfs')
    context.report({
      id: 'rootfs-nested',
      severity: bundle.programs && !runnable ? 'refused' : 'fails-later',
      pointer: '/root/path',
      message: `${path} holds nothing but another directory called rootfs.`,
      runc: initFailed(`exec: "${program}": executable file not found in $PATH`),
      why: 'It was unpacked one directory too deep.',
      fix: {
        title: `Use "${path}/rootfs"`,
        edits: context.set('/root/path', `${path.replace(/\/$/, '')}/rootfs`),
      },
    })
}

/** Whether root in the container may change the root file system: its owner must be mapped. */
export function ownerRules(context: Context): void {
  const { spec, bundle } = context
  const user = namespaceOf(spec, 'user')
  const owner = bundle?.rootfs.uid
  if (!user || user.path || owner === undefined || bundle?.rootfs.kind !== 'directory') return
  const inside = spec.linux?.uidMappings?.some(
    ({ hostID = 0, size = 0 }) => owner >= hostID && owner < hostID + size,
  )
  const root = spec.linux?.uidMappings?.find(({ containerID = 0 }) => containerID === 0)?.hostID ?? 0
  if (inside || !spec.linux?.uidMappings) return
  context.report({
    id: 'rootfs-owner',
    severity: 'fails-later',
    pointer: '/linux/uidMappings',
    message: `The rootfs belongs to ${owner}, who has no id inside the container.`,
    runc: initFailed(
      'error preparing rootfs: remount-private dst=$BUNDLE/rootfs, flags=MS_PRIVATE: permission denied',
    ),
    why: `Inside, its files belong to "nobody", and root cannot change them or make mount points. Give it away: chown -R ${root}:${root} rootfs; the folders above need x for others.`,
  })
}

function guessRoot(context: Context) {
  const path = context.spec.root?.path
  return path === 'rootfs' ? null : { title: 'Use "rootfs"', edits: context.set('/root/path', 'rootfs') }
}
