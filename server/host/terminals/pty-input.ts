/** What is typed into a pseudo-terminal: written without blocking, kept while the program does not read. */
import fs from 'node:fs'

/** Input that the program has not read yet; beyond it `write` takes no more. */
export const MAX_PENDING_INPUT = 1024 * 1024

/** Writes on this thread; node-pty's own writer spins on a full terminal and outlives the descriptor. */
export class PtyInput {
  readonly #fd: number
  readonly #isClosed: () => boolean
  readonly #onDrain: () => void
  #queue: Uint8Array[] = []
  #pending = 0
  #retry: NodeJS.Timeout | null = null
  #retryMs = 1
  #taken = false

  /** `isClosed`: nothing may be written any more, for the number may be another descriptor's. `onDrain`: all has been written. */
  constructor(fd: number, isClosed: () => boolean, onDrain: () => void) {
    this.#fd = fd
    this.#isClosed = isClosed
    this.#onDrain = onDrain
  }

  /** False, and nothing is taken, if too much is waiting already. After the end input is dropped. */
  write(bytes: Uint8Array): boolean {
    if (this.#isClosed()) return true
    if (this.#taken || this.#pending + bytes.length > MAX_PENDING_INPUT) return false
    this.#queue.push(bytes)
    this.#pending += bytes.length
    if (!this.#retry) this.#flush()
    return true
  }

  /** What waits, for somebody else to write; from now on nothing is written here. */
  take(): Buffer {
    const waiting = Buffer.concat(this.#queue)
    this.drop()
    this.#taken = true
    return waiting
  }

  drop(): void {
    if (this.#retry) clearTimeout(this.#retry)
    this.#retry = null
    this.#queue = []
    this.#pending = 0
  }

  #flush(): void {
    this.#retry = null
    while (this.#queue.length > 0) {
      if (this.#isClosed()) return this.drop()
      const head = this.#queue[0]!
      let written: number
      try {
        written = fs.writeSync(this.#fd, head)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return this.drop()
        this.#retry = setTimeout(() => this.#flush(), this.#retryMs)
        this.#retryMs = Math.min(this.#retryMs * 2, 8)
        return
      }
      this.#retryMs = 1
      this.#pending -= written
      if (written === head.length) this.#queue.shift()
      else this.#queue[0] = head.subarray(written)
    }
    this.#onDrain()
  }
}
