/** Tells from a terminal when something may have happened in its sandbox: all that is printed, but for the echo of keys. */

/** Output that comes so soon after a key, and is so short, is its echo. */
const ECHO_MS = 250
const ECHO_BYTES = 256
/** Whoever types nothing for so long may have done something after all: `ZZ` in vim needs no Enter. */
const REST_MS = 1500
/** Enter, and Ctrl with C, D, J, O, X, Z and backslash: something runs or ends. All other keys write or edit a line. */
const RUNNING = [0x0d, 0x03, 0x04, 0x0a, 0x0f, 0x18, 0x1a, 0x1c]

export class Signs {
  readonly #onSign: () => void
  readonly #now: () => number
  #typedAt = Number.NEGATIVE_INFINITY
  #echoedAt = 0
  #rest: NodeJS.Timeout | null = null

  /** `onSign` is called often; it must cost next to nothing. */
  constructor(onSign: () => void, now = () => performance.now()) {
    this.#onSign = onSign
    this.#now = now
  }

  typed(bytes: Uint8Array): void {
    const runs = bytes.some((byte) => RUNNING.includes(byte))
    this.#typedAt = runs ? Number.NEGATIVE_INFINITY : this.#now()
  }

  printed(count: number): void {
    const now = this.#now()
    if (count > ECHO_BYTES || now - this.#typedAt > ECHO_MS) return this.#sign()
    this.#echoedAt = now
    this.#rest ??= setTimeout(() => this.#rested(), REST_MS)
  }

  end(): void {
    if (this.#rest) clearTimeout(this.#rest)
    this.#rest = null
  }

  #rested(): void {
    this.#rest = null
    const left = this.#echoedAt + REST_MS - this.#now()
    if (left > 0) this.#rest = setTimeout(() => this.#rested(), left)
    else this.#sign()
  }

  #sign(): void {
    this.end()
    this.#onSign()
  }
}
