/** How much the terminals of one sandbox may print: bounded always, and less while learners of other sandboxes type. */
import { availableParallelism } from 'node:os'

/**
 * While somebody else types, the sandboxes that flood share this part of what one may print alone, for each processor of
 * the machine. Short lines cost the kernel's terminal most: `yes` at 6 MB/s keeps two processors busy, which no limit of
 * its sandbox counts.
 */
const SHARED = 1 / 1024
/** However many processors there are. */
const MOST_SHARED = 1 / 8
/** A key counts for so long. */
const TYPING_MS = 1000
/** What is printed at once for so many seconds' worth: a large file comes as fast as the machine can. */
const BURST_S = 4
/** While it is shared, so many seconds' worth at once: a listing, but no more than five milliseconds of `yes`. */
const SHARED_BURST_S = 1 / 2048
/** A pause is never longer, so that a change of the rate is noticed, and Ctrl-C as well. */
const MAX_PAUSE_MS = 100

/** The last two who have typed: for anybody, one of them is somebody else. */
let last: { who: OutputShare | null; at: number } = { who: null, at: Number.NEGATIVE_INFINITY }
let before = last
const all = new Set<OutputShare>()

export class OutputShare {
  /** Bytes in a second. */
  readonly #rate: number
  /** The same while others type, for all that flood. */
  readonly #shared: number
  #left: number
  #countedAt: number
  /** When it last had to wait. */
  #heldAt = Number.NEGATIVE_INFINITY
  readonly #now: () => number

  /** `rate` in bytes a second; `processors` of the machine, on which floods and keys meet. */
  constructor(rate: number, { now = () => performance.now(), processors = availableParallelism() } = {}) {
    this.#rate = rate
    this.#shared = rate * Math.min(processors * SHARED, MOST_SHARED)
    this.#left = rate * BURST_S
    this.#now = now
    this.#countedAt = now()
    all.add(this)
  }

  /** Its learner has typed. */
  typed(): void {
    if (last.who !== this) before = last
    last = { who: this, at: this.#now() }
  }

  /** So much has been printed. Returns for how many milliseconds nothing more may be. */
  spend(bytes: number): number {
    const now = this.#now()
    const shared = this.#othersType(now)
    const rate = shared ? this.#shared / this.#held(now) : this.#rate
    const most = this.#rate * (shared ? SHARED_BURST_S : BURST_S)
    this.#left = Math.min(this.#left + ((now - this.#countedAt) * rate) / 1000, most) - bytes
    this.#countedAt = now
    if (this.#left >= 0) return 0
    this.#heldAt = now
    return Math.min((-this.#left / rate) * 1000, MAX_PAUSE_MS)
  }

  /** Whether it has had to wait just now. */
  get isHeld(): boolean {
    return this.#now() - this.#heldAt < TYPING_MS
  }

  /** Its sandbox is gone. */
  end(): void {
    all.delete(this)
    if (last.who === this) last = before
    if (before.who === this) before = { who: null, at: Number.NEGATIVE_INFINITY }
  }

  #othersType(now: number): boolean {
    const other = last.who === this ? before : last
    return now - other.at < TYPING_MS
  }

  /** How many sandboxes flood, this one included. */
  #held(now: number): number {
    let count = 1
    for (const share of all) if (share !== this && now - share.#heldAt < TYPING_MS) count++
    return count
  }
}
