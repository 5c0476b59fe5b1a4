/** The last bytes a terminal has printed, each with its place in the whole stream, so that any viewer can go on from where it was. */

const SEGMENT_BYTES = 64 * 1024

/** Keeps at least the last `capacity` bytes (and at most one segment more); memory grows only as far as there is output. */
export class OutputLog {
  readonly #capacity: number
  readonly #onPruned: (segment: Buffer) => Buffer | null
  #segments: Buffer[] = []
  /** Bytes in use in the last segment; all others are full. */
  #tail = 0
  #start = 0
  #spare: Buffer | null = null
  #held = false

  /** `onPruned` is given each full segment that falls out, and returns one that may be used again. It begins at offset `start`. */
  constructor(
    capacity: number,
    onPruned: (segment: Buffer) => Buffer | null = (segment) => segment,
    start = 0,
  ) {
    this.#capacity = capacity
    this.#onPruned = onPruned
    this.#start = start
  }

  /** Offset of the oldest byte still here. */
  get start(): number {
    return this.#start
  }

  /** Offset behind the newest byte. */
  get end(): number {
    return this.#segments.length === 0
      ? this.#start
      : this.#start + (this.#segments.length - 1) * SEGMENT_BYTES + this.#tail
  }

  append(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.length > 0) {
      if (this.#segments.length === 0 || this.#tail === SEGMENT_BYTES) {
        this.#segments.push(this.#spare ?? Buffer.allocUnsafeSlow(SEGMENT_BYTES))
        this.#spare = null
        this.#tail = 0
      }
      const room = rest.subarray(0, SEGMENT_BYTES - this.#tail)
      this.#segments.at(-1)!.set(room, this.#tail)
      this.#tail += room.length
      rest = rest.subarray(room.length)
    }
    this.#prune()
  }

  /** While it is held nothing falls out, however much comes in. */
  hold(held: boolean): void {
    this.#held = held
    this.#prune()
  }

  /** Bytes from `offset` on: at least one if there is any, at most `max`. Throws a RangeError for an offset not in the log. */
  read(offset: number, max: number): Uint8Array {
    if (offset < this.#start || offset > this.end) throw new RangeError(`offset ${offset} is not in the log`)
    const at = offset - this.#start
    const index = Math.floor(at / SEGMENT_BYTES)
    const segment = this.#segments[index]
    if (!segment) return new Uint8Array(0)
    const used = index === this.#segments.length - 1 ? this.#tail : SEGMENT_BYTES
    const from = at % SEGMENT_BYTES
    return segment.subarray(from, Math.min(used, from + max))
  }

  /** Everything in it. */
  get contents(): Buffer {
    const used = (segment: Buffer, index: number) =>
      index === this.#segments.length - 1 ? segment.subarray(0, this.#tail) : segment
    return Buffer.concat(this.#segments.map(used))
  }

  /** Gives all memory back. Offsets stay as they are. */
  empty(): void {
    this.#start = this.end
    this.#segments = []
    this.#tail = 0
    this.#spare = null
  }

  #prune(): void {
    while (!this.#held && this.end - this.#start - SEGMENT_BYTES >= this.#capacity) {
      this.#start += SEGMENT_BYTES
      this.#spare = this.#onPruned(this.#segments.shift()!)
    }
  }
}
