/** Rules about `linux.seccomp`: the filter of system calls. */
import type { LinuxSeccomp, LinuxSyscall } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'
import {
  SECCOMP_ACTIONS,
  SECCOMP_ARCHS,
  SECCOMP_ARCHS_PATCHED,
  SECCOMP_FLAGS,
  SECCOMP_OPERATORS,
} from '../names.ts'
import { didYouMean, nearest } from '../words.ts'

const at = '/linux/seccomp'

/** Calls that runc itself makes under the filter, on its way to the program. */
const NEEDED = ['execve', 'write', 'close', 'openat', 'futex', 'read']

/** Groups that do the same: who forbids one and not the others forbids nothing. */
const TWINS: string[][] = [
  ['mkdir', 'mkdirat'],
  ['rmdir', 'unlink', 'unlinkat'],
  ['chmod', 'fchmodat'],
  ['chown', 'fchownat'],
  ['open', 'openat'],
  ['rename', 'renameat', 'renameat2'],
  ['link', 'linkat'],
  ['symlink', 'symlinkat'],
  ['mknod', 'mknodat'],
  ['stat', 'newfstatat'],
  ['fork', 'clone'],
]

export function seccompRules(context: Context): void {
  const { seccomp } = context.spec.linux ?? {}
  if (!seccomp) return
  const { defaultAction = '', syscalls = [] } = seccomp
  if (defaultAction === '' && syscalls.length === 0) {
    context.report({
      id: 'seccomp-empty',
      severity: 'no-effect',
      pointer: at,
      message: 'Without a defaultAction and syscalls there is no filter.',
      why: 'runc takes it for "no seccomp".',
    })
    return
  }
  action(context, defaultAction, `${at}/defaultAction`, 'defaultAction')
  seccomp.flags?.forEach((flag, i) => {
    if (SECCOMP_FLAGS.some((known) => known === flag)) return
    const guess = nearest(flag, SECCOMP_FLAGS)
    context.report({
      id: 'seccomp-flag',
      severity: 'refused',
      pointer: `${at}/flags/${i}`,
      message: `runc 1.3 does not know the flag "${flag}".${didYouMean(guess)}`,
      runc: failed(`seccomp flag ${flag} is not known to runc`),
      why: `It knows ${SECCOMP_FLAGS.join(', ')}.`,
      fix: guess
        ? { title: `Use "${guess}"`, edits: context.set(`${at}/flags/${i}`, guess) }
        : { title: 'Delete it', edits: context.remove(`${at}/flags/${i}`) },
    })
  })
  seccomp.architectures?.forEach((arch, i) => {
    if (SECCOMP_ARCHS.some((known) => known === arch)) return
    const patched = SECCOMP_ARCHS_PATCHED.some((known) => known === arch)
    const upper = `SCMP_ARCH_${arch
      .toUpperCase()
      .replace(/^SCMP_ARCH_/, '')
      .replaceAll('-', '_')
      .replace('AMD64', 'X86_64')
      .replace('ARM64', 'AARCH64')}`
    const guess = SECCOMP_ARCHS.find((known) => known === upper) ?? nearest(arch, SECCOMP_ARCHS)
    context.report({
      id: 'seccomp-arch',
      severity: patched ? 'fails-later' : 'refused',
      pointer: `${at}/architectures/${i}`,
      message: `${patched ? 'Not every runc 1.3 knows' : 'runc does not know'} the architecture "${arch}".${didYouMean(guess)}`,
      runc: failed(`string ${arch} is not a valid arch for seccomp`),
      why: 'The names are those of libseccomp, such as SCMP_ARCH_X86_64.',
      fix:
        guess && !patched
          ? { title: `Use "${guess}"`, edits: context.set(`${at}/architectures/${i}`, guess) }
          : null,
    })
  })
  syscalls.forEach((call, i) => {
    callRules(context, seccomp, call, `${at}/syscalls/${i}`)
  })
  notifyRules(context, seccomp)
  coverage(context, seccomp)
  for (const name of ['archMap', 'defaultAction'] as const)
    if (name === 'archMap' && context.node(`${at}/archMap`))
      context.report({
        id: 'seccomp-docker-profile',
        severity: 'no-effect',
        pointer: `${at}/archMap`,
        on: 'key',
        message: 'This is a profile in Docker’s form, not in that of the specification.',
        why: 'Docker turns "archMap" into "architectures", and "includes"/"excludes" into fewer rules, before runc sees it. runc ignores these keys.',
      })
}

function action(context: Context, name: string, pointer: string, key: string): boolean {
  if (SECCOMP_ACTIONS.some((known) => known === name)) return true
  const full = `SCMP_ACT_${name.toUpperCase().replace(/^SCMP_ACT_/, '')}`
  const guess = SECCOMP_ACTIONS.find((known) => known === full) ?? nearest(full, SECCOMP_ACTIONS)
  context.report({
    id: 'seccomp-action',
    severity: 'refused',
    pointer,
    message: name === '' ? `"${key}" is missing.` : `There is no action "${name}".${didYouMean(guess)}`,
    runc: failed(`string ${name} is not a valid action for seccomp`),
    why: 'The names are those of libseccomp, such as SCMP_ACT_ALLOW and SCMP_ACT_ERRNO.',
    fix:
      name === ''
        ? {
            title: `Write ${key === 'action' ? 'SCMP_ACT_ERRNO' : 'SCMP_ACT_ALLOW'}`,
            edits: context.set(pointer, key === 'action' ? 'SCMP_ACT_ERRNO' : 'SCMP_ACT_ALLOW'),
          }
        : guess
          ? { title: `Use "${guess}"`, edits: context.set(pointer, guess) }
          : null,
  })
  return false
}

function callRules(context: Context, seccomp: LinuxSeccomp, call: LinuxSyscall, pointer: string): void {
  const { names = [], args = [] } = call
  const known = action(context, call.action ?? '', `${pointer}/action`, 'action')
  const redundant =
    known &&
    call.action === seccomp.defaultAction &&
    !(call.action === 'SCMP_ACT_ERRNO' || call.action === 'SCMP_ACT_TRACE')
  if (names.length === 0 && !context.node(`${pointer}/name`))
    context.report({
      id: 'seccomp-names-empty',
      severity: 'no-effect',
      pointer,
      message: 'A rule without names does nothing.',
      why: 'names lists the system calls that the rule is about.',
      fix: { title: 'Delete the rule', edits: context.remove(pointer) },
    })
  names.forEach((name, i) => {
    if (name === '' && known)
      context.report({
        id: 'seccomp-name-empty',
        severity: 'refused',
        pointer: `${pointer}/names/${i}`,
        message: 'The name of a system call cannot be empty.',
        runc: initFailed('unable to init seccomp: empty string is not a valid syscall'),
        why: 'An unknown name is ignored; an empty one is refused.',
        fix: { title: 'Delete it', edits: context.remove(`${pointer}/names/${i}`) },
      })
    else if (/^(SYS_|__NR_|sys_)/.test(name) || /[A-Z\s()]/.test(name))
      context.report({
        id: 'seccomp-name-form',
        severity: 'no-effect',
        pointer: `${pointer}/names/${i}`,
        message: `No system call is called "${name}".`,
        why: 'runc ignores names it cannot find. They are in lower case, without a prefix, as in `man 2 syscalls`.',
        fix: {
          title: `Use "${bare(name)}"`,
          edits: context.set(`${pointer}/names/${i}`, bare(name)),
        },
      })
  })
  if (redundant && names.length > 0)
    context.report({
      id: 'seccomp-redundant',
      severity: 'no-effect',
      pointer,
      message: 'The rule says what defaultAction says anyway.',
      why: 'runc skips such rules.',
    })
  if (
    call.errnoRet !== undefined &&
    known &&
    call.action !== 'SCMP_ACT_ERRNO' &&
    call.action !== 'SCMP_ACT_TRACE'
  )
    context.report({
      id: 'seccomp-errno-unused',
      severity: 'no-effect',
      pointer: `${pointer}/errnoRet`,
      message: `errnoRet means nothing with ${call.action}.`,
      why: 'Only SCMP_ACT_ERRNO and SCMP_ACT_TRACE give a number back.',
      fix: { title: 'Delete it', edits: context.remove(`${pointer}/errnoRet`) },
    })
  else if (call.errnoRet !== undefined && call.errnoRet > 4095)
    context.report({
      id: 'seccomp-errno-range',
      severity: 'no-effect',
      pointer: `${pointer}/errnoRet`,
      message: 'Error numbers go up to 4095.',
      why: 'The kernel cuts a larger one.',
    })
  if (names.length === 0) return
  args.forEach((arg, i) => {
    const { op = '', index = 0 } = arg
    if (!SECCOMP_OPERATORS.some((name) => name === op)) {
      const full = `SCMP_CMP_${op.toUpperCase().replace(/^SCMP_CMP_/, '')}`
      const guess = SECCOMP_OPERATORS.find((name) => name === full) ?? nearest(full, SECCOMP_OPERATORS)
      context.report({
        id: 'seccomp-operator',
        severity: 'refused',
        pointer: `${pointer}/args/${i}${arg.op === undefined ? '' : '/op'}`,
        message: op === '' ? 'A condition needs "op".' : `There is no operator "${op}".${didYouMean(guess)}`,
        runc: failed(`string ${op} is not a valid operator for seccomp`),
        why: `The operators are ${SECCOMP_OPERATORS.join(', ')}.`,
        fix:
          guess || op === ''
            ? {
                title: `Use "${guess ?? 'SCMP_CMP_EQ'}"`,
                edits: context.set(`${pointer}/args/${i}/op`, guess ?? 'SCMP_CMP_EQ'),
              }
            : null,
      })
    } else if (index > 5 && !redundant)
      context.report({
        id: 'seccomp-arg-index',
        severity: 'refused',
        pointer: `${pointer}/args/${i}/index`,
        message: 'System calls have at most six arguments, numbers 0 to 5.',
        runc: initFailed(
          `unable to init seccomp: error creating seccomp syscall condition for syscall ${names[0]}: syscalls only have up to 6 arguments (${index} given)`,
        ),
        why: 'index counts from 0.',
      })
  })
  twins(context, seccomp, call, pointer)
}

const bare = (name: string) =>
  name
    .replace(/^(SYS_|__NR_|sys_)/, '')
    .replace(/[\s()]+/g, '')
    .toLowerCase()

function twins(context: Context, seccomp: LinuxSeccomp, call: LinuxSyscall, pointer: string): void {
  if (
    seccomp.defaultAction !== 'SCMP_ACT_ALLOW' ||
    call.action === 'SCMP_ACT_ALLOW' ||
    call.action === 'SCMP_ACT_LOG'
  )
    return
  const forbidden = new Set(
    (seccomp.syscalls ?? [])
      .filter(({ action: other }) => other !== 'SCMP_ACT_ALLOW')
      .flatMap(({ names = [] }) => names),
  )
  for (const group of TWINS) {
    const named = call.names?.find((name) => group.includes(name))
    const open = group.filter((name) => !forbidden.has(name))
    if (!named || open.length === 0) continue
    context.report({
      id: 'seccomp-twin',
      severity: 'no-effect',
      pointer: `${pointer}/names/${call.names!.indexOf(named)}`,
      message: `Programs can do the same with ${open.join(' and ')}.`,
      why: 'Linux has several calls for many tasks, and C libraries choose among them.',
      fix: { title: `Add "${open[0]}"`, edits: context.add(`${pointer}/names/-`, open[0]!) },
    })
  }
}

function notifyRules(context: Context, seccomp: LinuxSeccomp): void {
  const { defaultAction, syscalls = [], listenerPath } = seccomp
  const used = syscalls.find(({ action: name, names = [] }) => name === 'SCMP_ACT_NOTIFY' && names.length > 0)
  if (defaultAction === 'SCMP_ACT_NOTIFY')
    context.report({
      id: 'seccomp-notify-default',
      severity: 'refused',
      pointer: `${at}/defaultAction`,
      message: 'SCMP_ACT_NOTIFY cannot be the default.',
      runc: initFailed('unable to init seccomp: SCMP_ACT_NOTIFY cannot be used as default action'),
      why: 'runc itself could not go on: its own calls would wait for an answer.',
    })
  const write = syscalls.findIndex(
    ({ action: name, names = [] }) => name === 'SCMP_ACT_NOTIFY' && names.includes('write'),
  )
  if (write >= 0)
    context.report({
      id: 'seccomp-notify-write',
      severity: 'refused',
      pointer: `${at}/syscalls/${write}`,
      message: 'SCMP_ACT_NOTIFY cannot be used for write.',
      runc: initFailed('unable to init seccomp: SCMP_ACT_NOTIFY cannot be used for the write syscall'),
      why: 'runc needs write to hand the listener over.',
    })
  else if (used && !listenerPath)
    context.report({
      id: 'seccomp-notify-listener',
      severity: 'refused',
      pointer: at,
      message: 'SCMP_ACT_NOTIFY needs a listenerPath.',
      runc: initFailed('seccomp listenerPath is not set'),
      why: 'Somebody must listen on a socket there and answer for each call.',
    })
  else if (used && listenerPath)
    context.report({
      id: 'seccomp-notify-listener',
      severity: context.outside(listenerPath)?.kind === 'missing' ? 'refused' : 'fails-later',
      pointer: `${at}/listenerPath`,
      message: `Somebody must listen on the socket ${listenerPath} before the container starts.`,
      runc: initFailed(
        `failed to connect with seccomp agent specified in the seccomp profile: dial unix ${listenerPath}: connect: no such file or directory`,
      ),
      why: 'runc connects to it and hands the listener over.',
    })
}

/** Whether so little is allowed that not even runc reaches the program. */
function coverage(context: Context, seccomp: LinuxSeccomp): void {
  const { defaultAction = '', syscalls = [] } = seccomp
  const passes = (name?: string) => name === 'SCMP_ACT_ALLOW' || name === 'SCMP_ACT_LOG'
  if (passes(defaultAction)) {
    forbidden(context, seccomp)
    return
  }
  if (!/^SCMP_ACT_(KILL|KILL_PROCESS|KILL_THREAD|TRAP|ERRNO|TRACE)$/.test(defaultAction)) return
  const allowed = new Set(
    syscalls.filter(({ action: name }) => passes(name)).flatMap(({ names = [] }) => names),
  )
  const missing = NEEDED.filter((name) => !allowed.has(name))
  if (missing.length === 0) return
  context.report({
    id: 'seccomp-too-strict',
    // With one thread killed and the others alive runc may also hang.
    severity: /^SCMP_ACT_KILL(_THREAD)?$/.test(defaultAction) ? 'fails-later' : 'refused',
    pointer: `${at}/defaultAction`,
    message:
      allowed.size === 0
        ? `${defaultAction} for everything: not even runc can start the program.`
        : `Not even runc can start the program: it needs ${missing.slice(0, 4).join(', ')} too.`,
    runc: failed('container process is already dead'),
    why: 'The filter holds from before the program is started; runc’s own last steps go through it.',
    fix:
      allowed.size === 0
        ? { title: 'Use SCMP_ACT_ALLOW', edits: context.set(`${at}/defaultAction`, 'SCMP_ACT_ALLOW') }
        : null,
  })
}

/** Calls that must not be forbidden, or nothing starts. */
function forbidden(context: Context, seccomp: LinuxSeccomp): void {
  seccomp.syscalls?.forEach(({ action: name = '', names = [], args = [] }, i) => {
    if (!/^SCMP_ACT_(KILL|KILL_PROCESS|KILL_THREAD|TRAP|ERRNO)$/.test(name) || args.length > 0) return
    const vital = names.find((call) => call === 'write' || call === 'execve')
    if (vital)
      context.report({
        id: 'seccomp-forbids-start',
        severity: vital === 'write' ? 'refused' : 'fails-later',
        pointer: `${at}/syscalls/${i}/names/${names.indexOf(vital)}`,
        message: `Without ${vital} the program cannot be started.`,
        runc:
          vital === 'write'
            ? failed('cannot start an already running container')
            : 'exec /bin/sh: operation not permitted',
        why: 'The filter holds from before the program is started; runc’s own last steps go through it.',
        fix: {
          title: 'Delete it',
          edits: context.remove(`${at}/syscalls/${i}/names/${names.indexOf(vital)}`),
        },
      })
  })
}
