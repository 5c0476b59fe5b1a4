/** One container that somebody looks at: its plan, which grows with what is known of it, and what has been read. */

import type { Container, Reading, Readings } from '../../../spec/lens/facts.ts'
import { askedOf } from '../../../spec/lens/look.ts'
import { firstPlan, planOf } from '../../../spec/lens/plan.ts'

/** All texts of one container together; beyond it readings are dropped. */
const MAX_TEXT = 4 * 1024 * 1024

const sizeOf = (reading: Reading | undefined) =>
  reading ? ('text' in reading ? reading.text.length : reading.error.length) : 0

export interface PlanSink {
  /** Sends a plan of a new number, in the place of the old one. */
  replace(old: number, entries: string[]): number
}

export class LookedAt {
  #container: Container
  readonly #sink: PlanSink
  #plan = 0
  #entries: string[] = []
  /** Readings of a plan whose first round is not over. */
  #coming: Record<string, Reading> | null = null
  #readings: Record<string, Reading> = {}
  #size = 0

  constructor(container: Container, sink: PlanSink) {
    this.#container = container
    this.#sink = sink
    this.#start(firstPlan(container))
  }

  /** The plan's first round is over: `readings` say all there is of the container as it is. */
  get complete(): boolean {
    return this.#coming === null
  }

  get plan(): number {
    return this.#plan
  }

  get readings(): Readings {
    return this.#readings
  }

  /** The container is another than before: what has to be read may be too. */
  update(container: Container): void {
    const before = this.#container
    this.#container = container
    if (before.pid !== container.pid || before.bundle !== container.bundle) this.#start(firstPlan(container))
    else if (before.phase !== container.phase) {
      // What was read of `runc init` is not what the program in its place would say.
      if (!this.#extend()) this.#start(this.#entries)
    } else if (before.version !== container.version) this.#extend()
  }

  /** Returns what to tell: all, what has changed, or nothing yet. */
  receive(changed: [number, Reading][]): { reset: boolean; readings: Readings } | null {
    const named: Record<string, Reading> = {}
    for (const [index, reading] of changed) {
      const entry = this.#entries[index]
      if (entry !== undefined) named[entry] = reading
    }
    if (this.#coming) {
      Object.assign(this.#coming, named)
      if (changed.length > 0) return null
      this.#readings = this.#bounded(this.#coming)
      this.#coming = null
      if (this.#extend()) return null
      return { reset: true, readings: this.#readings }
    }
    if (changed.length === 0) return null
    Object.assign(this.#readings, named)
    this.#readings = this.#bounded(this.#readings)
    const grows = changed.some(([index]) => /^[bc] /.test(this.#entries[index] ?? ''))
    if (grows) this.#extend()
    return { reset: false, readings: named }
  }

  #bounded(readings: Record<string, Reading>): Record<string, Reading> {
    this.#size = 0
    for (const [entry, reading] of Object.entries(readings)) {
      this.#size += sizeOf(reading)
      if (this.#size > MAX_TEXT) readings[entry] = { error: 'there is too much of it all' }
    }
    return readings
  }

  /** True if there is more to read than the plan says. */
  #extend(): boolean {
    const { asked, state } = askedOf(this.#container, this.#readings)
    const entries = planOf(this.#container, asked?.config ?? null, state)
    if (entries.join('\0') === this.#entries.join('\0')) return false
    this.#start(entries)
    return true
  }

  #start(entries: string[]): void {
    this.#entries = entries
    this.#coming = {}
    this.#plan = this.#sink.replace(this.#plan, entries)
  }
}
