/** Messages of runc's commands about containers that exist or not, of docker and containerd, and of what a program ended with. */
import type { Pattern } from '../pattern.ts'

const SIGNALS: Record<string, string> = {
  129: 'SIGHUP',
  130: 'SIGINT (Ctrl-C)',
  131: 'SIGQUIT',
  132: 'SIGILL',
  133: 'SIGTRAP',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  141: 'SIGPIPE',
  159: 'SIGSYS',
}

/** "exit status 137", "exited with code 137", "rc=137", "exit 137". */
const code = (number: string) =>
  new RegExp(
    `^(?:(?:process |container |command )?(?:exit(?:ed)?|ended)(?: with)?(?: status| code)?|rc|status|code|\\$\\?)\\s*[:=]?\\s*\\(?${number}\\)?\\.?$`,
    'i',
  )

export const commandPatterns: readonly Pattern[] = [
  {
    id: 'id-exists',
    match: /container with (?:given )?ID already exists|container with id exists/i,
    title: 'A container with this name exists already',
    explanation:
      'runc keeps a container under its id until it is deleted, also one that has stopped, or whose terminal was closed.',
    fix: '`runc list` shows it; `runc delete ID` removes a stopped one, `runc delete -f ID` a running one. Or choose another id.',
    pointer: null,
  },
  {
    id: 'id-unknown',
    match: /container(?: with id \S+)? does not exist/,
    title: 'There is no container with this name',
    explanation:
      'It was never created, has been deleted, or `runc run` has ended: run deletes it by itself. Containers of another --root or another user are not seen either.',
    fix: '`runc list` shows those that there are. `runc create ID` comes before `runc start ID`.',
    pointer: null,
  },
  {
    id: 'id-invalid',
    match: /invalid container ID format|container id cannot be empty|invalid id format/i,
    title: 'This is no name for a container',
    explanation: 'An id is made of letters, digits, and _ + - . and is neither "." nor "..".',
    fix: 'Choose a name such as c1.',
    pointer: null,
  },
  {
    id: 'start-stopped',
    match: /cannot start a container that has stopped/,
    title: 'A stopped container cannot be started again',
    explanation: 'runc starts a container once. Its process has ended; only its state is left.',
    fix: '`runc delete ID`, then `runc create` (or `runc run`) again.',
    pointer: null,
  },
  {
    id: 'start-twice',
    match: /cannot start an already running container/,
    title: 'The container runs already',
    explanation:
      '`runc start` is for a container that was made with `runc create` and waits. After `runc run` there is nothing to start.',
    fix: 'Use `runc exec ID COMMAND` to run something in it. (If it does not run at all, a seccomp filter that forbids write can cause this message.)',
    pointer: null,
  },
  {
    id: 'not-running',
    match: /container not running|cannot exec in a stopped container|container is not running/,
    title: 'The container does not run',
    explanation: 'Its process has ended, or it was never started.',
    fix: '`runc list` shows its status; delete it and run it again.',
    pointer: null,
  },
  {
    id: 'exec-paused',
    match: /cannot exec in a paused container/,
    title: 'The container is paused',
    explanation: 'All of its processes are frozen, so nothing new can run in it.',
    fix: 'runc resume ID',
    pointer: null,
  },
  {
    id: 'not-stopped',
    match: /cannot delete container (?<id>\S+) that is not stopped: (?<status>\w+)/,
    title: ({ id, status }) => `${id} is ${status}, so it cannot be deleted`,
    explanation: 'Only a stopped container can be deleted.',
    fix: ({ id }) => `runc kill ${id} KILL, then runc delete ${id}; or both with runc delete -f ${id}.`,
    pointer: null,
  },
  {
    id: 'exec-args',
    match: /exec args cannot be empty/,
    title: 'exec was given no command',
    explanation: 'Behind the id stands the program to run.',
    fix: 'For instance: runc exec c1 sh',
    pointer: null,
  },
  {
    id: 'signal-unknown',
    match: /unknown signal "(?<name>[^"]*)"/,
    title: ({ name }) => `There is no signal ${name}`,
    explanation: 'Signals are names such as KILL or SIGTERM, or numbers.',
    fix: 'runc kill ID KILL',
    pointer: null,
  },
  {
    id: 'criu-missing',
    match: /CRIU version check failed|criu.*executable file not found/i,
    title: 'CRIU is not installed',
    explanation: 'checkpoint and restore are done by a program called criu, which runc only calls.',
    fix: 'Install criu, or leave checkpoints out.',
    pointer: null,
  },
  {
    id: 'pause-unsupported',
    match: /rootless.*pause|cannot (?:pause|freeze)|no such directory for freezer\.state/,
    title: 'This container cannot be paused',
    explanation: 'Pausing uses the freezer of cgroups, and the container has none of its own.',
    fix: 'Run as root, or with a delegated cgroup.',
    pointer: null,
  },
  {
    id: 'update-inconsistent',
    match: /Setting back cgroup configs failed due to error/,
    title: 'The update failed half way',
    explanation:
      'runc could not apply the new limits, and could not put the old ones back either. `runc state` and the kernel may disagree now.',
    fix: 'Update again with numbers that fit, for instance a memory limit above what is in use.',
    pointer: null,
  },
  {
    id: 'pipes-owner',
    match: /fchown fd \d+: invalid argument/,
    title: 'Root of the container has no id outside that runc may use',
    explanation:
      'runc wants to give its pipes to the user that uid 0 is mapped to, and that id does not exist here: "hostID" lies beyond the ids of this sandbox.',
    fix: 'Choose a hostID below 196608.',
    pointer: '/linux/uidMappings',
  },
  {
    id: 'rootless-fchown',
    match: /fchown fd \d+: operation not permitted/,
    title: 'runc may not hand its pipes to the user of the container',
    explanation:
      '`runc spec --rootless` was called by another user than the one who runs the container: the mappings in the file are those of the first.',
    fix: 'Call `runc spec --rootless` as the user who runs it.',
    pointer: '/linux/uidMappings',
  },
  {
    id: 'permission-state',
    match: /(?:mkdir|open|stat) (?<path>\/run\/(?:user\/\d+\/)?runc\S*): permission denied/,
    title: 'runc may not write its state',
    explanation: ({ path }) => `It keeps the state of containers below ${path}, which is not yours.`,
    fix: 'Run as root, or give a folder of your own: runc --root /tmp/runc-$UID …',
    pointer: null,
  },
  {
    id: 'docker-daemon',
    match: /Cannot connect to the Docker daemon at (?<address>\S+?)\.? Is the docker daemon running/i,
    title: 'dockerd does not run',
    explanation: 'The command `docker` only sends requests; the work is done by dockerd.',
    fix: 'systemctl start docker',
    pointer: null,
  },
  {
    id: 'docker-image-missing',
    match:
      /Unable to find image '(?<image>[^']*)' locally|pull access denied for (?<other>\S+?),|manifest for (?<third>\S+) not found/,
    title: ({ image, other, third }) => `There is no image ${image || other || third} here`,
    explanation: 'docker would fetch it from a registry, which needs a network.',
    fix: '`docker images` shows what is there.',
    pointer: null,
  },
  {
    id: 'docker-name-taken',
    match: /The container name "\/?(?<name>[^"]*)" is already in use/,
    title: ({ name }) => `There is a container called ${name} already`,
    explanation: 'docker keeps a container until it is removed, also when it has ended.',
    fix: ({ name }) => `docker rm -f ${name}, or another --name.`,
    pointer: null,
  },
  {
    id: 'lost-stage',
    match: /can't get final child's PID from pipe: EOF/,
    title: 'runc’s first stage ended without saying why',
    explanation:
      'Before Go runs, a part of runc written in C makes and joins the namespaces, sets the id mappings and oom_score_adj. It has died. The reason is in the line before, which begins with nsexec; without one, the kernel refused a namespace or the process was killed.',
    fix: 'Look one line up. Usual reasons: uidMappings that the kernel refuses, a namespace path that is none, oomScoreAdj out of range, time offsets.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'lost-stage',
    match: /nsexec(?:-\d)?\[\d+\]: (?<what>.+)/,
    title: 'A step before the start of the container failed',
    explanation: ({ what }) => `The part of runc that makes namespaces says: ${what}.`,
    fix: 'Check linux.namespaces, the id mappings, timeOffsets and oomScoreAdj.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'empty-file',
    match: /^(?:runc (?:run|create) failed: |exec failed: )?EOF$/,
    title: 'config.json is empty',
    explanation: 'Bare "EOF" means that the file ended before anything was read.',
    fix: 'rm config.json && runc spec',
    pointer: '',
  },
  {
    id: 'lost-init',
    match:
      /unable to start container process: (?:error during container init: )?(?:read init-p: connection reset by peer|EOF|unexpected EOF|waiting for init preliminary setup: .*|.*broken pipe)/,
    title: 'The first process of the container died while it was set up',
    explanation:
      'runc lost the connection to it. Usual reasons: a memory or process limit that is too low, a seccomp filter, or somebody killed it.',
    fix: 'Raise resources.memory.limit and pids.limit, and take linux.seccomp out to see whether it was that.',
    pointer: '/linux/resources',
  },
  {
    id: 'no-space',
    match: /no space left on device/,
    title: 'The disk is full, or a limit of the kernel is reached',
    explanation:
      'With files it is the disk or its inodes; with cgroups, namespaces and mounts the kernel says the same when a maximum is reached.',
    fix: '`df -h` and `df -i` show the disk; `sysctl user` the maxima of namespaces.',
    pointer: null,
  },
  {
    id: 'fork-refused',
    match:
      /can't fork|cannot fork|fork: (?:retry: )?Resource temporarily unavailable|pthread_create failed|newosproc/i,
    title: 'No more processes may be started',
    explanation:
      'The limit of processes is reached: resources.pids.limit of the container, RLIMIT_NPROC, or the limit of the sandbox. Threads count too.',
    fix: 'End some processes, or raise the limit. `cat pids.current pids.max` in the container’s cgroup shows both.',
    pointer: '/linux/resources/pids/limit',
  },
  {
    id: 'name-denied',
    match: /sethostname: Operation not permitted/,
    title: 'The container may not change its name',
    explanation: 'That needs CAP_SYS_ADMIN inside, which `runc spec` does not give.',
    fix: 'Set "hostname" in config.json.',
    pointer: '/hostname',
  },
  {
    id: 'device-denied',
    match:
      /can't open '?(?<path>\/dev\/[^':]+)'?: Operation not permitted|(?<other>\/dev\/\S+): Operation not permitted/,
    title: ({ path, other }) => `The device ${path || other} may not be used`,
    explanation:
      'Its file is there, but no rule in linux.resources.devices allows it: `runc spec` denies everything first.',
    fix: 'Add a rule: { "allow": true, "type": "c", "major": …, "minor": …, "access": "rwm" }.',
    pointer: '/linux/resources/devices',
  },
  {
    id: 'read-only',
    match: /(?<path>\/\S+): Read-only file system/,
    title: ({ path }) => `${path} is on a read-only file system`,
    explanation: '"root.readonly" is true in what `runc spec` writes, and a mount can have the option "ro".',
    fix: 'Mount a tmpfs or a bind mount there, drop "ro" from the mount, or set "readonly": false.',
    pointer: '/root/readonly',
  },
  {
    id: 'ping-denied',
    match: /ping: permission denied \(are you root\?\)|ping: socket: Operation not permitted/,
    title: 'The program may not open a raw socket',
    explanation:
      'ping needs CAP_NET_RAW or net.ipv4.ping_group_range, and the network namespace of `runc spec` has no network beside lo anyway.',
    fix: 'Add CAP_NET_RAW to the capability sets; for a network join a prepared namespace by its path.',
    pointer: '/process/capabilities',
  },
  {
    id: 'operation-not-permitted',
    match: /^(?<command>[\w./-]+): .*Operation not permitted$/,
    title: ({ command }) => `${command} lacks a capability, or seccomp forbids the call`,
    explanation:
      'The container runs as root, but root without a capability is refused like anybody else: chown needs CAP_CHOWN, mount CAP_SYS_ADMIN.',
    fix: 'Add the capability to "bounding", "permitted" and "effective", and look whether linux.seccomp forbids the call.',
    pointer: '/process/capabilities',
  },
  {
    id: 'exit-125',
    match: code('125'),
    title: 'Exit status 125: the container was not started',
    explanation:
      'docker and podman end with 125 when they themselves fail, before the program runs. The reason stands in the message before.',
    fix: 'Read the line above.',
    pointer: null,
  },
  {
    id: 'exit-126',
    match: code('126'),
    title: 'Exit status 126: the program may not be executed',
    explanation:
      'A shell, docker and `runc exec` say so when the file is there but is a directory, has no x bit, or is no program for this machine.',
    fix: 'chmod +x, or name another program.',
    pointer: '/process/args',
  },
  {
    id: 'exit-127',
    match: code('127'),
    title: 'Exit status 127: the program was not found',
    explanation: 'A shell, docker and `runc exec` say so when no such file is in PATH.',
    fix: 'Check the name and PATH.',
    pointer: '/process/args',
  },
  {
    id: 'exit-137',
    match: code('137'),
    title: 'Exit status 137: killed with SIGKILL',
    explanation:
      '137 is 128 + 9. Either somebody called kill -9 (`runc kill ID KILL`, `docker kill`), or the kernel ended the program because it used more memory than resources.memory.limit allows. runc prints nothing about the latter.',
    fix: 'Look at memory.failcnt or oom_kill in the container’s cgroup (`runc events --stats ID`), and raise the limit.',
    pointer: '/linux/resources/memory/limit',
  },
  {
    id: 'exit-139',
    match: code('139'),
    title: 'Exit status 139: the program crashed',
    explanation:
      '139 is 128 + 11, SIGSEGV: the program touched memory that is not its own. Very low limits (RLIMIT_STACK, RLIMIT_AS, RLIMIT_DATA) do that to any program, and so do libraries that do not fit.',
    fix: 'Take low memory rlimits out of "process.rlimits"; try another build of the program.',
    pointer: '/process/rlimits',
  },
  {
    id: 'exit-143',
    match: code('143'),
    title: 'Exit status 143: ended with SIGTERM',
    explanation:
      '143 is 128 + 15: somebody asked it to end, for instance with `runc kill ID` or `docker stop`.',
    fix: 'Nothing is wrong if you wanted that.',
    pointer: null,
  },
  {
    id: 'exit-159',
    match: code('159'),
    title: 'Exit status 159: seccomp ended the program',
    explanation:
      '159 is 128 + 31, SIGSYS: it made a system call that linux.seccomp answers with KILL or TRAP.',
    fix: 'Use SCMP_ACT_LOG to find the call, and allow it.',
    pointer: '/linux/seccomp',
  },
  {
    id: 'exit-255',
    match: code('255'),
    title: 'Exit status 255: the program could not be run, or said so itself',
    explanation:
      'runc’s first process ends with 255 when the last step, starting the program, fails after everything else has worked: "exec format error", a missing interpreter, a failing startContainer hook. A program may use 255 too.',
    fix: 'Read the line above; check the program with `file` and its #! line.',
    pointer: '/process/args',
  },
  {
    id: 'exit-signal',
    match: new RegExp(code('(?<code>1[23][0-9]|141)').source, 'i'),
    title: ({ code: number }) => `Exit status ${number}: ended by a signal`,
    explanation: ({ code: number }) =>
      `A status above 128 is 128 plus the number of a signal: ${SIGNALS[number!] ?? `signal ${Number(number) - 128}`}.`,
    fix: '`kill -l` lists the signals.',
    pointer: null,
  },
]
