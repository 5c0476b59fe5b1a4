/** A stream of WebSocket frames cut where they end: what is for the browser goes through as it came, only text is looked at. */

/** What a server sends is not masked, not compressed and not in parts: these are all the first bytes there may be. */
const TEXT = 0x81
const BINARY = 0x82
/** The longest header of a frame without a mask. */
const MAX_HEADER = 10

export interface FramesEvents {
  /** Whole frames, as they came; the pieces belong together and are to be written at once. */
  onFrames(pieces: Buffer[]): void
  /** A whole text frame; true if it has been dealt with, and is not for the browser. */
  onText(payload: Buffer): boolean
  /** Nothing more follows: the other side has closed, or does not keep to the protocol. */
  onEnd(): void
}

/**
 * A flood is many frames of 64 KiB: to parse them, join what a read has torn, and frame them again costs a copy and garbage
 * for each. Here a frame is never copied; one that has not come whole waits, so that others can write in between.
 */
export class FramesThrough {
  readonly #events: FramesEvents
  readonly #maxBytes: number
  /** Of the frame that has begun. */
  #pieces: Buffer[] = []
  #have = 0
  /** Of the whole frame with its header; 0 until the header is known. */
  #need = 0
  #header = 0
  #ended = false

  /** `maxBytes`: of one frame's payload. */
  constructor(maxBytes: number, events: FramesEvents) {
    this.#maxBytes = maxBytes
    this.#events = events
  }

  /** No frame has begun that is not whole yet: nothing given so far is held any more. */
  get isWhole(): boolean {
    return this.#pieces.length === 0
  }

  take(chunk: Buffer): void {
    if (this.#ended) return
    /** Whole frames of before, and of this chunk from `from` to `at`. */
    let ready: Buffer[] = []
    let from = 0
    let at = 0
    while (at < chunk.length && !this.#ended) {
      if (this.#need === 0 && !this.#begin(chunk, at)) break
      const missing = this.#need - this.#have
      if (chunk.length - at < missing) break
      const end = at + missing
      const isText = this.#first(chunk, at) === TEXT
      if (isText && this.#events.onText(this.#payload(chunk, at, end))) {
        if (at > from) ready.push(chunk.subarray(from, at))
        from = end
      } else if (this.#have > 0) ready = [...this.#pieces]
      at = end
      this.#pieces = []
      this.#have = this.#need = 0
    }
    if (at > from) ready.push(chunk.subarray(from, at))
    if (ready.length > 0) this.#events.onFrames(ready)
    if (this.#ended) return this.#events.onEnd()
    if (at === chunk.length) return
    this.#pieces.push(at === 0 ? chunk : chunk.subarray(at))
    this.#have += chunk.length - at
  }

  /** Reads the header; false if it is not all there, or not what it may be. */
  #begin(chunk: Buffer, at: number): boolean {
    const first = this.#first(chunk, at)
    if (first !== TEXT && first !== BINARY) return this.#end()
    const head = this.#have === 0 ? chunk.subarray(at, at + MAX_HEADER) : this.#head(chunk, at)
    const short = head.length > 1 ? head[1]! : 0
    this.#header = short === 127 ? 10 : short === 126 ? 4 : 2
    if (head.length < this.#header) return false
    const bytes =
      short === 127
        ? head.readUInt32BE(2) * 2 ** 32 + head.readUInt32BE(6)
        : short === 126
          ? head.readUInt16BE(2)
          : short
    if (short > 127 || bytes > this.#maxBytes) return this.#end()
    this.#need = this.#header + bytes
    return true
  }

  #end(): false {
    this.#ended = true
    return false
  }

  #first(chunk: Buffer, at: number): number {
    return this.#have > 0 ? this.#pieces[0]![0]! : chunk[at]!
  }

  #head(chunk: Buffer, at: number): Buffer {
    return Buffer.concat([...this.#pieces, chunk.subarray(at, at + MAX_HEADER)]).subarray(0, MAX_HEADER)
  }

  #payload(chunk: Buffer, at: number, end: number): Buffer {
    const rest = chunk.subarray(at, end)
    const whole = this.#have === 0 ? rest : Buffer.concat([...this.#pieces, rest])
    return whole.subarray(this.#header)
  }
}
