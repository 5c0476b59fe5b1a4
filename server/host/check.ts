/** Runs a step's check in the sandbox when something may have changed, until it passes; whoever only reads costs next to nothing. */

import { now } from './life/clock.ts'

/** What the check said. */
export interface Verdict {
  passed: boolean
  /** What its script printed, or what is still missing: for the learner. */
  message: string
  /** What was found, a sentence each; of a check that passes. */
  seen?: string[]
  /** It could not be carried out: that says nothing about the step. */
  trouble?: true
}

/** After a change of something that the check looks at: others may follow on its heels. */
const SOON_MS = 100
/** After a sign of life, such as output. Signs without end are answered ever more slowly, up to the second number. */
const PAUSE_MS = 400
const LONGEST_PAUSE_MS = 2000
/** So many runs in a row may be in vain before that. */
const PATIENCE = 3
/** Without signs for so long, the next one is fresh. */
const CALM_MS = 5000
/** Without any sign it is tried again after this time, and then ever more rarely: not everything gives a sign. */
const ANYWAY_MS = 3000
const MOST_RARELY_MS = 60_000

export class CheckWatch {
  readonly #run: () => Promise<Verdict>
  readonly #onVerdict: (verdict: Verdict) => void
  #timer: NodeJS.Timeout | null = null
  #dueAt = 0
  #running = false
  /** What came while it ran. */
  #again: 'change' | 'sign' | null = null
  #stopped = false
  #seen = true
  #last = ''
  #troubles = 0
  #anywayMs = ANYWAY_MS
  #inVain = 0
  #signAt = 0

  /** `onVerdict` hears the first verdict and every different one; after a passing one no more come. */
  constructor(run: () => Promise<Verdict>, onVerdict: (verdict: Verdict) => void) {
    this.#run = run
    this.#onVerdict = onVerdict
    this.#schedule(0)
  }

  /** Something happened in the sandbox; `change`: to something that the check looks at. */
  poke(what: 'change' | 'sign' = 'sign'): void {
    const at = now()
    if (what === 'change' || at - this.#signAt > CALM_MS) this.#inVain = 0
    this.#signAt = at
    this.#anywayMs = ANYWAY_MS
    if (this.#running) this.#again = this.#again === 'change' ? 'change' : what
    else this.#schedule(this.#pause(what))
  }

  /** Whether somebody looks at the page. If not, only signs are followed; who comes back gets a fresh verdict. */
  show(seen: boolean): void {
    if (seen === this.#seen) return
    this.#seen = seen
    if (seen) this.poke()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #pause(what: 'change' | 'sign'): number {
    if (what === 'change') return SOON_MS
    return Math.min(PAUSE_MS * 2 ** Math.max(0, this.#inVain - PATIENCE), LONGEST_PAUSE_MS)
  }

  /** Never later than what is planned already. */
  #schedule(inMs: number): void {
    if (this.#stopped) return
    const at = now() + inMs
    if (this.#timer && this.#dueAt <= at) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#dueAt = at
    this.#timer = setTimeout(() => this.#tick(), inMs)
  }

  async #tick(): Promise<void> {
    this.#timer = null
    this.#running = true
    this.#again = null
    const verdict: Verdict = await this.#run().catch((error: Error) => ({
      passed: false,
      message: error.message,
      trouble: true,
    }))
    this.#running = false
    if (this.#stopped) return
    this.#tell(verdict)
    if (verdict.passed) return this.stop()
    if (this.#again) this.#schedule(this.#pause(this.#again))
    else if (this.#seen) {
      this.#schedule(this.#anywayMs)
      this.#anywayMs = Math.min(this.#anywayMs * 2, MOST_RARELY_MS)
    }
  }

  /** One check that could not be carried out does not replace what is known: that would flicker. */
  #tell({ trouble, ...verdict }: Verdict): void {
    this.#troubles = trouble ? this.#troubles + 1 : 0
    const key = JSON.stringify(verdict)
    this.#inVain = key === this.#last ? this.#inVain + 1 : 0
    if (key === this.#last || (this.#troubles === 1 && this.#last !== '')) return
    this.#last = key
    this.#onVerdict(verdict)
  }
}
