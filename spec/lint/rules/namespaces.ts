/** Rules about `linux.namespaces` and what needs one of them. */
import type { Context } from '../context.ts'
import { failed, initFailed, startFailed } from '../diagnostic.ts'
import { NAMESPACE_ALIASES, NAMESPACES } from '../names.ts'
import { didYouMean, nearest } from '../words.ts'
import { isFragment, namespaceOf, quoted } from './shared.ts'

export function namespaceRules(context: Context): void {
  const { spec } = context
  const namespaces = spec.linux?.namespaces ?? []
  const seen = new Set<string>()
  namespaces.forEach((namespace, i) => {
    const { type = '', path = '' } = namespace
    const pointer = `/linux/namespaces/${i}`
    const shown = `{${quoted(type)} ${quoted(path)}}`
    if (!NAMESPACES.some((name) => name === type)) {
      const guess = NAMESPACE_ALIASES[type.toLowerCase()] ?? nearest(type, NAMESPACES)
      context.report({
        id: 'ns-unknown',
        severity: 'refused',
        pointer: `${pointer}/type`,
        message:
          type === '' ? 'A namespace needs a type.' : `There is no namespace "${type}".${didYouMean(guess)}`,
        runc: failed(`namespace ${shown} does not exist`),
        why: `The types are ${NAMESPACES.join(', ')}.`,
        fix:
          guess && !seen.has(guess)
            ? { title: `Use "${guess}"`, edits: context.set(`${pointer}/type`, guess) }
            : null,
      })
    } else if (seen.has(type))
      context.report({
        id: 'ns-duplicate',
        severity: 'refused',
        pointer,
        message: `The namespace "${type}" is listed twice.`,
        runc: failed(`malformed spec file: duplicated ns ${shown}`),
        why: 'A process is in exactly one namespace of each type.',
        fix: { title: 'Delete this one', edits: context.remove(pointer) },
      })
    seen.add(type)
    if (path && !path.startsWith('/') && type !== 'user')
      context.report({
        id: 'ns-path-relative',
        severity: 'refused',
        pointer: `${pointer}/path`,
        message: 'The path of a namespace must be absolute.',
        runc: failed(
          `unable to create new parent process: namespace path: lstat ${path}: no such file or directory`,
        ),
        why: 'It names a file such as /proc/PID/ns/net or /run/netns/NAME.',
        fix: { title: `Use "/run/${path}"`, edits: context.set(`${pointer}/path`, `/run/${path}`) },
      })
    else if (path.includes(','))
      context.report({
        id: 'ns-path-comma',
        severity: 'refused',
        pointer: `${pointer}/path`,
        message: 'The path of a namespace must not contain a comma.',
        runc: failed(`unable to create new parent process: invalid namespace path ${path}`),
        why: 'runc hands these paths on as a list with commas.',
      })
    else if (path) joined(context, type, path, `${pointer}/path`)
  })
  neededBy(context)
}

/** The file of a namespace that is joined, if it is known what stands there. */
function joined(context: Context, type: string, path: string, pointer: string): void {
  if (type === 'user' && /^\/proc\/(self|thread-self)\/ns\/user$/.test(path)) {
    context.report({
      id: 'ns-path-own-user',
      severity: 'refused',
      pointer,
      message: 'A process cannot join the user namespace it is in already.',
      runc: failed(
        `failed to cache mappings for userns: userns spawn: setns ${path} failed: Invalid argument`,
      ),
      why: '/proc/self is runc itself. Name the process whose namespace is meant, or leave the entry out to share it.',
      fix: { title: 'Delete the entry', edits: context.remove(pointer.replace(/\/path$/, '')) },
    })
    return
  }
  const fact = context.outside(path)
  const own = /^\/proc\/(self|thread-self)\/ns\/(\w+)$/.exec(path)?.[2]
  const file: Record<string, string> = { network: 'net', mount: 'mnt' }
  if (fact?.kind === 'missing')
    context.report({
      id: 'ns-path-missing',
      severity: 'refused',
      pointer,
      message: `There is no ${path}.`,
      runc: failed(
        `unable to create new parent process: namespace path: lstat ${path}: no such file or directory`,
      ),
      why: 'A namespace can only be joined while something keeps it: a process in it, or a mount such as `ip netns add` makes.',
    })
  else if (
    fact?.kind === 'directory' ||
    /^\/(etc|s?bin|usr|lib|boot)\//.test(path) ||
    (own && own !== (file[type] ?? type))
  )
    context.report({
      id: 'ns-path-other',
      severity: 'refused',
      pointer,
      message: `${path} is no ${type} namespace.`,
      runc: `nsexec-1[PID]: failed to setns into ${file[type] ?? type} namespace: Invalid argument\n${startFailed("can't get final child's PID from pipe: EOF")}`,
      why: 'setns(2) takes only a file that stands for a namespace of that type.',
    })
}

/** Settings that are refused, or go to the host, without a namespace. */
function neededBy(context: Context): void {
  const { spec } = context
  const severity = isFragment(context) ? 'fails-later' : 'refused'
  const addNamespace = (type: string) => ({
    title: `Add the ${type} namespace`,
    edits: context.set(
      spec.linux?.namespaces ? '/linux/namespaces/-' : '/linux/namespaces',
      spec.linux?.namespaces ? { type } : [{ type }],
    ),
  })
  for (const name of ['hostname', 'domainname'] as const) {
    const bytes = new TextEncoder().encode(spec[name] ?? '').length
    if (bytes > 64)
      context.report({
        id: `${name}-too-long`,
        severity: 'refused',
        pointer: `/${name}`,
        message: `"${name}" has ${bytes} bytes; the kernel takes 64 at most.`,
        runc: initFailed(`set${name}: invalid argument`),
        why: 'The kernel keeps it in a field of that size.',
        fix: { title: 'Shorten it', edits: context.set(`/${name}`, (spec[name] ?? '').slice(0, 63)) },
      })
    if (!spec[name] || namespaceOf(spec, 'uts')) continue
    context.report({
      id: `${name}-needs-uts`,
      severity,
      pointer: `/${name}`,
      message: `"${name}" needs a "uts" namespace.`,
      runc: failed(`unable to set ${name} without a private UTS namespace`),
      why: 'Without one the name of the whole machine would change.',
      fix: addNamespace('uts'),
    })
  }
  const { maskedPaths = [], readonlyPaths = [], timeOffsets } = spec.linux ?? {}
  if (!namespaceOf(spec, 'mount')) {
    const restricted =
      maskedPaths.length > 0 ? 'maskedPaths' : readonlyPaths.length > 0 ? 'readonlyPaths' : null
    if (restricted) {
      context.report({
        id: 'ns-mount-missing',
        severity: 'refused',
        pointer: spec.linux?.namespaces ? '/linux/namespaces' : `/linux/${restricted}`,
        message: `"${restricted}" needs a "mount" namespace.`,
        runc: failed('unable to restrict sys entries without a private MNT namespace'),
        why: 'Without one runc would cover these paths on the machine itself.',
        fix: addNamespace('mount'),
      })
    } else if (spec.linux?.namespaces && !isFragment(context))
      context.report({
        id: 'ns-mount-missing',
        severity: 'fails-later',
        pointer: '/linux/namespaces',
        message: 'Without a "mount" namespace runc mounts on the machine itself.',
        why: 'What it mounts stays there after the container has ended.',
        fix: addNamespace('mount'),
      })
  }
  if (spec.linux?.namespaces && !isFragment(context)) {
    const shared: Record<string, string> = {
      network: "the machine's network interfaces and ports",
      pid: 'all processes of the machine, and can signal them',
      ipc: "the machine's System V IPC and message queues",
    }
    for (const [type, what] of Object.entries(shared))
      if (!namespaceOf(spec, type))
        context.report({
          id: `ns-${type}-missing`,
          severity: 'style',
          pointer: '/linux/namespaces',
          on: 'key',
          message: `Without a "${type}" namespace the container sees ${what}.`,
          why: 'What is not listed is shared with the process that starts runc. Sometimes that is wanted.',
          fix: addNamespace(type),
        })
  }
  const time = namespaceOf(spec, 'time')
  if (timeOffsets && !time)
    context.report({
      id: 'time-needs-namespace',
      severity: 'refused',
      pointer: '/linux/timeOffsets',
      message: '"timeOffsets" needs a "time" namespace.',
      runc: failed("time namespace offsets specified, but time namespace isn't enabled in the config"),
      why: 'The clocks of the machine itself cannot be shifted.',
      fix: addNamespace('time'),
    })
  else if (timeOffsets && time?.path)
    context.report({
      id: 'time-offsets-and-path',
      severity: 'refused',
      pointer: '/linux/timeOffsets',
      message: 'A time namespace that is joined has its offsets already.',
      runc: failed(
        'time namespace enabled, but both namespace path and time offsets specified -- you may only provide one',
      ),
      why: 'Offsets are set once, before the first process is in it.',
      fix: { title: 'Delete the offsets', edits: context.remove('/linux/timeOffsets') },
    })
  timeOffsetRules(context)
}

function timeOffsetRules(context: Context): void {
  const refused = `nsexec-0[PID]: failed to update /proc/PID/timens_offsets: Invalid argument\n${startFailed("can't get final child's PID from pipe: EOF")}`
  for (const [clock, offset] of Object.entries(context.spec.linux?.timeOffsets ?? {})) {
    const pointer = `/linux/timeOffsets/${clock.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (clock !== 'monotonic' && clock !== 'boottime') {
      const guess = nearest(clock, ['monotonic', 'boottime'])
      context.report({
        id: 'time-clock',
        severity: 'refused',
        pointer,
        on: 'key',
        message: `There is no clock "${clock}" in a time namespace.${didYouMean(guess)}`,
        runc: refused,
        why: 'The kernel shifts only "monotonic" and "boottime"; the time of day is the same for all.',
        fix: guess ? { title: `Use "${guess}"`, edits: context.rename(pointer, guess) } : null,
      })
    }
    const { secs = 0, nanosecs = 0 } = offset ?? {}
    if (nanosecs > 999_999_999)
      context.report({
        id: 'time-nanosecs',
        severity: 'refused',
        pointer: `${pointer}/nanosecs`,
        message: 'nanosecs must be below one second, 1000000000.',
        runc: refused,
        why: 'Whole seconds go into secs.',
      })
    // Longer than any machine has been up: the clock would be negative. And the kernel keeps away from its end.
    const clockNames = clock === 'monotonic' || clock === 'boottime'
    if (clockNames && (secs < -300_000_000 || secs > 4_611_686_018))
      context.report({
        id: 'time-range',
        severity: 'refused',
        pointer: `${pointer}/secs`,
        message: 'This offset is too large for the clock.',
        runc: refused.replace('Invalid argument', 'Numerical result out of range'),
        why: 'The shifted clock must stay positive and within about 146 years.',
      })
    else if (clockNames && secs < 0)
      context.report({
        id: 'time-range',
        severity: 'fails-later',
        pointer: `${pointer}/secs`,
        message: 'A negative offset only works if the machine has been up for longer than that.',
        runc: refused.replace('Invalid argument', 'Numerical result out of range'),
        why: 'Both clocks begin at zero when the machine starts, and may not become negative.',
      })
  }
}
