/** One terminal's bytes in this tab: output in order and once, input kept until it has been applied. Knows no socket and no screen. */
import type { ClientMessage, ServerMessage, TerminalFrame } from '../../server/protocol/index.ts'
import { type Held, HeldInput } from './held-input.ts'

export interface Screen {
  /** `done` is called when the bytes are on the screen. `history`: they were printed before; queries in them have been answered. */
  write(bytes: Uint8Array, history: boolean, done: () => void): void
  /** Older output is lost: begin with an empty screen. */
  clear(): void
  /** `held`, `asks` or `isLive` of the stream may have changed. */
  changed?(): void
}

export interface Wire {
  /** False if there is no connection. */
  send(message: ClientMessage): boolean
  sendFrame(frame: TerminalFrame): boolean
}

/** Shown output is acknowledged at the latest after so many bytes; well below what the server lets run ahead. */
const ACK_BYTES = 32 * 1024
/** Less than that is acknowledged once there was time for more: while somebody types, no key meets an answer to the last one. */
const ACK_MS = 250
/** Input under way and not yet applied. The rest waits here. */
const INPUT_WINDOW = 128 * 1024
const INPUT_FRAME = 16 * 1024
/** After a longer break the prompt may be another one: what was typed meanwhile goes in only if the learner says so. */
export const SHORT_BREAK_MS = 10_000

export class TerminalStream {
  readonly id: number
  readonly #wire: Wire
  readonly #screen: Screen
  #size: { cols: number; rows: number }
  /** The size that `attach` has told. */
  #told: { cols: number; rows: number }
  /** Output before this offset has been given to the screen. */
  #received = 0
  #shown = 0
  #acked = 0
  /** Output before this offset is history. */
  #live = 0
  /** False between a broken connection and the server's answer to `attach`: frames of before do not count. */
  #attached = false
  /** Input from offset `#applied` on: bytes not yet applied, of which those before `#sent` are under way. */
  #input: Uint8Array[] = []
  #applied = 0
  #sent = 0
  #typed = 0
  /** Typed while there was no connection. */
  readonly #held = new HeldInput()
  #asks = false
  #ackTimer: ReturnType<typeof setTimeout> | null = null
  /** When the connection broke; null while there is one, and before the first. */
  #lostAt: number | null = null
  readonly #now: () => number

  constructor(
    id: number,
    wire: Wire,
    screen: Screen,
    size: { cols: number; rows: number },
    now: () => number = () => Date.now(),
  ) {
    this.id = id
    this.#wire = wire
    this.#screen = screen
    this.#size = this.#told = size
    this.#now = now
  }

  /** What is typed now goes to the terminal now. */
  get isLive(): boolean {
    return this.#attached && !this.#asks
  }

  /** Output at this offset was printed before this tab was there, or while it was away. */
  isHistory(offset: number): boolean {
    return offset < this.#live
  }

  /** What waits to be typed. */
  get held(): Held {
    return this.#held.describe()
  }

  /** The learner has to say what becomes of `held`: `typeHeld` or `discardHeld`. */
  get asks(): boolean {
    return this.#asks
  }

  typeHeld(): void {
    this.#asks = false
    if (this.#attached) this.#release()
    this.#screen.changed?.()
  }

  discardHeld(): void {
    this.#asks = false
    this.#held.take()
    this.#screen.changed?.()
  }

  /** The connection broke: until `attach` is answered, what is typed is held. */
  lost(): void {
    this.#attached = false
    this.#lostAt ??= this.#now()
    this.#screen.changed?.()
  }

  /** Asks for everything after what has been received. Call it again after every reconnection. */
  attach(): void {
    this.#attached = false
    this.#told = this.#size
    this.#wire.send({ type: 'attach', terminal: this.id, from: this.#received, ...this.#size })
  }

  resize(cols: number, rows: number): void {
    if (cols === this.#size.cols && rows === this.#size.rows) return
    this.#size = { cols, rows }
    if (this.#attached) this.#wire.send({ type: 'resize', terminal: this.id, cols, rows })
  }

  /** Types bytes: now, or they are held until there is a connection again. */
  type(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.isLive) return this.#enter(bytes)
    // Also while the learner is asked: what is typed then comes after what is asked about.
    this.#held.add(bytes)
    this.#screen.changed?.()
  }

  onAttached(message: Extract<ServerMessage, { type: 'attached' }>): void {
    if (message.dropped || message.from !== this.#received) {
      if (this.#received > 0) this.#screen.clear()
      this.#received = this.#shown = this.#acked = message.from
      if (message.screen) this.#screen.write(decodeBase64(message.screen), true, () => {})
    }
    this.#live = message.live
    this.#attached = true
    const { cols, rows } = this.#size
    // It has changed since it was asked for.
    if (cols !== this.#told.cols || rows !== this.#told.rows)
      this.#wire.send({ type: 'resize', terminal: this.id, cols, rows })
    // This tab has shown the terminal before, on another screen: its count goes on.
    if (this.#typed === 0) this.#applied = this.#sent = this.#typed = message.inputApplied
    this.#take(message.inputApplied)
    // What was under way when the connection broke may not have arrived. The server skips what has.
    this.#sent = this.#applied
    this.#pump()
    const away = this.#lostAt === null ? 0 : this.#now() - this.#lostAt
    this.#lostAt = null
    if (away > SHORT_BREAK_MS && !this.#held.isEmpty) this.#asks = true
    if (!this.#asks) this.#release()
    this.#screen.changed?.()
  }

  onFrame({ offset, bytes }: TerminalFrame): void {
    if (!this.#attached || offset > this.#received) return
    const fresh = bytes.subarray(this.#received - offset)
    if (fresh.length === 0) return
    const history = this.#received < this.#live
    this.#received += fresh.length
    const end = this.#received
    this.#screen.write(fresh, history, () => {
      if (end <= this.#shown) return
      this.#shown = end
      if (this.#shown - this.#acked >= ACK_BYTES) this.#acknowledge()
      else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ACK_MS)
    })
  }

  onInputApplied(offset: number): void {
    this.#take(offset)
    this.#pump()
  }

  #enter(bytes: Uint8Array): void {
    this.#input.push(bytes)
    this.#typed += bytes.length
    this.#pump()
  }

  #release(): void {
    for (const bytes of this.#held.take()) this.#enter(bytes)
  }

  #acknowledge(): void {
    if (this.#ackTimer !== null) clearTimeout(this.#ackTimer)
    this.#ackTimer = null
    if (!this.#attached || this.#acked === this.#shown) return
    this.#acked = this.#shown
    this.#wire.send({ type: 'ack', terminal: this.id, offset: this.#shown })
  }

  /** Forgets input before `offset`. */
  #take(offset: number): void {
    let rest = Math.min(offset, this.#typed) - this.#applied
    while (rest > 0) {
      const head = this.#input[0]!
      const part = Math.min(rest, head.length)
      if (part === head.length) this.#input.shift()
      else this.#input[0] = head.subarray(part)
      this.#applied += part
      rest -= part
    }
    this.#sent = Math.max(this.#sent, this.#applied)
  }

  #pump(): void {
    if (!this.#attached) return
    let at = this.#applied
    for (const chunk of this.#input) {
      const from = Math.max(this.#sent - at, 0)
      for (let i = from; i < chunk.length; i += INPUT_FRAME) {
        const bytes = chunk.subarray(i, Math.min(i + INPUT_FRAME, chunk.length))
        if (this.#sent - this.#applied + bytes.length > INPUT_WINDOW) return
        if (!this.#wire.sendFrame({ terminal: this.id, offset: this.#sent, bytes })) return
        this.#sent += bytes.length
      }
      at += chunk.length
    }
  }
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
