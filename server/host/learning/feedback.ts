/** What learners say about steps, kept for the operator: one JSON object a line, in a file that cannot grow without end. */
import fs from 'node:fs/promises'
import path from 'node:path'

export interface Opinion {
  lesson: string
  step: string
  thumb: 'up' | 'down'
  /** A line of the learner's own; may be empty. */
  line: string
}

/** The file is put aside at this size, once: so much and at most as much again is kept. */
const MAX_BYTES = 4 * 1024 * 1024
/** One learner cannot fill it: opinions an hour. */
const PER_HOUR = 60

export class FeedbackLog {
  readonly #file: string
  #queue: Promise<unknown> = Promise.resolve()
  readonly #counts = new Map<string, number>()
  #hour = 0

  /** `file`: usually `<state dir>/feedback.jsonl`. Its folder is made when it is needed. */
  constructor(file: string) {
    this.#file = file
  }

  /** False if this learner has said enough, or if it cannot be written. `owner` is counted and not kept. */
  async keep(owner: string, { lesson, step, thumb, line }: Opinion): Promise<boolean> {
    if (!this.#allows(owner)) return false
    // Control characters would let a line of theirs pass for several in an operator's terminal.
    const text = line.replace(/\p{C}/gu, ' ').trim()
    const entry = JSON.stringify({ at: new Date().toISOString(), lesson, step, thumb, line: text })
    // One after the other: the size is looked at before each.
    const written = this.#queue.then(() => this.#append(`${entry}\n`))
    this.#queue = written.catch(() => {})
    return written.then(
      () => true,
      () => false,
    )
  }

  async #append(entry: string): Promise<void> {
    await fs.mkdir(path.dirname(this.#file), { recursive: true })
    const { size } = await fs.stat(this.#file).catch(() => ({ size: 0 }))
    if (size + entry.length > MAX_BYTES) await fs.rename(this.#file, `${this.#file}.1`)
    await fs.appendFile(this.#file, entry, { mode: 0o600 })
  }

  #allows(owner: string): boolean {
    const hour = Math.floor(Date.now() / 3_600_000)
    if (hour !== this.#hour) this.#counts.clear()
    this.#hour = hour
    const count = (this.#counts.get(owner) ?? 0) + 1
    this.#counts.set(owner, count)
    return count <= PER_HOUR
  }
}
