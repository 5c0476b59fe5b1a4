/** Messages about cgroups and their limits. */
import type { Pattern } from '../pattern.ts'

/** Files of the cgroup, and the field that runc writes there. */
const FILES: [file: RegExp, field: string, unit: string][] = [
  [
    /memory\.memsw\.limit_in_bytes|memory\.swap\.max/,
    '/memory/swap',
    '"swap" is memory and swap together, in bytes: it must have a "limit" beside it and be at least as large.',
  ],
  [
    /memory\.limit_in_bytes|memory\.max/,
    '/memory/limit',
    'The limit is in bytes, and cannot be below what is in use.',
  ],
  [
    /memory\.soft_limit|memory\.low/,
    '/memory/reservation',
    'The reservation is in bytes; -1 is the only negative value.',
  ],
  [/memory\.swappiness/, '/memory/swappiness', 'It goes from 0 to 100.'],
  [
    /cpu\.cfs_quota_us|cpu\.max(?!\.)/,
    '/cpu/quota',
    'quota and period are microseconds: quota at least 1000, period from 1000 to 1000000, and together not more processors than the cgroup above may use.',
  ],
  [
    /cpu\.cfs_period_us/,
    '/cpu/period',
    'A period lasts from 1000 to 1000000 microseconds, and quota must fit it.',
  ],
  [/cpu\.(cfs_burst_us|max\.burst)/, '/cpu/burst', 'burst cannot be above quota.'],
  [/cpu\.shares|cpu\.weight/, '/cpu/shares', 'Shares go from 2 to 262144.'],
  [/cpu\.idle/, '/cpu/idle', 'It is 0 or 1.'],
  [
    /cpu\.rt_/,
    '/cpu/realtimeRuntime',
    'It needs a kernel with CONFIG_RT_GROUP_SCHED and time that the cgroup above has left.',
  ],
  [
    /cpuset\.cpus/,
    '/cpu/cpus',
    'The list must be like "0-3,5" and name only processors that exist and that the cgroup above may use.',
  ],
  [
    /cpuset\.mems/,
    '/cpu/mems',
    'The list must be like "0-1" and name only memory nodes that exist; most machines have only 0.',
  ],
  [/pids\.max/, '/pids/limit', 'It goes up to 4194304; -1 means no limit.'],
  [
    /blkio\.[\w.]*weight|io\.(bfq\.)?weight/,
    '/blockIO/weight',
    'A weight goes from 10 to 1000, and a device must exist and use the bfq scheduler.',
  ],
  [
    /blkio\.throttle\.read_bps/,
    '/blockIO/throttleReadBpsDevice',
    'The device numbers must be those of a whole disk that exists; `lsblk` shows them.',
  ],
  [
    /blkio\.throttle\.write_bps/,
    '/blockIO/throttleWriteBpsDevice',
    'The device numbers must be those of a whole disk that exists; `lsblk` shows them.',
  ],
  [
    /blkio\.throttle\.read_iops/,
    '/blockIO/throttleReadIOPSDevice',
    'The device numbers must be those of a whole disk that exists; `lsblk` shows them.',
  ],
  [
    /blkio\.throttle|io\.max/,
    '/blockIO',
    'The device numbers must be those of a whole disk that exists; `lsblk` shows them.',
  ],
  [/hugetlb\./, '/hugepageLimits', 'The page size must be one that the kernel has, such as "2MB".'],
  [/devices\.(allow|deny)/, '/devices', 'A rule is a type, two numbers and a selection of r, w, m.'],
]

const fileOf = (text: string) => FILES.find(([file]) => file.test(text))

export const limitPatterns: readonly Pattern[] = [
  {
    id: 'memory-limit-tiny',
    match:
      /unable to set memory limit to (?<limit>\d+) \(current usage: (?<usage>\d+), peak usage: (?<peak>\d+)\)/,
    title: 'The memory limit is below what is in use already',
    explanation: ({ limit, usage }) =>
      `The limit is ${limit} bytes, and runc’s own first steps in the container use ${usage}. The unit is bytes: 64 MiB is 67108864.`,
    fix: 'Set resources.memory.limit to 8388608 (8 MiB) or more.',
    pointer: '/linux/resources/memory/limit',
  },
  {
    id: 'memory-limit-tiny',
    match: /container init was OOM-killed \(memory limit too low\?\)/,
    title: 'The memory limit is too low even to start',
    explanation:
      'The kernel ended runc’s own first steps in the container because they used more than resources.memory.limit. The unit is bytes: 64 MiB is 67108864.',
    fix: 'Set resources.memory.limit to 8388608 (8 MiB) or more.',
    pointer: '/linux/resources/memory/limit',
  },
  {
    id: 'memory-swap-below-limit',
    match: /memory\+swap limit should be >= memory limit/,
    title: '"swap" is below "limit"',
    explanation:
      'resources.memory.swap is memory and swap together, so it cannot be smaller than the memory alone.',
    fix: 'Set swap to limit or more; the same number means no swap.',
    pointer: '/linux/resources/memory/swap',
  },
  {
    id: 'memory-swap-without-limit',
    match: /unable to set swap limit without memory limit/,
    title: '"swap" needs a "limit"',
    explanation:
      'resources.memory.swap is memory and swap together, which means nothing without a limit of the memory.',
    fix: 'Set resources.memory.limit too.',
    pointer: '/linux/resources/memory/swap',
  },
  {
    id: 'memory-swappiness',
    match: /invalid memory swappiness value: (?<value>\d+)/,
    title: 'swappiness is out of range',
    explanation: 'It goes from 0 to 100.',
    fix: 'Correct resources.memory.swappiness.',
    pointer: '/linux/resources/memory/swappiness',
  },
  {
    id: 'memory-kernel',
    match: /Kernel memory settings are ignored and will be removed/,
    title: 'Limits of kernel memory do nothing',
    explanation:
      'runc ignores resources.memory.kernel and kernelTCP: kernels of today count that memory with the rest.',
    fix: 'Delete them and use "limit".',
    pointer: '/linux/resources/memory/kernel',
  },
  {
    id: 'cpu-shares-range',
    match: /the (?<end>minimum|maximum) allowed cpu-shares is (?<value>\d+)/,
    title: 'cpu.shares is out of range',
    explanation: ({ end, value }) =>
      `The ${end} is ${value}. 1024 is the usual share; twice as much means twice the time when processors are short.`,
    fix: 'Set resources.cpu.shares to a number from 2 to 262144.',
    pointer: '/linux/resources/cpu/shares',
  },
  {
    id: 'limit-refused',
    match:
      /failed to write "?(?<value>[^"]*?)"?: (?:write|open) (?<path>\S*\/(?<file>(?:memory|cpu|cpuset|pids|blkio|io|hugetlb|devices)\.[\w.]+)): (?<reason>[^"]+)/,
    title: ({ value, file }) => `The kernel refused ${value} for ${file}`,
    explanation: ({ file, reason }) => `It says "${reason}". ${fileOf(file!)?.[2] ?? ''}`.trim(),
    fix: ({ file }) => `Correct resources${(fileOf(file!)?.[1] ?? '').replaceAll('/', '.')}.`,
    pointer: ({ file }) => `/linux/resources${fileOf(file!)?.[1] ?? ''}`,
  },
  {
    id: 'limit-file-missing',
    match:
      /(?:openat2|open) (?<path>\/sys\/fs\/cgroup\S*\/(?<file>(?:memory|cpu|cpuset|pids|blkio|io)\.[\w.]+)): no such file or directory/,
    title: ({ file }) => `This kernel has no ${file}`,
    explanation: ({ file }) =>
      `runc wanted to write a limit into ${file}, and the cgroup has no such file: the kernel is built without that feature, or has dropped it.`,
    fix: ({ file }) => `Delete resources${(fileOf(file!)?.[1] ?? '').replaceAll('/', '.')}.`,
    pointer: ({ file }) =>
      /leaf/.test(file!)
        ? '/linux/resources/blockIO/leafWeight'
        : `/linux/resources${fileOf(file!)?.[1] ?? ''}`,
  },
  {
    id: 'hugepage-size',
    match: /hugetlb\.(?<size>\S*?)\.(?:limit_in_bytes|max): no such file or directory/,
    title: ({ size }) => `There are no huge pages of "${size}"`,
    explanation: 'The page size is part of a file name of the kernel: 2MB, 1GB, 64KB.',
    fix: 'Correct "pageSize"; `ls /sys/kernel/mm/hugepages` shows what there is.',
    pointer: '/linux/resources/hugepageLimits',
  },
  {
    id: 'controller-missing',
    match: /cannot set (?<name>\w+) limit: container could not join or create cgroup/,
    title: ({ name }) => `There is no ${name} controller for this container`,
    explanation:
      'The cgroup controller is not mounted here, or you may not make cgroups below your own: without root that needs delegation (systemd does it on cgroup v2).',
    fix: ({ name }) =>
      `Delete the ${name} limit from linux.resources, or run as root where the controller exists.`,
    pointer: ({ name }) =>
      ({
        memory: '/linux/resources/memory',
        pids: '/linux/resources/pids',
        cpu: '/linux/resources/cpu',
        hugetlb: '/linux/resources/hugepageLimits',
        rdma: '/linux/resources/rdma',
        net_cls: '/linux/resources/network',
        net_prio: '/linux/resources/network',
      })[name!] ?? '/linux/resources',
  },
  {
    id: 'unified-v1',
    match: /cannot use unified on cgroup v1/,
    title: '"unified" works on cgroup v2 only',
    explanation: 'Its keys are names of files that cgroup v1 does not have.',
    fix: 'Use the other fields of linux.resources, which work on both.',
    pointer: '/linux/resources/unified',
  },
  {
    id: 'unified-file',
    match: /unified resource "(?<name>[^"]*)" (?<rest>[^"]+)/,
    title: ({ name }) => `"${name}" cannot be set`,
    explanation:
      'Keys of "unified" are names of files in the container’s cgroup; the controller before the dot must be enabled.',
    fix: 'Look with `ls /sys/fs/cgroup` what there is.',
    pointer: '/linux/resources/unified',
  },
  {
    id: 'device-rule-access',
    match: /device access at (?<index>\d+) field cannot be empty/,
    title: 'A device rule has no "access"',
    explanation: ({ index }) =>
      `Rule ${index} of resources.devices does not say what it allows or denies: r (read), w (write), m (make the file).`,
    fix: 'Add "access": "rwm".',
    pointer: ({ index }) => `/linux/resources/devices/${index}`,
  },
  {
    id: 'device-rule-type',
    match: /invalid cgroup device type "(?<type>[^"]*)"/,
    title: ({ type }) => `A device rule cannot be of type "${type}"`,
    explanation: 'It is "a" (all), "b" (block) or "c" (character).',
    fix: 'Correct "type".',
    pointer: '/linux/resources/devices',
  },
  {
    id: 'device-type',
    match: /invalid device type "(?<type>[^"]*)"/,
    title: ({ type }) => (type ? `A device cannot be of type "${type}"` : 'A device has no type'),
    explanation: 'It is "c" (character), "b" (block), "u" (character, unbuffered) or "p" (pipe).',
    fix: 'Correct "type"; `ls -l /dev` shows it as the first letter.',
    pointer: '/linux/devices',
  },
  {
    id: 'cgroups-path-systemd',
    match: /expected cgroupsPath to be of format "slice:prefix:name"/,
    title: 'With systemd, cgroupsPath has another form',
    explanation: 'runc was started with --systemd-cgroup, where the path is slice:prefix:name.',
    fix: 'For instance "cgroupsPath": "system.slice:runc:c1", or drop --systemd-cgroup.',
    pointer: '/linux/cgroupsPath',
  },
  {
    id: 'cgroup-not-empty',
    match: /container's cgroup is not empty: (?<count>\d+) process/,
    title: 'The cgroup of this container has processes in it',
    explanation:
      'linux.cgroupsPath names a cgroup that somebody uses already: another container, the rest of one that was killed, or everybody ("/").',
    fix: 'Choose another cgroupsPath, or delete it: runc then uses the container’s id.',
    pointer: '/linux/cgroupsPath',
  },
  {
    id: 'cgroup-frozen',
    match: /container's cgroup unexpectedly frozen|cgroup.*frozen/,
    title: 'The cgroup of this container is frozen',
    explanation: 'A container was paused in it, and nothing new may start there.',
    fix: 'runc resume ID, or choose another cgroupsPath.',
    pointer: '/linux/cgroupsPath',
  },
  {
    id: 'cgroup-refused',
    match: /unable to apply cgroup configuration: (?<reason>.+)/,
    title: 'The process could not be moved into its cgroup',
    explanation: ({ reason }) =>
      `${reason}. Either the limits of linux.resources.cpu (cpus, mems) do not exist here, or you may not make cgroups below your own.`,
    fix: 'Check resources.cpu.cpus and mems and cgroupsPath, or run as root.',
    pointer: '/linux/resources',
  },
  {
    id: 'intel-rdt',
    match: /intelRdt\.(?<field>\w+) is specified in config, but|invalid intelRdt\.(?<other>\w+)/,
    title: 'Intel RDT cannot be used',
    explanation:
      'It needs a processor that has it, /sys/fs/resctrl mounted, and a closID that is a plain name.',
    fix: 'Delete linux.intelRdt.',
    pointer: '/linux/intelRdt',
  },
]
