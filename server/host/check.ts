/** Runs a step's check script in the sandbox whenever something may have changed, until it passes. */

/** What the script said. `message` is its output, for the learner. */
export interface Verdict {
  passed: boolean
  message: string
}

/** Two runs are at least so far apart. */
const PAUSE_MS = 400
/**
 * Without any sign of change it is tried again after this time, and then ever more rarely: not everything that happens
 * prints something, but a learner who reads should cost next to nothing.
 */
const ANYWAY_MS = 3000
const MOST_RARELY_MS = 24_000

export class CheckWatch {
  readonly #run: () => Promise<Verdict>
  readonly #onVerdict: (verdict: Verdict) => void
  #timer: NodeJS.Timeout | null = null
  #dueAt = 0
  #running = false
  #again = false
  #stopped = false
  #last = ''
  #anywayMs = ANYWAY_MS

  /** `onVerdict` hears the first verdict and every different one; after a passing one no more come. */
  constructor(run: () => Promise<Verdict>, onVerdict: (verdict: Verdict) => void) {
    this.#run = run
    this.#onVerdict = onVerdict
    this.#schedule(0)
  }

  /** Something happened in the sandbox. */
  poke(): void {
    this.#anywayMs = ANYWAY_MS
    if (this.#running) this.#again = true
    else this.#schedule(PAUSE_MS)
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  /** Never later than what is planned already. */
  #schedule(inMs: number): void {
    if (this.#stopped) return
    const at = Date.now() + inMs
    if (this.#timer && this.#dueAt <= at) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#dueAt = at
    this.#timer = setTimeout(() => this.#tick(), inMs)
  }

  async #tick(): Promise<void> {
    this.#timer = null
    this.#running = true
    this.#again = false
    const verdict = await this.#run().catch((error: Error) => ({ passed: false, message: error.message }))
    this.#running = false
    if (this.#stopped) return
    const key = JSON.stringify(verdict)
    if (key !== this.#last) this.#onVerdict(verdict)
    this.#last = key
    if (verdict.passed) this.stop()
    else if (this.#again) this.#schedule(PAUSE_MS)
    else {
      this.#schedule(this.#anywayMs)
      this.#anywayMs = Math.min(this.#anywayMs * 2, MOST_RARELY_MS)
    }
  }
}
