/** One terminal of a sandbox: a shell that outlives its viewers, a log they resume from, and flow control between the two. */
import type { HostCommand } from '../providers/provider.ts'
import { OutputLog } from './output-log.ts'
import { Pty } from './pty.ts'

/** What is kept for viewers that come back. */
export const LOG_BYTES = 1024 * 1024
/** How much a viewer may have been sent and not yet shown. The shell waits above it, and goes on below a quarter. */
export const WINDOW_BYTES = 256 * 1024
const FRAME_BYTES = 64 * 1024
/** Output that arrives within this time of the last frame is gathered into the next one. */
const GATHER_MS = 2
/** A viewer that has shown nothing for so long does not hold up the shell: a hidden tab must not freeze a build. */
const STALLED_MS = 2000

/** Where a terminal's output goes: one attached browser tab. */
export interface Viewer {
  send(offset: number, bytes: Uint8Array): void
  /** From here on output continues at `from`; `dropped`: there is a gap before it. */
  restart(from: number, live: number, dropped: boolean): void
}

interface Cursor {
  sent: number
  acked: number
  /** When `acked` last moved, or had nothing to wait for. */
  movedAt: number
}

export class Terminal {
  readonly id: number
  readonly number: number
  /** Null while the shell runs. */
  exit: number | null = null
  readonly #log = new OutputLog(LOG_BYTES)
  readonly #pty: Pty
  readonly #viewers = new Map<Viewer, Cursor>()
  /** For each client how many bytes of its input have been taken. */
  readonly #applied = new Map<string, number>()
  readonly #onInputTaken: () => void
  #lastFlush = 0
  #flushTimer: NodeJS.Timeout | null = null
  #stallTimer: NodeJS.Timeout | null = null
  #paused = false

  /** `onExit` is called once, after the last output; `onInputTaken` whenever the shell has taken what was typed. */
  constructor(
    { id, number }: { id: number; number: number },
    command: HostCommand,
    size: { cols: number; rows: number },
    events: { onExit(): void; onInputTaken(): void; onOutput(): void },
  ) {
    this.id = id
    this.number = number
    this.#onInputTaken = events.onInputTaken
    this.#pty = new Pty(command, size, {
      onOutput: (bytes) => {
        this.#log.append(bytes)
        this.#schedule()
        events.onOutput()
      },
      onDrain: () => this.#onInputTaken(),
      onExit: (code) => {
        this.exit = code
        this.#flush()
        events.onExit()
      },
    })
  }

  get pid(): number {
    return this.#pty.pid
  }

  /** Output follows from `from`, or from the oldest byte there is. */
  attach(viewer: Viewer, from: number): void {
    const start = Math.min(Math.max(from, this.#log.start), this.#log.end)
    this.#viewers.set(viewer, { sent: start, acked: start, movedAt: Date.now() })
    viewer.restart(start, this.#log.end, start !== from)
    this.#flush()
  }

  detach(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    this.#gate()
  }

  /** The viewer shows everything before `offset`. Repeated and late acknowledgements are harmless. */
  ack(viewer: Viewer, offset: number): void {
    const cursor = this.#viewers.get(viewer)
    if (!cursor || offset <= cursor.acked || offset > cursor.sent) return
    cursor.acked = offset
    cursor.movedAt = Date.now()
    this.#flush()
  }

  inputApplied(client: string): number {
    return this.#applied.get(client) ?? 0
  }

  /**
   * Takes a client's input that begins at `offset` of its stream. What was taken before is skipped, so that a retry
   * types nothing twice. 'gap': something before it is missing; 'full': the program does not read. Both take nothing.
   */
  input(client: string, offset: number, bytes: Uint8Array): 'taken' | 'gap' | 'full' {
    const applied = this.inputApplied(client)
    if (offset > applied) return 'gap'
    const fresh = bytes.subarray(applied - offset)
    if (fresh.length === 0) return 'taken'
    // Counted first: the terminal may take it, and say so, during the call.
    this.#applied.set(client, applied + fresh.length)
    if (this.#pty.write(Uint8Array.from(fresh))) return 'taken'
    this.#applied.set(client, applied)
    return 'full'
  }

  resize(cols: number, rows: number): void {
    this.#flush()
    this.#pty.resize(cols, rows)
  }

  /** Hangs up, as closing a window does; and ends what does not listen. */
  close(): void {
    this.#viewers.clear()
    if (this.#flushTimer) clearTimeout(this.#flushTimer)
    if (this.#stallTimer) clearTimeout(this.#stallTimer)
    if (this.#paused) this.#pty.resume()
    this.#pty.kill('SIGHUP')
    setTimeout(() => this.#pty.kill('SIGKILL'), 2000).unref()
  }

  /** At once if nothing was sent just now, so that an echo is never late; else gathered, so that a flood costs few frames. */
  #schedule(): void {
    if (this.#flushTimer) return
    const since = performance.now() - this.#lastFlush
    if (since >= GATHER_MS) this.#flush()
    else this.#flushTimer = setTimeout(() => this.#flush(), GATHER_MS)
  }

  #flush(): void {
    if (this.#flushTimer) clearTimeout(this.#flushTimer)
    this.#flushTimer = null
    this.#lastFlush = performance.now()
    for (const [viewer, cursor] of this.#viewers) {
      if (cursor.sent < this.#log.start) {
        // It was stalled for so long that the log has moved on without it. Nothing more before it has shown what it
        // has, or a flood would send it a window full again and again.
        if (cursor.acked < cursor.sent) continue
        cursor.sent = cursor.acked = this.#log.start
        cursor.movedAt = Date.now()
        viewer.restart(cursor.sent, this.#log.end, true)
      }
      while (cursor.sent < this.#log.end) {
        const room = WINDOW_BYTES - (cursor.sent - cursor.acked)
        if (room <= 0) break
        if (cursor.sent === cursor.acked) cursor.movedAt = Date.now()
        const bytes = this.#log.read(cursor.sent, Math.min(FRAME_BYTES, room))
        viewer.send(cursor.sent, bytes)
        cursor.sent += bytes.length
      }
    }
    this.#gate()
  }

  /** The shell waits while every viewer that is still reading is a full window behind. */
  #gate(): void {
    const now = Date.now()
    const reading = [...this.#viewers.values()].filter((c) => now - c.movedAt < STALLED_MS)
    const behind = Math.min(...reading.map((c) => this.#log.end - c.acked))
    if (!this.#paused && reading.length > 0 && behind > WINDOW_BYTES) {
      this.#paused = true
      this.#pty.pause()
    } else if (this.#paused && (reading.length === 0 || behind < WINDOW_BYTES / 4)) {
      this.#paused = false
      this.#pty.resume()
    }
    if (this.#stallTimer) clearTimeout(this.#stallTimer)
    this.#stallTimer = this.#paused ? setTimeout(() => this.#gate(), STALLED_MS / 4) : null
  }
}
