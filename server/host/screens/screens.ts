/** Keeps the screens of terminals whose log no longer reaches back to their beginning. The host process's end of the thread. */
import { Worker } from 'node:worker_threads'
import type { FromScreens, ToScreens } from './messages.ts'

/** Text without any control sequence scrolls everything before it away: of a flood only so much is looked at. */
const SKIM_SEGMENTS = 8
/** Above this a terminal waits for its screen. */
export const MAX_BACKLOG_BYTES = 1024 * 1024
/** A thread that does not answer for so long is replaced, and its screens are lost. */
const ANSWER_MS = 2000
const NOTICE = '\x1b[2m\u2500\u2500 older output was dropped \u2500\u2500\x1b[0m\r\n'
const SOURCE = import.meta.url.endsWith('.ts') ? './worker.ts' : './screens.js'

let thread: Thread | null = null
let lastId = 0

class Thread {
  readonly #worker: Worker
  readonly #screens = new Map<number, PastScreen>()
  readonly #requests = new Map<number, (bytes: Uint8Array | null) => void>()

  constructor() {
    this.#worker = new Worker(new URL(SOURCE, import.meta.url), {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 },
    })
    this.#worker.unref()
    this.#worker.on('message', (message: FromScreens) => {
      if (message.type === 'fed') return this.#screens.get(message.screen)?.fed(message.bytes)
      this.#requests.get(message.request)?.(message.bytes)
      this.#requests.delete(message.request)
    })
    // Out of memory, for example.
    this.#worker.on('error', () => this.#ended())
    this.#worker.on('exit', () => this.#ended())
  }

  add(id: number, screen: PastScreen): void {
    this.#screens.set(id, screen)
  }

  remove(id: number): void {
    this.#screens.delete(id)
  }

  say(message: ToScreens): void {
    this.#worker.postMessage(message, message.type === 'feed' ? [message.bytes.buffer as ArrayBuffer] : [])
  }

  async snapshot(screen: number, notice: string): Promise<Uint8Array | null> {
    const request = ++lastId
    const late = setTimeout(() => void this.#worker.terminate(), ANSWER_MS)
    try {
      return await new Promise((resolve) => {
        this.#requests.set(request, resolve)
        this.say({ type: 'snapshot', screen, request, notice })
      })
    } finally {
      clearTimeout(late)
    }
  }

  #ended(): void {
    if (thread === this) thread = null
    for (const screen of this.#screens.values()) screen.lost()
    for (const resolve of this.#requests.values()) resolve(null)
    this.#screens.clear()
    this.#requests.clear()
  }
}

/** The screen as it was where a terminal's log begins now. */
export class PastScreen {
  readonly #id = ++lastId
  #thread: Thread | null
  readonly #onCaughtUp: () => void
  /** Plain text at the end of what has been fed. */
  #skimmed: Buffer[] = []
  #backlog = 0

  /** `onCaughtUp`: the screen is no longer `behind`. */
  constructor(size: { cols: number; rows: number }, onCaughtUp: () => void) {
    this.#onCaughtUp = onCaughtUp
    thread ??= new Thread()
    this.#thread = thread
    thread.add(this.#id, this)
    thread.say({ type: 'open', screen: this.#id, cols: size.cols, rows: size.rows })
  }

  get behind(): boolean {
    return this.#backlog > MAX_BACKLOG_BYTES
  }

  /** Takes the segment over, which must have its memory for itself. Returns one that is free again, if there is one. */
  feed(segment: Buffer): Buffer | null {
    if (!this.#thread) return segment
    if (isPlain(segment)) {
      this.#skimmed.push(segment)
      return this.#skimmed.length > SKIM_SEGMENTS ? this.#skimmed.shift()! : null
    }
    this.#giveSkimmed()
    this.#give(segment)
    return null
  }

  resize(cols: number, rows: number): void {
    this.#thread?.say({ type: 'resize', screen: this.#id, cols, rows })
  }

  /** What brings an empty screen to the state after everything fed; null if that is not known any more. */
  async snapshot({ notice = NOTICE } = {}): Promise<Uint8Array | null> {
    this.#giveSkimmed()
    return (await this.#thread?.snapshot(this.#id, notice)) ?? null
  }

  close(): void {
    this.#thread?.say({ type: 'close', screen: this.#id })
    this.#thread?.remove(this.#id)
    this.#thread = null
    this.#skimmed = []
  }

  /** For the thread. */
  fed(bytes: number): void {
    const was = this.behind
    this.#backlog -= bytes
    if (was && !this.behind) this.#onCaughtUp()
  }

  /** For the thread. */
  lost(): void {
    this.#thread = null
    this.#skimmed = []
    this.#backlog = 0
    this.#onCaughtUp()
  }

  #giveSkimmed(): void {
    for (const segment of this.#skimmed.splice(0)) this.#give(segment)
  }

  #give(segment: Buffer): void {
    this.#backlog += segment.length
    this.#thread?.say({ type: 'feed', screen: this.#id, bytes: segment })
  }
}

/** No escape sequence, no other character set: nothing but text and line ends, of which only the last lines stay visible. */
function isPlain(segment: Buffer): boolean {
  // 0xc2 also begins the control characters that UTF-8 spells with two bytes.
  return [0x1b, 0x0e, 0x0f, 0xc2].every((byte) => !segment.includes(byte))
}
