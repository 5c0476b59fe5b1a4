/** The OCI config.json of a sandbox: what a learner's machine is made of. Pure. */
import type { Tier } from '../../../protocol/tier.ts'
import { type SeccompArchitecture, seccompProfile } from './seccomp.ts'
import { MASKED, READ_ONLY, RIGHTS } from './tiers.ts'

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Character devices that mean no harm: null, zero, full, random, urandom, tty, ptmx. */
const DEVICES = [
  [1, 3],
  [1, 5],
  [1, 7],
  [1, 8],
  [1, 9],
  [5, 0],
  [5, 2],
] as const

export interface SandboxSpec {
  tier: Tier
  hostname: string
  /** The host ids that it is mapped to. */
  ids: { containerID: number; hostID: number; size: number }
  /** The root file system: the overlay's mount point. */
  rootfs: string
  /** Directories on the sandbox's own disk: an overlay cannot be Docker's storage. */
  dockerDir: string
  containerdDir: string
  cgroupsPath: string
  /** What this host's bounding set has. */
  capabilities: string[]
  /** Files that one process may have open; pseudo-terminals that there may be. */
  openFiles: number
  ptys: number
  /** Further device files of this host, such as /dev/fuse, for the tier that may have them. */
  optionalDevices: { path: string; major: number; minor: number }[]
  architecture: SeccompArchitecture
  /** Whether this kernel has time namespaces (5.6 and later). */
  timeNamespaces: boolean
}

export function makeSpec(s: SandboxSpec) {
  const safe = ['nosuid', 'noexec', 'nodev']
  const rights = RIGHTS[s.tier]
  const usual = rights.capabilities
  const capabilities =
    usual === 'all' ? s.capabilities : s.capabilities.filter((name) => usual.includes(name))
  const optionalDevices = rights.docker ? s.optionalDevices : []
  const ifNotOwn = (on: boolean) => (on ? [] : ['ro'])
  const onDisk = (destination: string, source: string) => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', 'rw', 'nodev'],
  })
  return {
    ociVersion: '1.2.1',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: '/root',
      args: ['/usr/lib/runclab/init'],
      // `container` tells Docker that it cannot load AppArmor profiles here.
      env: [`PATH=${PATH}`, 'HOME=/root', 'LANG=C.UTF-8', 'container=oci'],
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: false,
      // A limit of 0 still lets a core_pattern handler run; 1 aborts the dump.
      rlimits: [
        { type: 'RLIMIT_CORE', soft: 1, hard: 1 },
        { type: 'RLIMIT_NOFILE', soft: s.openFiles, hard: s.openFiles },
      ],
      oomScoreAdj: 500,
    },
    root: { path: s.rootfs, readonly: false },
    hostname: s.hostname,
    mounts: [
      // Writable and unmasked: a user namespace may mount its own /proc only if it sees one uncovered.
      { destination: '/proc', type: 'proc', source: 'proc', options: safe },
      {
        destination: '/sys',
        type: 'sysfs',
        source: 'sysfs',
        options: [...safe, ...ifNotOwn(rights.uncovered)],
      },
      {
        destination: '/sys/fs/cgroup',
        type: 'cgroup',
        source: 'cgroup',
        options: [...safe, 'relatime', ...ifNotOwn(rights.ownCgroups)],
      },
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
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5', `max=${s.ptys}`],
      },
      // `ip netns exec` takes /sys away before it mounts one of its own, which the kernel allows where another is seen.
      ...(rights.uncovered
        ? [{ destination: '/dev/.lab/sys', type: 'sysfs', source: 'sysfs', options: safe }]
        : []),
      { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...safe, 'mode=1777', 'size=64m'] },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: safe },
      {
        destination: '/run',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'nodev', 'mode=755', 'size=64m'],
      },
      // An overlay, which the root is, cannot be the upper layer of another.
      ...(rights.docker
        ? [onDisk('/var/lib/docker', s.dockerDir), onDisk('/var/lib/containerd', s.containerdDir)]
        : []),
    ],
    linux: {
      namespaces: [
        ...['user', 'mount', 'pid', 'network', 'uts', 'ipc', 'cgroup'],
        // One that belonged to the host's root could not be entered in here, and `nsenter --all` would fail.
        ...(s.timeNamespaces ? ['time'] : []),
      ].map((type) => ({ type })),
      uidMappings: [s.ids],
      gidMappings: [s.ids],
      // Where programs may mount, covers would be taken off, and nested containers need /proc uncovered.
      maskedPaths: rights.uncovered ? [] : MASKED,
      readonlyPaths: rights.uncovered ? [] : READ_ONLY,
      cgroupsPath: s.cgroupsPath,
      devices: optionalDevices.map((device) => ({ ...device, type: 'c', fileMode: 0o666 })),
      resources: {
        devices: [
          { allow: false, access: 'rwm' },
          ...[...DEVICES, ...optionalDevices.map((d) => [d.major, d.minor] as const)].map(
            ([major, minor]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' }),
          ),
          { allow: true, type: 'c', major: 136, access: 'rwm' },
        ],
      },
      seccomp: seccompProfile(s.tier, s.architecture),
    },
  }
}
