/** Memory that one connection is read into, used again: a flood would leave 64 KiB of garbage with every read. */

const BYTES = 64 * 1024
/** Beyond so many that wait to be used again, they are given up. */
const MOST_FREE = 4

/** Each connection has its own: whatever goes wrong, nobody sees what was another learner's. */
export class ReadBuffers {
  readonly #free: Buffer[] = []

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BYTES)
  }

  /** Nobody may use them after this. */
  giveBack(buffers: readonly Buffer[]): void {
    for (const buffer of buffers) if (this.#free.length < MOST_FREE) this.#free.push(buffer)
  }
}
