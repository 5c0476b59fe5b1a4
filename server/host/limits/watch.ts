/** Watches one sandbox's limits and puts what its learner should know of them into words. */
import type { LimitNotice } from '../../protocol/index.ts'
import type { Inside } from '../agent/channel.ts'
import type { Pressure } from '../providers/provider.ts'

export interface LimitSizes {
  memoryBytes: number
  pids: number
  cpus: number
  diskMib: number
  openFiles: number
  ptys: number
  diskBytesPerSecond: number
  diskOperationsPerSecond: number
}

/** So long after it was last met a limit counts as reached. */
const LASTS_MS = 60_000
/** In so long a time the sandbox had to wait for a processor, or its disk, for such a share of it: worth a word. */
const THROTTLED_MS = 15_000
const THROTTLED_SHARE = 0.9
const NEAR = 0.9
/** Terminals that are held back for so long are worth a word; a large file is not. */
const FLOOD_MS = 4000

/** Those of a sandbox's own. */
type Kind = Exclude<LimitNotice['limit'], 'lab-disk'>

interface Met {
  count: number
  at: number
  what: string
}

const mib = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`

export class LimitWatch {
  readonly #sizes: LimitSizes
  readonly #met = new Map<Kind, Met>()
  readonly #near = new Map<Kind, string>()
  #before: Pressure | null = null
  /** Since when the terminals have been held back; null if they are not. */
  #floodsSince: number | null = null
  #cpu: { at: number; periods: number; throttled: number } | null = null
  #disk: { at: number; counted: readonly number[]; left: readonly number[] } | null = null

  constructor(sizes: LimitSizes) {
    this.#sizes = sizes
  }

  /** What the host has counted; `killed`: the programs killed since the last call, as far as their names are known. */
  count(pressure: Pressure, killed: string[], now: number): void {
    const before = this.#before ?? pressure
    this.#before = pressure
    const { memoryBytes, pids } = this.#sizes
    if (pressure.oomKills > before.oomKills || killed.length > 0) {
      const who = killed.length > 0 ? `The kernel killed ${list(killed)}` : 'The kernel killed a process'
      this.#meet('memory', now, `${who}: the ${mib(memoryBytes)} of memory of this sandbox were used up.`)
    }
    if (pressure.pidsRefused > before.pidsRefused)
      this.#meet(
        'processes',
        now,
        `A process could not be started: this sandbox may have ${pids} processes and threads.`,
      )
    this.#throttling(pressure, now)
    this.#pace(pressure, now)
  }

  /** What was found inside. */
  see(inside: Inside, now: number): void {
    const { diskMib, ptys, openFiles } = this.#sizes
    const { blocks, freeBlocks, inodes, freeInodes } = inside
    const left = (free: number, all: number) => (all > 0 ? free / all : 1)
    this.#fill('disk', left(freeBlocks, blocks), now, {
      full: `The disk of this sandbox is full (${diskMib} MiB).`,
      near: `The disk of this sandbox is nearly full: ${Math.round(left(freeBlocks, blocks) * diskMib)} of ${diskMib} MiB are left.`,
    })
    this.#fill('inodes', left(freeInodes, inodes), now, {
      full: `This sandbox has no room for more files: all ${inodes} inodes are in use.`,
      near: `This sandbox has room for ${freeInodes} more files only (inodes).`,
    })
    this.#fill('terminals', left(ptys - inside.ptys, ptys), now, {
      full: `All ${ptys} pseudo-terminals of this sandbox are in use.`,
      near: `Of ${ptys} pseudo-terminals of this sandbox ${inside.ptys} are in use.`,
    })
    if (inside.opener)
      this.#meet(
        'open-files',
        now,
        `${inside.opener} has as many files open as one process may (${openFiles}, or less if it was told so).`,
      )
  }

  /** Whether the terminals are held back, having printed all they may. */
  printing(isHeld: boolean, now: number): void {
    this.#floodsSince = isHeld ? (this.#floodsSince ?? now) : null
    if (this.#floodsSince !== null && now - this.#floodsSince >= FLOOD_MS)
      this.#near.set('output', 'The terminals of this sandbox print more than they may, and are slowed down.')
    else this.#near.delete('output')
  }

  /** What to tell now, the worst first. */
  notices(now: number): LimitNotice[] {
    const reached = [...this.#met].filter(([, { at }]) => now - at < LASTS_MS)
    const near = [...this.#near].filter(([limit]) => !reached.some(([other]) => other === limit))
    return [
      ...reached.map(([limit, { count, what }]) => ({
        ...{ limit, level: 'reached' as const, count, what, hint: HINTS[limit] },
      })),
      ...near.map(([limit, what]) => ({
        ...{ limit, level: 'near' as const, count: this.#met.get(limit)?.count ?? 0, what },
        hint: HINTS[limit],
      })),
    ]
  }

  #meet(limit: Kind, at: number, what: string): void {
    const count = (this.#met.get(limit)?.count ?? 0) + 1
    this.#met.set(limit, { count, at, what })
  }

  #fill(limit: Kind, left: number, now: number, { full, near }: { full: string; near: string }): void {
    const met = this.#met.get(limit)
    if (left <= 0.002) {
      this.#near.delete(limit)
      // It stays full until somebody makes room: that is one time, not many.
      if (met && now - met.at < LASTS_MS) met.at = now
      else this.#meet(limit, now, full)
      return
    }
    // Room was made.
    if (met) met.at = Number.NEGATIVE_INFINITY
    if (left < 1 - NEAR) this.#near.set(limit, near)
    else this.#near.delete(limit)
  }

  #throttling({ cpuPeriods: periods, cpuThrottled: throttled }: Pressure, at: number): void {
    this.#cpu ??= { at, periods, throttled }
    if (at - this.#cpu.at < THROTTLED_MS) return
    const ran = periods - this.#cpu.periods
    const waited = throttled - this.#cpu.throttled
    this.#cpu = { at, periods, throttled }
    // Not only most of the periods in which it ran, but most of the time.
    if (ran > THROTTLED_MS / 200 && waited / ran > THROTTLED_SHARE)
      this.#near.set('cpu', `This sandbox uses all of the ${this.#sizes.cpus} processors it may.`)
    else this.#near.delete('cpu')
  }

  /** The kernel counts what is to be written at once, and writes it bit by bit: what is left over is work for later. */
  #pace({ diskSeconds: counted }: Pressure, at: number): void {
    this.#disk ??= { at, counted, left: [] }
    const { at: began, counted: before, left } = this.#disk
    const passed = (at - began) / 1000
    if (passed * 1000 < THROTTLED_MS) return
    const work = counted.map((each, i) => each - (before[i] ?? each) + (left[i] ?? 0))
    this.#disk = { at, counted, left: work.map((each) => Math.max(0, each - passed)) }
    const busy = work.findIndex((each) => each > THROTTLED_SHARE * passed)
    const { diskBytesPerSecond, diskOperationsPerSecond } = this.#sizes
    const most =
      busy < 2 ? `${diskBytesPerSecond / 1e6} MB a second` : `${diskOperationsPerSecond} times a second`
    if (busy >= 0)
      this.#near.set('disk-speed', `This sandbox reads or writes its disk as fast as it may: ${most}.`)
    else this.#near.delete('disk-speed')
  }
}

/** At most three names, each once. */
function list(names: string[]): string {
  const once = [...new Set(names)]
  return once.length > 3 ? `${once.slice(0, 3).join(', ')} and others` : once.join(' and ')
}

const HINTS: Record<Kind, string> = {
  memory:
    'Your shell lives. Start it again with less to do, or end other programs first: `top` shows who uses what. Files in /dev/shm and /run count, too.',
  processes:
    'End what runs away, such as with `pkill PROGRAM`. If nothing can be started any more, start over.',
  disk: 'Delete what you do not need, such as with `docker system prune`; `du -xsh /*` shows what is large.',
  inodes:
    'Delete files: many small ones fill a disk, too. `find / -xdev -type d -size +1M` shows large folders.',
  terminals: 'Close some: each tmux window, script or container with `-t` has one.',
  'open-files': 'The program itself says "Too many open files". Let it close some, or start fewer of it.',
  output:
    'Nothing is lost. Ctrl+C ends what prints; `| less` shows a page at a time, and `> FILE` keeps it off the screen.',
  cpu: 'Everything in it is slower; nothing is wrong. `top` shows what is busy.',
  'disk-speed': 'Nothing is lost; programs that use the disk take longer. Ctrl+C ends what you did not mean.',
}
