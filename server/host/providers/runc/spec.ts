/** The OCI config.json of a sandbox: what a learner's machine is made of. Pure. */

/**
 * First id and number of the host ids that sandboxes are mapped to. The image is unpacked with these owners, once.
 * More than 65536 ids, so that user namespaces inside a sandbox find a range of their own.
 */
export const ID_MAP = { hostID: 1_000_000_000, containerID: 0, size: 196_608 }

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Character devices that mean no harm: null, zero, full, random, urandom, tty, ptmx, fuse, net/tun. */
const DEVICES = [
  [1, 3],
  [1, 5],
  [1, 7],
  [1, 8],
  [1, 9],
  [5, 0],
  [5, 2],
  [10, 229],
  [10, 200],
] as const

/** System calls that no lesson needs and that kernel bugs have come through, with the errno a program gets. */
const DENIED = [
  {
    errno: 1, // EPERM
    names: [
      'bpf',
      'perf_event_open',
      'quotactl',
      'quotactl_fd',
      'swapon',
      'swapoff',
      'acct',
      'fanotify_init',
    ],
  },
  {
    errno: 38, // ENOSYS: programs then take their other way
    names: [
      'io_uring_setup',
      'io_uring_enter',
      'io_uring_register',
      'userfaultfd',
      'kexec_load',
      'kexec_file_load',
      'init_module',
      'finit_module',
      'delete_module',
      'open_by_handle_at',
    ],
  },
]
/** Address families with a history of exploits and no use here: AF_RXRPC, AF_ALG, AF_VSOCK. */
const DENIED_FAMILIES = [33, 38, 40]

export interface SandboxSpec {
  hostname: string
  /** The root file system: the overlay's mount point. */
  rootfs: string
  /** Directories on the sandbox's own disk: an overlay cannot be Docker's storage. */
  dockerDir: string
  containerdDir: string
  cgroupsPath: string
  /** What this host's bounding set has. */
  capabilities: string[]
  /** Device files of this host that may be handed in, such as /dev/fuse. */
  optionalDevices: { path: string; major: number; minor: number }[]
  architecture: 'SCMP_ARCH_X86_64' | 'SCMP_ARCH_AARCH64'
  /** Whether this kernel has time namespaces (5.6 and later). */
  timeNamespaces: boolean
}

export function makeSpec(s: SandboxSpec) {
  const safe = ['nosuid', 'noexec', 'nodev']
  return {
    ociVersion: '1.2.1',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: '/root',
      args: ['/usr/lib/runclab/init'],
      // `container` tells Docker that it cannot load AppArmor profiles here.
      env: [`PATH=${PATH}`, 'HOME=/root', 'LANG=C.UTF-8', 'container=oci'],
      capabilities: { bounding: s.capabilities, effective: s.capabilities, permitted: s.capabilities },
      noNewPrivileges: false,
      // A limit of 0 still lets a core_pattern handler run; 1 aborts the dump.
      rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 1 }],
      oomScoreAdj: 500,
    },
    root: { path: s.rootfs, readonly: false },
    hostname: s.hostname,
    mounts: [
      // Writable and unmasked: a user namespace may mount its own /proc only if it sees one uncovered.
      { destination: '/proc', type: 'proc', source: 'proc', options: safe },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: safe },
      { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...safe, 'relatime'] },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=1m'],
      },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5', 'max=64'],
      },
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...safe, 'mode=1777', 'size=64m'] },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: safe },
      {
        destination: '/run',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'nodev', 'mode=755', 'size=64m'],
      },
      {
        destination: '/var/lib/docker',
        type: 'bind',
        source: s.dockerDir,
        options: ['rbind', 'rw', 'nodev'],
      },
      {
        destination: '/var/lib/containerd',
        type: 'bind',
        source: s.containerdDir,
        options: ['rbind', 'rw', 'nodev'],
      },
    ],
    linux: {
      namespaces: [
        ...['user', 'mount', 'pid', 'network', 'uts', 'ipc', 'cgroup'],
        // One that belonged to the host's root could not be entered in here, and `nsenter --all` would fail.
        ...(s.timeNamespaces ? ['time'] : []),
      ].map((type) => ({ type })),
      uidMappings: [ID_MAP],
      gidMappings: [ID_MAP],
      maskedPaths: [],
      readonlyPaths: [],
      cgroupsPath: s.cgroupsPath,
      devices: s.optionalDevices.map((device) => ({ ...device, type: 'c', fileMode: 0o666 })),
      resources: {
        devices: [
          { allow: false, access: 'rwm' },
          ...DEVICES.map(([major, minor]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' })),
          { allow: true, type: 'c', major: 136, access: 'rwm' },
        ],
      },
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        // Only the native calls: those of other architectures reach the same kernel by other numbers.
        architectures: [s.architecture],
        syscalls: [
          ...DENIED.map(({ errno, names }) => ({ names, action: 'SCMP_ACT_ERRNO', errnoRet: errno })),
          ...DENIED_FAMILIES.map((family) => ({
            names: ['socket'],
            action: 'SCMP_ACT_ERRNO',
            errnoRet: 1,
            args: [{ index: 0, value: family, op: 'SCMP_CMP_EQ' }],
          })),
        ],
      },
    },
  }
}
