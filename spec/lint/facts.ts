/** What the linter may be told about the world around a config.json; whoever calls it gathers these from the sandbox. */

/** A path as seen from where runc runs. */
export interface PathFact {
  kind: 'file' | 'directory' | 'symlink' | 'other' | 'missing'
  /** Permission bits and the like, such as 0o755; of the target if it is a link. */
  mode?: number
  uid?: number
  gid?: number
}

/** A program in the rootfs that `process.args[0]` could mean. */
export interface ProgramFact extends PathFact {
  /** The path inside the container. */
  path: string
  /** What the kernel would need to run it: a script's `#!` program, an ELF file's loader; null if it needs none. */
  interpreter?: string | null
  /** Whether the interpreter is in the rootfs. */
  interpreterFound?: boolean
  /** `script` without `#!` gives "exec format error", and so does anything `unknown`. */
  format?: 'elf' | 'script' | 'unknown' | 'empty'
  /** The ELF machine, such as `x86-64`, if it is another one than the host's. */
  foreignMachine?: string | null
}

/** What is in the folder that config.json lies in. */
export interface BundleFacts {
  /** Absolute path of the bundle. */
  path: string
  rootfs: PathFact & { empty?: boolean; realPath?: string; entries?: string[] }
  /** Where args[0] was looked for: each candidate, in the order of PATH. */
  programs?: ProgramFact[]
  /** `process.cwd` inside of the rootfs. */
  cwd?: PathFact
  /** Paths outside of the rootfs by their absolute names: bind sources, hooks, namespaces. */
  paths?: Record<string, PathFact>
  /** Paths inside of the rootfs by their names in the container: programs of startContainer hooks. */
  inside?: Record<string, PathFact>
}

/** What the machine that runc runs on can do. */
export interface HostFacts {
  cgroup: 'v1' | 'v2' | 'hybrid'
  /** Processors online. */
  cpus?: number
  /** The processors that may be used, such as `0-3`. */
  cpuset?: string
  /** Names of capabilities that runc itself has. */
  capabilities?: string[]
  /** Hard limits of runc's process, by name such as `RLIMIT_NOFILE`; a bigint or Infinity where there is none. */
  rlimits?: Record<string, number | bigint>
  /** Whether runc runs in a user namespace of its own. */
  userNamespace?: boolean
  /** How many ids that namespace maps, from 0. */
  ids?: number
  /** Whether standard input is a terminal. */
  terminal?: boolean
  /** What /proc/filesystems lists. */
  filesystems?: string[]
  /** Controllers that are mounted or enabled. */
  controllers?: string[]
  /** Numbers such as `2048` of /sys/kernel/mm/hugepages, in kB. */
  hugepages?: number[]
  /** Linux security modules that are on, as in /sys/kernel/security/lsm: `apparmor`, `selinux`, … */
  modules?: string[]
}
