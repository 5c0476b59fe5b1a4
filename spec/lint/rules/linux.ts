/** Rules about the rest of `linux`, and about the version and annotations at the top. */
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'
import { PROPAGATIONS } from '../names.ts'
import { didYouMean, nearest } from '../words.ts'
import { clean, isFragment } from './shared.ts'

export function linuxRules(context: Context): void {
  const { spec } = context
  versionRules(context)
  const { rootfsPropagation, personality, maskedPaths, readonlyPaths, intelRdt, mountLabel, cgroupsPath } =
    spec.linux ?? {}
  if (rootfsPropagation && !PROPAGATIONS.some((known) => known === rootfsPropagation)) {
    const guess = nearest(rootfsPropagation, PROPAGATIONS)
    context.report({
      id: 'propagation-unknown',
      severity: 'refused',
      pointer: '/linux/rootfsPropagation',
      message: `There is no propagation "${rootfsPropagation}".${didYouMean(guess)}`,
      runc: failed(`rootfsPropagation=${rootfsPropagation} is not supported`),
      why: `It is one of ${PROPAGATIONS.join(', ')}.`,
      fix: guess ? { title: `Use "${guess}"`, edits: context.set('/linux/rootfsPropagation', guess) } : null,
    })
  } else if (rootfsPropagation?.endsWith('unbindable'))
    context.report({
      id: 'propagation-unbindable',
      severity: 'fails-later',
      pointer: '/linux/rootfsPropagation',
      message: `With "${rootfsPropagation}" runc cannot make bind mounts, and a cgroup mount on cgroup v1 is one.`,
      runc: initFailed('error mounting "cgroup" to rootfs at "/sys/fs/cgroup": … invalid argument'),
      why: 'An unbindable mount cannot be the source of another.',
      fix: { title: 'Use "private"', edits: context.set('/linux/rootfsPropagation', 'private') },
    })
  else if (rootfsPropagation?.startsWith('r'))
    context.report({
      id: 'propagation-recursive',
      severity: 'style',
      pointer: '/linux/rootfsPropagation',
      message: `The specification knows only "${rootfsPropagation.slice(1)}"; runc takes both.`,
      why: 'Other runtimes and the JSON schema refuse the recursive form here.',
      fix: {
        title: `Use "${rootfsPropagation.slice(1)}"`,
        edits: context.set('/linux/rootfsPropagation', rootfsPropagation.slice(1)),
      },
    })
  if (personality) {
    const { domain = '', flags } = personality
    if (domain !== 'LINUX' && domain !== 'LINUX32')
      context.report({
        id: 'personality-domain',
        severity: 'refused',
        pointer: personality.domain === undefined ? '/linux/personality' : '/linux/personality/domain',
        message: 'The domain of a personality is "LINUX" or "LINUX32".',
        runc: failed(`invalid personality domain ${domain}`),
        why: 'LINUX32 lets `uname -m` show a 32-bit machine; LINUX is the usual one.',
        fix: {
          title: `Use "${/32/.test(domain) ? 'LINUX32' : 'LINUX'}"`,
          edits: context.set('/linux/personality/domain', /32/.test(domain) ? 'LINUX32' : 'LINUX'),
        },
      })
    if (flags && flags.length > 0)
      context.report({
        id: 'personality-flags',
        severity: 'no-effect',
        pointer: '/linux/personality/flags',
        message: 'runc ignores the flags of a personality.',
        runc: `ignoring unsupported personality flags: [${flags.join(' ')}] because personality flag has not supported at this time`,
        why: 'The specification names none so far.',
        fix: { title: 'Delete them', edits: context.remove('/linux/personality/flags') },
      })
  }
  for (const [name, paths] of [
    ['maskedPaths', maskedPaths],
    ['readonlyPaths', readonlyPaths],
  ] as const)
    paths?.forEach((path, i) => {
      pathRules(context, name, path, i)
    })
  if (intelRdt) {
    const { closID = '', l3CacheSchema, memBwSchema } = intelRdt
    if (closID === '.' || closID === '..' || closID.includes('/'))
      context.report({
        id: 'intel-rdt-id',
        severity: 'refused',
        pointer: '/linux/intelRdt/closID',
        message: 'closID is the name of a directory, without a slash.',
        runc: failed(`invalid intelRdt.ClosID "${closID}"`),
        why: 'It lies below /sys/fs/resctrl.',
      })
    for (const [name, value, feature] of [
      ['l3CacheSchema', l3CacheSchema, 'CAT'],
      ['memBwSchema', memBwSchema, 'MBA'],
    ] as const)
      if (value)
        context.report({
          id: 'intel-rdt-unavailable',
          severity: 'fails-later',
          pointer: `/linux/intelRdt/${name}`,
          message: `runc refuses this where Intel RDT/${feature} is not enabled.`,
          runc: failed(`intelRdt.${name} is specified in config, but Intel RDT/${feature} is not enabled`),
          why: 'It needs a server processor and /sys/fs/resctrl mounted.',
        })
  }
  if (mountLabel)
    context.report({
      id: 'selinux-unavailable',
      severity: 'fails-later',
      pointer: '/linux/mountLabel',
      message: 'A mount label works only where SELinux is on.',
      runc: initFailed('error mounting "tmpfs" to rootfs at "/dev": … invalid argument'),
      why: 'Elsewhere file systems refuse the option context=.',
      fix: { title: 'Delete it', edits: context.remove('/linux/mountLabel') },
    })
  if (cgroupsPath && /^[^/:]*:[^:]*:[^/:]*$/.test(cgroupsPath))
    context.report({
      id: 'cgroups-path-systemd',
      severity: 'style',
      pointer: '/linux/cgroupsPath',
      message: 'This form, slice:prefix:name, is read only by `runc --systemd-cgroup`.',
      why: 'Without that option runc makes a cgroup with colons in its name.',
    })
  else if (cgroupsPath === '/' || cgroupsPath === '.')
    context.report({
      id: 'cgroups-path-root',
      severity: 'refused',
      pointer: '/linux/cgroupsPath',
      message: 'The container needs a cgroup of its own.',
      runc: failed("container's cgroup is not empty: 7 process(es) found"),
      why: 'runc makes a new cgroup for each container and refuses one with processes in it.',
      fix: { title: 'Delete it', edits: context.remove('/linux/cgroupsPath') },
    })
}

function pathRules(context: Context, name: 'maskedPaths' | 'readonlyPaths', path: string, i: number): void {
  const pointer = `/linux/${name}/${i}`
  const place = clean(path)
  if (
    name === 'maskedPaths' &&
    path !== '' &&
    (place === '/proc' || /^\/(usr\/)?bin$/.test(place) || place === '/')
  )
    context.report({
      id: 'masked-needed',
      severity: place === '/proc' && context.spec.process?.capabilities ? 'refused' : 'fails-later',
      pointer,
      message:
        place === '/proc'
          ? 'runc needs /proc until the program runs.'
          : `Nothing in ${place} can be found any more.`,
      runc: initFailed(
        place === '/proc'
          ? 'open /proc/sys/kernel/cap_last_cap: no such file or directory'
          : 'exec: "sh": executable file not found in $PATH',
      ),
      why: 'A masked directory is covered with an empty one before the program starts.',
      fix: { title: 'Delete it', edits: context.remove(pointer) },
    })
  if (path === '')
    context.report({
      id: 'path-empty',
      severity: 'no-effect',
      pointer,
      message: 'An empty path names nothing.',
      why: 'runc passes over paths that do not exist.',
      fix: { title: 'Delete it', edits: context.remove(pointer) },
    })
  else if (!path.startsWith('/'))
    context.report({
      id: 'path-relative',
      severity: 'style',
      pointer,
      message: `The path should begin with a slash: "/${path}".`,
      why: 'The specification wants absolute paths; runc takes this one from /.',
      fix: { title: `Use "/${path}"`, edits: context.set(pointer, `/${path}`) },
    })
}

function versionRules(context: Context): void {
  const version = context.spec.ociVersion
  if (version === undefined && context.node('/ociVersion')) return
  if (version === undefined || version === '') {
    if (isFragment(context)) return
    context.report({
      id: 'oci-version-missing',
      severity: 'no-effect',
      pointer: '/ociVersion',
      message: 'The specification wants "ociVersion".',
      why: 'runc does not check it, but other tools do, and hooks read it.',
      fix: { title: 'Write "1.2.1"', edits: () => context.set('/ociVersion', '1.2.1')() },
    })
  } else if (!/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(version))
    context.report({
      id: 'oci-version-form',
      severity: 'no-effect',
      pointer: '/ociVersion',
      message: `"${version}" is no version such as "1.2.1".`,
      why: 'The specification wants a SemVer number. runc does not check it; it only hands it on.',
      fix: { title: 'Write "1.2.1"', edits: context.set('/ociVersion', '1.2.1') },
    })
}
