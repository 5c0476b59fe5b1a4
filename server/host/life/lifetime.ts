/** When one sandbox has to go: nobody does anything, all its pages are hidden, or it is old. Pure but for the clock it is given. */
import type { Ending } from '../../protocol/index.ts'

export interface LifeTimes {
  /** Milliseconds without typing, clicking or scrolling, with a page open or not. */
  idleMs: number
  /** The same while every page is in a background tab. */
  hiddenMs: number
  /** Age at which it goes in any case. */
  maxMs: number
  /** How often a learner may have more time, and how much. */
  extensions: number
  extensionMs: number
  /** So long before the end learners are warned; at most half of the time itself. */
  warnMs: number
}

/** A page that is back so soon has had its connection broken: nobody has come. */
const RECONNECTED_MS = 10_000

type Why = 'idle' | 'hidden' | 'age'

export type Verdict = { state: 'goes-on' } | { state: 'warn'; ending: Ending } | { state: 'over'; why: Why }

export class Lifetime {
  readonly #times: LifeTimes
  readonly #now: () => number
  readonly #bornAt: number
  #extended = 0
  /** When somebody last did something or came. */
  #seenAt: number
  /** Since when no page is in front; null while one is. */
  #hiddenSince: number | null
  /** Since when there has been no page; null while there is one. */
  #lonelySince: number | null
  /** The pages that are open, and whether each is in front. */
  readonly #pages = new Map<unknown, boolean>()

  /** `bornAt` and `now` are of the same clock, in milliseconds. */
  constructor(times: LifeTimes, bornAt: number, now: () => number) {
    this.#times = times
    this.#now = now
    this.#bornAt = bornAt
    this.#seenAt = now()
    this.#hiddenSince = now()
    this.#lonelySince = now()
  }

  get seenAt(): number {
    return this.#seenAt
  }

  get lonelySince(): number | null {
    return this.#lonelySince
  }

  /** A page has come, or says how it is looked at. */
  page(page: unknown, visible: boolean, active: boolean): void {
    const lonely = this.#lonelySince === null ? 0 : this.#now() - this.#lonelySince
    this.#pages.set(page, visible)
    this.#lonelySince = null
    if (active || lonely > RECONNECTED_MS) this.#seenAt = this.#now()
    this.#look()
  }

  leave(page: unknown): void {
    if (!this.#pages.delete(page)) return
    if (this.#pages.size === 0) this.#lonelySince = this.#now()
    this.#look()
  }

  /** Somebody has typed or saved. */
  touch(): void {
    this.#seenAt = this.#now()
  }

  /** The learner wants to go on. More time is given only while its end is near, so that two tabs do not ask twice. */
  stay(): void {
    this.#seenAt = this.#now()
    if (this.#hiddenSince !== null) this.#hiddenSince = this.#now()
    if (this.#leftMs('age') <= this.#warnMs('age') && this.#extended < this.#times.extensions)
      this.#extended++
  }

  look(): Verdict {
    const whys: Why[] = this.#hiddenSince === null ? ['idle', 'age'] : ['idle', 'hidden', 'age']
    const left = (why: Why) => this.#leftMs(why)
    const why = whys.reduce((first, other) => (left(other) < left(first) ? other : first))
    if (left(why) <= 0) return { state: 'over', why }
    const near = whys.filter((each) => left(each) <= this.#warnMs(each))
    if (!near.includes(why)) return { state: 'goes-on' }
    return { state: 'warn', ending: { why, inMs: left(why), more: this.#moreMs(why) } }
  }

  #look(): void {
    const inFront = [...this.#pages.values()].some(Boolean)
    this.#hiddenSince = inFront ? null : (this.#hiddenSince ?? this.#now())
  }

  #lasts(why: Why): number {
    const { idleMs, hiddenMs, maxMs, extensionMs } = this.#times
    if (why === 'idle') return idleMs
    // Where nobody is at all it is the idle time that counts.
    if (why === 'hidden') return this.#pages.size === 0 ? Number.POSITIVE_INFINITY : hiddenMs
    return maxMs + this.#extended * extensionMs
  }

  #leftMs(why: Why): number {
    const since = { idle: this.#seenAt, hidden: this.#hiddenSince ?? this.#now(), age: this.#bornAt }[why]
    return since + this.#lasts(why) - this.#now()
  }

  #warnMs(why: Why): number {
    return Math.min(this.#times.warnMs, this.#lasts(why) / 2)
  }

  #moreMs(why: Why): number {
    if (why !== 'age') return this.#lasts(why)
    return this.#extended < this.#times.extensions ? this.#times.extensionMs : 0
  }
}
