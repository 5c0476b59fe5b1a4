/** The port to whatever makes sandboxes: runc on this machine by default, other engines later. */
import type { Tier } from '../../protocol/tier.ts'

export interface SandboxInfo {
  id: string
  /** The learner it belongs to, as the web process names them. */
  owner: string
  /** Milliseconds since 1970, for people. */
  createdAt: number
  /** Milliseconds since this machine was booted, to reckon its age by: the date may be changed. */
  bornAt: number
  /** What it may do. */
  tier: Tier
}

export interface CreateOptions {
  /** Default: the highest. */
  tier?: Tier
  /** It is not whole before `settle`: a later host process does not take it over until then. */
  unsettled?: boolean
}

/** What the host counts about a sandbox and its limits; numbers of events only rise. */
export interface Pressure {
  /** Processes killed because the sandbox had no memory left. */
  oomKills: number
  /** Bytes in use, file cache included. */
  memoryBytes: number
  /** Processes that could not be made because there were too many. */
  pidsRefused: number
  pids: number
  /** Periods of 100 ms in which something ran, and those in which it had to wait for the next one. */
  cpuPeriods: number
  cpuThrottled: number
  /**
   * What was read and written of its disk, in seconds at the speed it may: one number for each thing that is limited, in an
   * order that does not change. None without a limit.
   */
  diskSeconds: readonly number[]
}

/** How to start a program in a sandbox from this host: spawn `file` with `args`. */
export interface HostCommand {
  file: string
  args: string[]
}

export interface ExecOptions {
  /** The program gets a terminal of the sandbox's own; spawn the command on a pty. */
  tty: boolean
  cwd?: string
  env?: Record<string, string>
  /** The command returns at once and the program keeps its standard input and output. Only without `tty`. */
  detach?: boolean
}

export interface SandboxProvider {
  /** From nothing to running. Leaves nothing behind if it throws. */
  create(id: string, owner: string, options?: CreateOptions): Promise<SandboxInfo>
  /** A running sandbox gets another owner, also in the eyes of a later host process. Throws if it is none of ours. */
  assign(id: string, owner: string, options?: Pick<CreateOptions, 'unsettled'>): Promise<SandboxInfo>
  /** Its learner's files are in it: from now on it is worth taking over. Throws if it is none of ours. */
  settle(id: string): Promise<void>
  /**
   * Called once at start: removes every leftover of an earlier host process (half-made or broken sandboxes, stray
   * cgroups, files) and returns the sandboxes that are still whole, to be adopted. `tell` hears what was not, and why.
   */
  reconcile(tell?: (what: string) => void): Promise<SandboxInfo[]>
  /** The same while the lab runs: removes what is there of sandboxes that are not `known`. Returns what it found. */
  reap(known: (id: string) => boolean): Promise<string[]>
  /** Whether the sandbox's first process is still there. */
  isAlive(id: string): Promise<boolean>
  /** Whether it is still held by the limits it was given: somebody on this host may have moved it or removed them. */
  isLimited(id: string): boolean
  /** Stops everything in it, or lets it go on. False if that cannot be done. */
  pause(id: string, on: boolean): boolean
  /** Ends everything in it and removes every trace. Harmless if it is gone already. */
  destroy(id: string): Promise<void>
  /** For one look at many sandboxes, now: the call says what was counted of one, nothing but zeroes if it is gone. */
  pressureReader(): (id: string) => Pressure
  /** The path of a sandbox's cgroup as the kernel's log names it. */
  cgroupName(id: string): string
  /** Bytes of this host's disk that the sandbox's own disk takes; it is never fuller than that. */
  diskBytes(id: string): number
  /** When the image that the sandbox stands on was made, in seconds since 1970: what is newer is the learner's. */
  imageTime(id: string): number
  command(id: string, argv: string[], options: ExecOptions): HostCommand
}
