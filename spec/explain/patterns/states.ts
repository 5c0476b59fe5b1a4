/** Messages about a container's state, about commands called wrongly, and about runc without root. */
import type { Pattern } from '../pattern.ts'

export const statePatterns: readonly Pattern[] = [
  {
    id: 'usage-arguments',
    match: /"?(?<command>[\w-]+)"? requires (?<how>exactly|a minimum of|a maximum of) (?<count>\d+) argument/,
    title: ({ command, how, count }) =>
      `${command} wants ${how} ${count} argument${count === '1' ? '' : 's'}`,
    explanation:
      'Usually the name of the container is missing, or an option stands behind it instead of before.',
    fix: ({ command }) => `runc ${command} --help`,
    pointer: null,
  },
  {
    id: 'not-paused',
    match: /container not paused/,
    title: 'The container is not paused',
    explanation: '`runc resume` is for a container that was stopped with `runc pause`.',
    fix: '`runc list` shows its status.',
    pointer: null,
  },
  {
    id: 'paused',
    match: /container paused|cannot .* container in the paused state/,
    title: 'The container is paused',
    explanation: 'All of its processes are frozen.',
    fix: 'runc resume ID',
    pointer: null,
  },
  {
    id: 'still-running',
    match: /container(?: init)? still running/,
    title: 'The container runs still',
    explanation: 'What you asked for needs one that has ended.',
    fix: 'runc kill ID KILL, then again; or runc delete -f ID.',
    pointer: null,
  },
  {
    id: 'start-state',
    match: /cannot start a container in the (?<state>\w+) state/,
    title: ({ state }) => `A container that is ${state} cannot be started`,
    explanation: '`runc start` is for a container that was made with `runc create` and waits.',
    fix: '`runc list` shows its status.',
    pointer: null,
  },
  {
    id: 'cwd-outside',
    match: /current working directory is (?:outside of container mount namespace root|not absolute)/,
    title: 'The working directory lies outside of the container',
    explanation:
      'runc stops because "cwd" leads out of the root file system, for instance through /proc/self/fd: a way that attackers have used.',
    fix: 'Set "cwd" to an ordinary directory, such as "/".',
    pointer: '/process/cwd',
  },
  {
    id: 'mount-special-place',
    match: /filesystem "(?<type>proc|sysfs)" must be mounted on ordinary directory/,
    title: ({ type }) => `The place for ${type} is no directory`,
    explanation:
      'In the root file system a link or a file stands there, and runc does not mount these through links.',
    fix: ({ type }) =>
      `rm rootfs/${type === 'proc' ? 'proc' : 'sys'} && mkdir rootfs/${type === 'proc' ? 'proc' : 'sys'}`,
    pointer: '/mounts',
  },
  {
    id: 'idmap',
    match: /failed to set MOUNT_ATTR_IDMAP|failed to (?:create|open existing) userns for .* ?id-mapping/,
    title: 'The ids of this mount cannot be mapped',
    explanation:
      'The file system does not support it, or runc is not root of the machine that mounted it, as in a sandbox.',
    fix: 'Take "idmap" and the mappings out of the mount, and chown the files instead.',
    pointer: '/mounts',
  },
  {
    id: 'ns-path-comma',
    match: /invalid namespace path (?<path>\S+)/,
    title: 'The path of a namespace contains a comma',
    explanation: 'runc hands these paths on as a list with commas.',
    fix: 'Use a path without one.',
    pointer: '/linux/namespaces',
  },
  {
    id: 'rootless-option',
    match: /cannot specify (?<option>[ug]id=\d+) mount option for rootless container/,
    title: ({ option }) => `${option} names an id that does not exist in this container`,
    explanation: 'Without root only the mapped ids exist, usually just one.',
    fix: ({ option }) =>
      `Delete "${option}" from the options of the mount, as \`runc spec --rootless\` does.`,
    pointer: '/mounts',
  },
  {
    id: 'rootless-groups',
    match: /cannot set any additional groups in a rootless container/,
    title: 'Without root there are no additional groups',
    explanation: 'The kernel does not let an ordinary user change groups in a new user namespace.',
    fix: 'Delete "additionalGids".',
    pointer: '/process/user/additionalGids',
  },
  {
    id: 'rootless-mount',
    match: /cannot fulfil mount requests as a rootless user/,
    title: 'This mount needs root',
    explanation:
      'The source cannot be reached by root of the container, and runc is not root of the machine that could open it.',
    fix: 'Make the source readable for the mapped user.',
    pointer: '/mounts',
  },
  {
    id: 'rootless-cgroup',
    match:
      /cgroup manager can not access cgroup|cannot toggle freezer: cgroups not configured|rootless.*cgroup/i,
    title: 'This container has no cgroup of its own',
    explanation: 'Without root, runc may only make cgroups where somebody has delegated them.',
    fix: 'Run as root, or under `systemd-run --user --scope -p Delegate=yes` on cgroup v2.',
    pointer: '/linux/resources',
  },
  {
    id: 'cgroup-threaded',
    match: /cannot enter cgroupv2 "(?<path>[^"]*)" with domain controllers/,
    title: 'The cgroup cannot hold this container',
    explanation: ({ path }) =>
      `${path} is in threaded mode, or is broken, and such a cgroup has no memory or io limits.`,
    fix: 'Choose another linux.cgroupsPath.',
    pointer: '/linux/cgroupsPath',
  },
]
