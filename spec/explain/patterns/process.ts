/** Messages about the program that runs and its settings. */
import { RLIMITS } from '../../lint/names.ts'
import type { Pattern } from '../pattern.ts'

const rlimit = (number: string) => RLIMITS[Number(number)] ?? `number ${number}`

export const processPatterns: readonly Pattern[] = [
  {
    id: 'process-missing',
    match: /process property must not be empty/,
    title: 'There is no "process" section',
    explanation:
      'The specification lets "process" out until the container is started, but runc wants it from the beginning.',
    fix: 'Add "process" with at least "cwd" and "args"; `runc spec` writes one.',
    pointer: '/process',
  },
  {
    id: 'cwd-missing',
    match: /Cwd property must not be empty/,
    title: 'The working directory is missing',
    explanation: '"process.cwd" is empty or left out, and runc has no default for it.',
    fix: 'Set "cwd": "/".',
    pointer: '/process/cwd',
  },
  {
    id: 'cwd-relative',
    match: /Cwd must be an absolute path/,
    title: 'The working directory is not an absolute path',
    explanation:
      '"process.cwd" must begin with a slash: inside the container there is nothing it could be relative to.',
    fix: 'Put a slash in front, such as "cwd": "/app".',
    pointer: '/process/cwd',
  },
  {
    id: 'cwd-not-directory',
    match: /error during container init: mkdir (?<path>\S+): (?<reason>not a directory|file exists)/,
    title: ({ path }) => `The working directory ${path} is a file`,
    explanation: ({ path }) =>
      `runc creates "process.cwd" if it does not exist, but something that is no directory stands at ${path} or above it.`,
    fix: 'Name a directory in "cwd", such as "/".',
    pointer: '/process/cwd',
  },
  {
    id: 'cwd-not-usable',
    match:
      /chdir to cwd \("(?<path>[^"]*)"\) set in config\.json failed: (?<reason>.+)|error during container init: mkdir (?<made>\S+): (?<why>read-only file system|permission denied)/,
    title: ({ path, made }) => `runc cannot enter the working directory ${path || made}`,
    explanation: ({ reason, why }) =>
      `The kernel says "${reason || why}". The directory must exist, or runc must be able to create it, and the user of "process.user" must be allowed to enter it.`,
    fix: 'Create the directory in the rootfs with the right owner, or set "cwd": "/".',
    pointer: '/process/cwd',
  },
  {
    id: 'args-empty',
    match: /(?<!exec )args must not be empty/,
    title: 'There is no program to run',
    explanation:
      '"process.args" is missing or an empty list. Its first entry is the program, the others are its arguments.',
    fix: 'Set "args": ["sh"].',
    pointer: '/process/args',
  },
  {
    id: 'args-not-found',
    match: /exec: "(?!criu")(?<program>(?:[^"\\]|\\.)*)": executable file not found in \$PATH/,
    title: ({ program }) =>
      program === ''
        ? 'The name of the program is empty'
        : `There is no program "${program}" in the container`,
    explanation: ({ program }) =>
      /\s/.test(program ?? '')
        ? `runc looked for one file called "${program}", blanks included. Program and arguments must be entries of their own.`
        : program!.startsWith('-')
          ? `The first entry of args is the program, and "${program}" looks like an option. An entry is missing in front of it.`
          : `runc looked for "${program}" in each directory that PATH in "process.env" names, inside the root file system, and found nothing that may be executed. Often PATH is missing, the rootfs is empty or was unpacked one directory too deep, or the image has no such program (a busybox has no bash).`,
    fix: ({ program }) =>
      /\s/.test(program ?? '')
        ? `Split it: "args": [${program!
            .trim()
            .split(/\s+/)
            .map((word) => JSON.stringify(word))
            .join(', ')}].`
        : 'Look with `ls rootfs/bin` what is there, keep the PATH entry of `runc spec` in "env", or write the full path of the program.',
    pointer: '/process/args/0',
  },
  {
    id: 'args-not-found',
    match:
      /exec: "(?<program>[^"]*)": (?:stat (?<path>\S+): )?no such file or directory|container init: exec: "?(?<other>[^":]+)"?: no such file or directory/,
    title: ({ program, other }) => `There is no ${program || other} in the container`,
    explanation: 'The path is looked up inside the root file system, not on the machine.',
    fix: 'Check the path with `ls rootfs/…`. Names without a slash are looked up in PATH.',
    pointer: '/process/args/0',
  },
  {
    id: 'args-not-executable',
    match: /exec: "(?<program>[^"]*)": permission denied/,
    title: ({ program }) => `${program} may not be executed`,
    explanation: ({ program }) =>
      `The file ${program} is there, but has no x bit for the user of "process.user", or lies on a mount with "noexec".`,
    fix: ({ program }) => `chmod +x rootfs${program}`,
    pointer: '/process/args/0',
  },
  {
    id: 'args-directory',
    match: /exec: "(?<program>[^"]*)": is a directory/,
    title: ({ program }) => `${program} is a directory`,
    explanation: 'The first entry of "process.args" must be a program, a file with the x bit.',
    fix: 'Name a program, such as "/bin/sh".',
    pointer: '/process/args/0',
  },
  {
    id: 'env-path-relative',
    match: /exec: "(?<program>[^"]*)": cannot run executable found relative to current directory/,
    title: 'PATH has a directory without a slash at its beginning',
    explanation: ({ program }) =>
      `"${program}" was found, but through a relative directory in PATH, which Go refuses to use for safety.`,
    fix: 'Write absolute directories in PATH, such as "PATH=/usr/bin:/bin".',
    pointer: '/process/env',
  },
  {
    id: 'args-exec-format',
    match: /exec (?<program>\S+): exec format error|(?<other>\S+): exec format error|exec format error/,
    title: 'The kernel does not know how to run this file',
    explanation: ({ program, other }) =>
      `The container was started, and then the kernel refused ${program || other || 'the program'}: its first bytes are neither those of a program for this processor nor "#!" with an interpreter. A script without #!/bin/sh does that, an empty file, or an image for another kind of processor (arm64 on amd64).`,
    fix: 'Begin a script with #!/bin/sh, or run it as ["sh", "/script"]. Look at a program with `file rootfs/PATH`; take an image for your processor.',
    pointer: '/process/args/0',
  },
  {
    id: 'args-interpreter-missing',
    match: /^exec (?<program>\/\S+): no such file or directory/,
    title: ({ program }) => `Something that ${program} needs is missing`,
    explanation: ({ program }) =>
      `runc found ${program} and the kernel began to run it, but its interpreter does not exist in the container: the program named in the #! line of a script, or the loader of a program that is linked dynamically (such as a glibc program in a musl rootfs).`,
    fix: ({ program }) =>
      `Look at \`head -1 rootfs${program}\` and \`file rootfs${program}\`; put the interpreter into the rootfs, or use #!/bin/sh.`,
    pointer: '/process/args/0',
  },
  {
    id: 'exec-refused',
    match: /^exec (?<program>\/\S+): (?<reason>operation not permitted|permission denied)/,
    title: ({ program }) => `The kernel refused to run ${program}`,
    explanation: ({ reason }) =>
      `It says "${reason}": a seccomp filter forbids execve, or the file is not executable for this user.`,
    fix: 'Allow execve in linux.seccomp, and check the x bit and the owner of the file.',
    pointer: '/process/args/0',
  },
  {
    id: 'env-no-equals',
    match: /invalid environment variable: missing '='/,
    title: 'A variable in env has no =',
    explanation:
      'Each entry of "process.env" is NAME=value. runc does not take values over from its own environment, so a name alone means nothing.',
    fix: 'Write "NAME=value", or delete the entry.',
    pointer: '/process/env',
  },
  {
    id: 'env-no-name',
    match: /invalid environment variable: name cannot be empty/,
    title: 'A variable in env has no name',
    explanation: 'An entry of "process.env" begins with =.',
    fix: 'Write "NAME=value", or delete the entry.',
    pointer: '/process/env',
  },
  {
    id: 'env-null-byte',
    match: /invalid environment variable "(?<name>[^"]*)": contains nul byte/,
    title: ({ name }) => `The variable ${name} contains a zero byte`,
    explanation: 'A zero byte ends every string in C, so no variable can hold one.',
    fix: 'Delete \\u0000 from the entry.',
    pointer: '/process/env',
  },
  {
    id: 'terminal-detach',
    match: /cannot allocate tty if runc will detach without setting console socket/,
    title: 'A terminal is wanted, but nobody would hold it',
    explanation:
      '"process.terminal" is true, and `runc create` and `runc run -d` go away after the start. Somebody must receive the terminal through a socket.',
    fix: 'Set "terminal": false, or give a socket with --console-socket and run `recvtty` on it, or run without -d.',
    pointer: '/process/terminal',
  },
  {
    id: 'console-socket-no-terminal',
    match: /cannot use console socket if runc will not detach or allocate tty/,
    title: '--console-socket has nothing to do',
    explanation:
      'A console socket hands a terminal over when runc goes away. Here "process.terminal" is false, or runc stays in the foreground.',
    fix: 'Set "terminal": true and use -d, or drop --console-socket.',
    pointer: '/process/terminal',
  },
  {
    id: 'console-socket-missing',
    match:
      /dial unix (?<path>\S+): connect: (?<reason>no such file or directory|connection refused)(?!.*seccomp)/,
    title: ({ path }) => `Nobody listens on ${path}`,
    explanation: 'runc wants to hand the terminal to a program that waits on this socket.',
    fix: ({ path }) => `Start \`recvtty ${path}\` in another terminal first.`,
    pointer: null,
  },
  {
    id: 'terminal-no-tty',
    match:
      /open \/dev\/tty: no such device or address|inappropriate ioctl for device|provided file is not a console/,
    title: 'There is no terminal here',
    explanation:
      '"process.terminal" is true (or exec was called with -t), so runc wants to join the container’s terminal with yours. In a script, in CI or behind a pipe there is none.',
    fix: 'Set "terminal": false; or drop -t; or run the command in a terminal or under `script -qec "…" /dev/null`.',
    pointer: '/process/terminal',
  },
  {
    id: 'rlimit-unknown',
    match: /wrong rlimit value: (?<name>\S*)/,
    title: ({ name }) => (name ? `There is no limit called ${name}` : 'An rlimit has no type'),
    explanation: 'The type of an rlimit is a name of setrlimit(2), in capitals and with RLIMIT_ in front.',
    fix: ({ name }) =>
      `Write it like "RLIMIT_NOFILE"${name && !name.startsWith('RLIMIT_') ? `, probably "RLIMIT_${name.toUpperCase()}"` : ''}.`,
    pointer: '/process/rlimits',
  },
  {
    id: 'rlimit-soft-above-hard',
    match: /error setting rlimit type (?<number>\d+): invalid argument/,
    title: ({ number }) => `The soft limit of ${rlimit(number!)} is above the hard one`,
    explanation: ({ number }) =>
      `Type ${number} is ${rlimit(number!)}. The kernel takes only limits whose "soft" is not above "hard"; a missing "hard" counts as 0.`,
    fix: 'Make "soft" at most as large as "hard".',
    pointer: '/process/rlimits',
  },
  {
    id: 'rlimit-above-host',
    match: /error setting rlimit type (?<number>\d+): operation not permitted/,
    title: ({ number }) => `runc may not raise ${rlimit(number!)} that far`,
    explanation: ({ number }) =>
      `Type ${number} is ${rlimit(number!)}. A hard limit above the one that runc itself has needs CAP_SYS_RESOURCE on the machine, which a sandbox does not have.`,
    fix: 'Choose a smaller "hard"; `ulimit -Ha` shows what is allowed here.',
    pointer: '/process/rlimits',
  },
  {
    id: 'rlimit-too-low',
    match: /(container init|run failed).*too many open files/,
    title: 'RLIMIT_NOFILE is too low to start anything',
    explanation: 'The limit holds for runc’s own last steps too, and it needs a handful of open files.',
    fix: 'Set "soft" and "hard" of RLIMIT_NOFILE to 64 or more.',
    pointer: '/process/rlimits',
  },
  {
    id: 'scheduler',
    match:
      /scheduler policy is required|invalid scheduler\.nice: (?<nice>-?\d+)|scheduler\.priority can only|scheduler runtime\/deadline\/period can only|invalid scheduler (?<kind>policy|flag): (?<name>\S+)/,
    title: ({ nice, kind, name }) =>
      nice
        ? `nice ${nice} is out of range`
        : name
          ? `There is no scheduler ${kind} "${name}"`
          : 'The scheduler settings do not fit together',
    explanation: ({ nice }) =>
      nice
        ? 'With SCHED_OTHER and SCHED_BATCH, nice goes from -20 (most time) to 19 (least).'
        : 'priority is for SCHED_FIFO and SCHED_RR; runtime, deadline and period are for SCHED_DEADLINE; the others use nice. A policy must be named.',
    fix: 'Correct "process.scheduler", or delete it for the usual scheduling.',
    pointer: ({ nice, kind }) =>
      nice
        ? '/process/scheduler/nice'
        : kind === 'policy'
          ? '/process/scheduler/policy'
          : '/process/scheduler',
  },
  {
    id: 'scheduler-refused',
    match: /error setting scheduler: (?<reason>.+)|process scheduler can't be used together with AllowedCPUs/,
    title: 'The kernel refused the scheduler settings',
    explanation: ({ reason }) =>
      reason === 'invalid argument'
        ? 'The numbers do not fit the policy: a realtime priority goes from 1 to 99, and a deadline needs runtime <= deadline <= period.'
        : 'Realtime policies and a negative nice need CAP_SYS_NICE on the machine itself, which a sandbox does not have; and SCHED_DEADLINE does not go together with resources.cpu.cpus.',
    fix: 'Use SCHED_OTHER with a nice from 0 to 19, or delete "scheduler".',
    pointer: '/process/scheduler',
  },
  {
    id: 'io-priority',
    match: /invalid ioPriority\.(?<field>Priority|Class): "?(?<value>[^"\s]*)"?/,
    title: ({ field, value }) =>
      field === 'Priority' ? `I/O priority ${value} is out of range` : `There is no I/O class "${value}"`,
    explanation:
      'The priority goes from 0 (first) to 7 (last); the class is IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE.',
    fix: 'For instance "ioPriority": { "class": "IOPRIO_CLASS_BE", "priority": 4 }.',
    pointer: ({ field }) =>
      field === 'Priority' ? '/process/ioPriority/priority' : '/process/ioPriority/class',
  },
  {
    id: 'io-priority-refused',
    match: /failed to set io priority: (?<reason>.+)/,
    title: 'The kernel refused the I/O priority',
    explanation: 'The class IOPRIO_CLASS_RT needs CAP_SYS_ADMIN on the machine itself.',
    fix: 'Use IOPRIO_CLASS_BE.',
    pointer: '/process/ioPriority/class',
  },
  {
    id: 'affinity-format',
    match: /bad CPUAffinity\.(?<field>Initial|Final): (?<reason>.+)/,
    title: 'The list of processors cannot be read',
    explanation: ({ reason }) =>
      `runc says: ${reason}. It reads numbers and ranges separated by commas, such as "0-3,5".`,
    fix: 'Correct "process.execCPUAffinity".',
    pointer: ({ field }) => `/process/execCPUAffinity/${field!.toLowerCase()}`,
  },
  {
    id: 'oom-score',
    match: /failed to update \/proc\/self\/oom_score_adj: (?<reason>.+?)(?: \||$)/,
    title: 'The kernel refused oomScoreAdj',
    explanation: ({ reason }) =>
      /invalid/i.test(reason!)
        ? '"process.oomScoreAdj" goes from -1000 to 1000. runc’s next line, about a PID and a pipe, only says that this step has failed.'
        : 'A score below the one that runc itself has needs CAP_SYS_RESOURCE on the machine. runc’s next line, about a PID and a pipe, only says that this step has failed.',
    fix: 'Choose a number from 0 to 1000, or delete "oomScoreAdj".',
    pointer: '/process/oomScoreAdj',
  },
  {
    id: 'apparmor-unavailable',
    match: /unable to apply apparmor profile|apparmor failed to apply profile/,
    title: 'The AppArmor profile cannot be applied',
    explanation: 'AppArmor is off on this machine, or no profile of that name is loaded.',
    fix: 'Delete "process.apparmorProfile", or load the profile on a machine with AppArmor.',
    pointer: '/process/apparmorProfile',
  },
  {
    id: 'selinux-unavailable',
    match: /selinux label is specified in config, but selinux is disabled/,
    title: 'SELinux is not in use here',
    explanation: '"process.selinuxLabel" means something only on a machine where SELinux is on.',
    fix: 'Delete "process.selinuxLabel" (and "linux.mountLabel").',
    pointer: '/process/selinuxLabel',
  },
]
