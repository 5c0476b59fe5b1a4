/** A learner of a benchmark: a browser's client on a lab, with one shell that is typed into key by key. */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectLearner, type Learner } from '../../helpers/client.ts'
import type { TestLab } from '../../helpers/lab.ts'
import { until } from '../../helpers/until.ts'

const SIZE = { cols: 80, rows: 24 }
/** No echo after so long counts as so long. */
const GIVE_UP_MS = 10_000
/** Between two keys of somebody who types fast. */
const BETWEEN_KEYS_MS = 30

export class Typist {
  readonly learner: Learner
  readonly #type: (text: string) => void
  #heard: (() => void) | null = null
  #tail = ''

  private constructor(learner: Learner, id: number) {
    this.learner = learner
    const write = (bytes: Uint8Array, _history: boolean, done: () => void) => {
      done()
      this.#tail = (this.#tail + Buffer.from(bytes.subarray(-400)).toString('latin1')).slice(-400)
      this.#heard?.()
    }
    const stream = learner.client.openStream(id, { write, clear() {} }, SIZE)
    this.#type = (text) => stream.type(Buffer.from(text))
  }

  static async arrive(lab: TestLab): Promise<Typist> {
    const learner = await connectLearner(lab)
    learner.client.send({ type: 'open-terminal', number: 1, ...SIZE })
    const { id } = await until('there is a terminal', () => learner.client.view.terminals[0], 30_000)
    const typist = new Typist(learner, id)
    await until('there is a prompt', () => typist.#tail.includes('root@lab'), 30_000)
    return typist
  }

  type(text: string): void {
    this.#type(text)
  }

  /** Runs a command line. Resolves with the milliseconds it took; null if it did not end in time. */
  async run(line: string, timeoutMs = 60_000): Promise<number | null> {
    // Typed in two parts, so that its own echo is not taken for its end.
    const mark = `end-${Math.random().toString(36).slice(2, 8)}`
    const began = performance.now()
    this.#type(`${line}; echo ${mark.slice(0, 4)}""${mark.slice(4)}\r`)
    while (!this.#tail.includes(mark)) {
      if (performance.now() - began > timeoutMs) return null
      await sleep(10)
    }
    return performance.now() - began
  }

  /** Milliseconds from a key to the next output. */
  async echo(key = 'a'): Promise<number> {
    const began = performance.now()
    const heard = new Promise<void>((resolve) => {
      this.#heard = resolve
    })
    this.#type(key)
    await Promise.race([heard, sleep(GIVE_UP_MS)])
    this.#heard = null
    return performance.now() - began
  }

  /** Echoes one after the other; the line is cleared at the end. `betweenMs`: 30 for fast fingers. */
  async echoes(count: number, betweenMs = BETWEEN_KEYS_MS): Promise<number[]> {
    const all: number[] = []
    for (let i = 0; i < count; i++) {
      all.push(await this.echo())
      await sleep(betweenMs)
    }
    this.#type('\x15')
    return all
  }

  /** What the page was told: from asking for a sandbox to having it. */
  get startedMs(): number {
    const { sandbox } = this.learner.client.view
    return sandbox?.state === 'ready' ? sandbox.startedMs : Number.NaN
  }
}
