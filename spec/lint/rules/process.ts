/** Rules about `process`: what runs, where, with which terminal, limits and labels. */
import type { Context } from '../context.ts'
import { failed, initFailed, startFailed } from '../diagnostic.ts'
import { RLIMITS } from '../names.ts'
import { nearest } from '../words.ts'
import { isFragment } from './shared.ts'

export function processRules(context: Context): void {
  const { process } = context.spec
  if (!process) {
    context.report({
      id: 'process-missing',
      severity: isFragment(context) ? 'fails-later' : 'refused',
      pointer: '/process',
      message: '"process" is missing.',
      runc: failed('process property must not be empty'),
      why: 'The specification wants it when the container is started; runc wants it from the beginning.',
      fix: {
        title: 'Add a process that runs sh',
        edits: context.set('/process', {
          user: { uid: 0, gid: 0 },
          args: ['sh'],
          env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
          cwd: '/',
        }),
      },
    })
    return
  }
  cwdRules(context)
  terminalRules(context)
  rlimitRules(context)
  const { oomScoreAdj, apparmorProfile, selinuxLabel } = process
  if (oomScoreAdj !== undefined && (oomScoreAdj < -1000 || oomScoreAdj > 1000))
    context.report({
      id: 'oom-score-range',
      severity: 'refused',
      pointer: '/process/oomScoreAdj',
      message: 'oomScoreAdj goes from -1000 to 1000.',
      runc: `nsexec[PID]: failed to update /proc/self/oom_score_adj: Invalid argument\n${startFailed("can't get final child's PID from pipe: EOF")}`,
      why: 'The kernel refuses other numbers. Higher ones are killed first when memory runs out.',
      fix: {
        title: `Write ${oomScoreAdj > 0 ? 1000 : -1000}`,
        edits: context.set('/process/oomScoreAdj', oomScoreAdj > 0 ? 1000 : -1000),
      },
    })
  else if (oomScoreAdj !== undefined && oomScoreAdj < 0)
    context.report({
      id: 'oom-score-privilege',
      severity:
        context.host?.capabilities && !context.host.capabilities.includes('CAP_SYS_RESOURCE')
          ? 'refused'
          : 'fails-later',
      pointer: '/process/oomScoreAdj',
      message: 'A score below that of runc itself needs CAP_SYS_RESOURCE on the machine.',
      runc: `nsexec[PID]: failed to update /proc/self/oom_score_adj: Permission denied\n${startFailed("can't get final child's PID from pipe: EOF")}`,
      why: 'In a user namespace, as in a sandbox of the lab, the kernel refuses it.',
    })
  const modules = context.host?.modules
  if (apparmorProfile && !modules?.includes('apparmor'))
    context.report({
      id: 'apparmor-unavailable',
      severity: modules ? 'refused' : 'fails-later',
      pointer: '/process/apparmorProfile',
      message: 'runc refuses this where AppArmor is off or the profile is not loaded.',
      runc: initFailed('unable to apply apparmor profile: apparmor failed to apply profile'),
      why: 'The sandboxes of the lab have no AppArmor.',
      fix: { title: 'Delete it', edits: context.remove('/process/apparmorProfile') },
    })
  if (selinuxLabel && !modules?.includes('selinux'))
    context.report({
      id: 'selinux-unavailable',
      severity: modules ? 'refused' : 'fails-later',
      pointer: '/process/selinuxLabel',
      message: 'runc refuses this where SELinux is off.',
      runc: failed('selinux label is specified in config, but selinux is disabled or not supported'),
      why: 'The sandboxes of the lab have no SELinux.',
      fix: { title: 'Delete it', edits: context.remove('/process/selinuxLabel') },
    })
}

function cwdRules(context: Context): void {
  const { cwd } = context.spec.process!
  if (!cwd) {
    context.report({
      id: 'cwd-missing',
      severity: 'refused',
      pointer: '/process/cwd',
      message: 'The working directory "cwd" is missing.',
      runc: failed('Cwd property must not be empty'),
      why: 'runc has no default for it.',
      fix: { title: 'Use "/"', edits: context.set('/process/cwd', '/') },
    })
    return
  }
  if (!cwd.startsWith('/')) {
    const absolute = `/${cwd.replace(/^(\.?\/|\.$)/, '')}`
    context.report({
      id: 'cwd-relative',
      severity: 'refused',
      pointer: '/process/cwd',
      message: '"cwd" must begin with a slash.',
      runc: failed('Cwd must be an absolute path'),
      why: 'There is nothing inside the container that it could be relative to.',
      fix: { title: `Use "${absolute}"`, edits: context.set('/process/cwd', absolute) },
    })
    return
  }
  const fact = context.bundle?.cwd
  const file =
    (fact && (fact.kind === 'file' || fact.kind === 'other')) ||
    /^\/dev\/(null|zero|full|random|urandom|tty)$/.test(cwd) ||
    cwd === '/etc/passwd'
  if (file)
    context.report({
      id: 'cwd-not-directory',
      severity: 'refused',
      pointer: '/process/cwd',
      message: `${cwd} is a file, not a directory.`,
      runc: initFailed(`mkdir ${cwd}: not a directory`),
      why: 'runc makes the directory if it is missing, but not over a file.',
      fix: { title: 'Use "/"', edits: context.set('/process/cwd', '/') },
    })
}

function terminalRules(context: Context): void {
  const { terminal, consoleSize } = context.spec.process!
  if (terminal && context.host?.terminal === false)
    context.report({
      id: 'terminal-no-tty',
      severity: 'refused',
      pointer: '/process/terminal',
      message: 'There is no terminal here that runc could use.',
      runc: failed('open /dev/tty: no such device or address'),
      why: 'With "terminal": true, runc wants a terminal of its own; scripts and CI have none.',
      fix: { title: 'Write false', edits: context.set('/process/terminal', false) },
    })
  if (!consoleSize) return
  if (!terminal)
    context.report({
      id: 'console-size-unused',
      severity: 'no-effect',
      pointer: '/process/consoleSize',
      message: 'consoleSize means nothing without "terminal": true.',
      why: 'Only a terminal has a size.',
    })
  for (const name of ['height', 'width'] as const)
    if ((consoleSize[name] ?? 0) > 65_535)
      context.report({
        id: 'console-size-range',
        severity: 'no-effect',
        pointer: `/process/consoleSize/${name}`,
        message: 'A terminal has at most 65535 rows and columns.',
        why: 'runc keeps the last 16 bits of the number.',
      })
}

function rlimitRules(context: Context): void {
  const rlimits = context.spec.process!.rlimits ?? []
  rlimits.forEach(({ type = '', hard = 0, soft = 0 }, i) => {
    const at = `/process/rlimits/${i}`
    const written = rlimits[i]!
    const number = (RLIMITS as readonly string[]).indexOf(type)
    const refused = (reason: string) =>
      initFailed(`error setting rlimits for ready process: error setting rlimit type ${number}: ${reason}`)
    if (number < 0) {
      const full = `RLIMIT_${type.toUpperCase().replace(/^RLIMIT_?/, '')}`
      const guess = RLIMITS.find((name) => name === full) ?? nearest(full, RLIMITS)
      context.report({
        id: 'rlimit-unknown',
        severity: 'refused',
        pointer: written.type === undefined ? at : `${at}/type`,
        message:
          type === ''
            ? 'An rlimit needs a type.'
            : `There is no limit "${type}".${guess ? ` Did you mean "${guess}"?` : ''}`,
        runc: failed(`wrong rlimit value: ${type}`),
        why: 'The names are those of setrlimit(2), in capitals with RLIMIT_ in front.',
        fix: guess && type ? { title: `Use "${guess}"`, edits: context.set(`${at}/type`, guess) } : null,
      })
      return
    }
    if (soft > hard && !context.isMisfit(`${at}/hard`))
      context.report({
        id: 'rlimit-soft-above-hard',
        severity: 'refused',
        pointer: written.soft === undefined ? at : written.hard === undefined ? at : `${at}/soft`,
        message:
          written.hard === undefined
            ? 'Without "hard" the hard limit is 0, below soft.'
            : `The soft limit, ${soft}, is above the hard one, ${hard}.`,
        runc: refused('invalid argument'),
        why: 'The soft limit is what counts, the hard one how far a process may raise it.',
        fix: { title: `Set hard to ${soft}`, edits: context.set(`${at}/hard`, soft) },
      })
    const later = rlimits.findIndex((other, j) => j > i && other.type === type)
    if (later >= 0)
      context.report({
        id: 'rlimit-duplicate',
        severity: 'no-effect',
        pointer: at,
        message: `${type} is set again in number ${later}, and the last one counts.`,
        why: 'runc sets them one after the other.',
        fix: { title: 'Delete this one', edits: context.remove(at) },
      })
    limitRules(context, type, hard, soft, at, refused)
  })
}

function limitRules(
  context: Context,
  type: string,
  hard: number | bigint,
  soft: number | bigint,
  at: string,
  refused: (reason: string) => string,
): void {
  const own = context.host?.rlimits?.[type]
  if (own !== undefined && hard > own)
    context.report({
      id: 'rlimit-above-host',
      severity: 'refused',
      pointer: `${at}/hard`,
      message: `runc's own hard limit is ${own}, and it may not raise it.`,
      runc: refused('operation not permitted'),
      why: 'Raising a hard limit needs CAP_SYS_RESOURCE on the machine itself.',
      fix: { title: `Write ${own}`, edits: context.set(`${at}/hard`, own) },
    })
  else if (own === undefined && type === 'RLIMIT_NOFILE' && hard > 1_048_576)
    context.report({
      id: 'rlimit-above-host',
      severity: 'fails-later',
      pointer: `${at}/hard`,
      message: 'More than 1048576 open files need fs.nr_open raised on the machine.',
      runc: refused('operation not permitted'),
      why: 'The kernel refuses a hard limit above fs.nr_open, even to root.',
      fix: { title: 'Write 1048576', edits: context.set(`${at}/hard`, 1_048_576) },
    })
  if (soft <= hard && type === 'RLIMIT_NOFILE' && soft < 8)
    context.report({
      id: 'rlimit-too-low',
      severity: soft < 4 ? 'refused' : 'fails-later',
      pointer: `${at}/soft`,
      message: `With ${soft} open files not even runc can go on.`,
      runc: initFailed('too many open files'),
      why: 'The limit holds from before the program is started.',
      fix: { title: 'Write 64', edits: context.set(`${at}/soft`, 64) },
    })
  const small: Record<string, number> = {
    RLIMIT_AS: 16_777_216,
    RLIMIT_DATA: 1_048_576,
    RLIMIT_STACK: 65_536,
  }
  if (soft <= hard && small[type] !== undefined && soft < small[type]!)
    context.report({
      id: 'rlimit-too-low',
      severity: 'fails-later',
      pointer: `${at}/soft`,
      message: `${soft} bytes are too few for a program to start.`,
      why: 'The unit is bytes; the kernel ends the program with a signal, exit code 137 or 139.',
    })
}
