/** Time for everything that waits or ages: it never jumps, whatever is done to the date, and all processes since boot share it. */
import fs from 'node:fs'

/** Milliseconds since this machine was booted (CLOCK_MONOTONIC). */
export const now = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** Another after every boot: times of `now` are comparable only within one. Empty where the kernel does not tell. */
export function bootId(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** A date that has been set lately says nothing about the age of things. */
const STEADY_MS = 3_600_000
/** Time servers correct by less than this; whoever sets a clock, by more. */
const DRIFT_MS = 300_000

/** Tells whether the date can be believed: it has not been set for an hour. */
export class SteadyDate {
  readonly #date: () => number
  readonly #uptime: () => number
  #offset: number
  /** Since when it has gone on so; at first it is believed. */
  #since = Number.NEGATIVE_INFINITY

  constructor(date: () => number = Date.now, uptime: () => number = now) {
    this.#date = date
    this.#uptime = uptime
    this.#offset = date() - uptime()
  }

  get isSteady(): boolean {
    const offset = this.#date() - this.#uptime()
    if (Math.abs(offset - this.#offset) > DRIFT_MS) {
      this.#offset = offset
      this.#since = this.#uptime()
    }
    return this.#uptime() - this.#since >= STEADY_MS
  }
}
