/** A stop that lets learners finish: nobody new is let in, who is here is told how long they have, and then all of it ends. */
import fs from 'node:fs'
import path from 'node:path'
import type { Ending } from '../../protocol/index.ts'
import { now } from './clock.ts'

/** A learner who has closed the page has finished; one who reloads it has not. */
const AWAY_MS = 60_000

export class Drain {
  /** By the clock of `now`; null while nobody has asked for it. */
  #until: number | null = null
  readonly #file: string
  /** Whether learners' files are kept beyond their sandboxes. */
  readonly #keeps: boolean

  /** `runDir`: a host process that is started again in the middle goes on with it. */
  constructor(runDir: string, keeps: boolean) {
    this.#file = path.join(runDir, 'drain')
    this.#keeps = keeps
    const until = Number(fs.existsSync(this.#file) ? fs.readFileSync(this.#file, 'utf8') : Number.NaN)
    // One that is over was cut short together with the lab.
    if (until > now()) this.#until = until
  }

  begin(ms: number): void {
    this.#until = now() + ms
    fs.writeFileSync(this.#file, String(this.#until))
  }

  cancel(): void {
    this.#until = null
    fs.rmSync(this.#file, { force: true })
  }

  get isOn(): boolean {
    return this.#until !== null
  }

  /** Milliseconds until everything ends; 0 at the least, null while there is no drain. */
  get leftMs(): number | null {
    return this.#until === null ? null : Math.max(0, this.#until - now())
  }

  /** Whether a sandbox whose last page went away then has to go now. */
  isOver(lonelySince: number | null): boolean {
    if (this.#until === null) return false
    return now() >= this.#until || (lonelySince !== null && now() - lonelySince > AWAY_MS)
  }

  /** What a learner is told: of this and of what their sandbox itself has before it, whatever comes first. */
  sooner(ending: Ending | null): Ending | null {
    if (this.leftMs === null || (ending && ending.inMs < this.leftMs)) return ending
    return { why: 'stop', inMs: this.leftMs, more: 0, kept: this.#keeps }
  }
}
