/** One terminal of a sandbox: a shell that outlives its viewers, a log they resume from, and flow control between the two. */
import type { HostCommand } from '../providers/provider.ts'
import { PastScreen } from '../screens/screens.ts'
import type { HeldTerminal } from './held.ts'
import { endedPty, HeldPty, startTime, UNKNOWN_EXIT } from './held-pty.ts'
import { OutputLog } from './output-log.ts'
import { type Pty, SpawnedPty } from './pty.ts'
import type { OutputShare } from './share.ts'
import { Signs } from './signs.ts'
import { TakenInput } from './taken-input.ts'

/** What is kept for viewers that come back. */
export const LOG_BYTES = 1024 * 1024
/** How much a viewer may have been sent and not yet shown. The shell waits above it, and goes on below a quarter. */
export const WINDOW_BYTES = 256 * 1024
const FRAME_BYTES = 64 * 1024
/** Output that arrives within this time of the last frame is gathered into the next one. */
const GATHER_MS = 2
/** After a key so many pieces of output go out at once, whatever was sent before: they are its echo. */
const ECHO_PIECES = 4
/** A viewer that has shown nothing for so long does not hold up the shell: a hidden tab must not freeze a build. */
const STALLED_MS = 2000
/** So long a shell that nobody reads any more waits before anything is dropped that its last viewer has not seen. */
const BREAK_MS = 10_000
/** A shell that has not even printed a prompt after so long does not come any more: whatever starts it hangs. */
const START_MS = 20_000
const NOT_STARTED =
  'The shell did not start within 20 seconds, so the lab has given it up. Open a new terminal to try again.'
/** How far the log may grow while a screen is on its way to a viewer. */
const HELD_BYTES = LOG_BYTES / 2

/** Where a terminal's output goes: one attached browser tab. */
export interface Viewer {
  send(offset: number, bytes: Uint8Array): void
  /**
   * From here on output continues at `from`; `dropped`: there is a gap before it. `screen`: what brings a screen
   * to its state at `from`; null if that is not known.
   */
  restart(from: number, live: number, dropped: boolean, screen: Uint8Array | null): void
}

interface Cursor {
  sent: number
  acked: number
  /** When `acked` last moved, or had nothing to wait for. */
  movedAt: number
  /** It has as much as it may, and gets no more before it has shown a frame's worth. */
  full: boolean
}

/** A terminal that the host process before this one has held, with its descriptor; null if its shell had ended. */
export interface Held {
  terminal: HeldTerminal
  fd: number | null
}

export class Terminal {
  readonly id: number
  readonly number: number
  /** Null while the shell runs. */
  exit: number | null = null
  readonly #log: OutputLog
  readonly #pty: Pty
  readonly #viewers = new Map<Viewer, Cursor>()
  /** Viewers that wait for the screen as it was where the log begins. */
  readonly #restoring = new Set<Viewer>()
  /** There once the log has lost something. */
  #past: PastScreen | null = null
  #closed = false
  #size: { cols: number; rows: number }
  /** What the last viewer to go away had shown, and when it went. */
  #left: { acked: number; at: number } | null = null
  readonly #taken: TakenInput
  readonly #onInputTaken: () => void
  readonly #share: OutputShare
  readonly #signs: Signs
  /** While the sandbox has printed its share. */
  #shareTimer: NodeJS.Timeout | null = null
  #lastFlush = 0
  /** Bytes since the last flush. */
  #gathered = 0
  #echoes = 0
  #flushTimer: NodeJS.Timeout | null = null
  #stallTimer: NodeJS.Timeout | null = null
  #killTimer: NodeJS.Timeout | null = null
  readonly #startTimer: NodeJS.Timeout
  #paused = false
  /** Another host process goes on with it: nothing is taken any more. */
  #leaving = false

  /**
   * `from`: what starts its program, or how another host process has left it. `share`: what its sandbox may print.
   * `onExit` is called once, after the last output; `onInputTaken` whenever the shell has taken what was typed; `onSign`
   * when something may have happened in the sandbox.
   */
  constructor(
    { id, number }: { id: number; number: number },
    from: HostCommand | Held,
    size: { cols: number; rows: number },
    share: OutputShare,
    events: { onExit(): void; onInputTaken(): void; onSign(): void },
  ) {
    this.id = id
    this.number = number
    this.#size = size
    this.#share = share
    this.#onInputTaken = events.onInputTaken
    this.#signs = new Signs(events.onSign)
    const held = 'terminal' in from ? from.terminal : null
    this.#log = new OutputLog(
      LOG_BYTES,
      (segment) => {
        this.#past ??= new PastScreen(this.#size, () => this.#gate())
        return this.#past.feed(segment)
      },
      held?.log.start,
    )
    this.#taken = new TakenInput(held ?? { applied: [], forgot: false })
    if (held) this.#recall(held)
    const does = {
      onOutput: (bytes: Uint8Array) => {
        clearTimeout(this.#startTimer)
        if (this.#closed) return
        this.#log.append(bytes)
        this.#gathered += bytes.length
        this.#schedule()
        this.#spend(bytes.length)
        this.#signs.printed(bytes.length)
      },
      onDrain: () => this.#onInputTaken(),
      onExit: (code: number) => {
        this.exit = code
        clearTimeout(this.#startTimer)
        if (this.#killTimer) clearTimeout(this.#killTimer)
        this.#flush()
        events.onExit()
      },
    }
    if (!('terminal' in from)) this.#pty = new SpawnedPty(from, size, does)
    else if (from.terminal.program === null || from.fd === null) this.#pty = endedPty
    else {
      this.#pty = new HeldPty({ ...from.terminal.program, fd: from.fd }, does)
      this.#pty.write(Buffer.from(from.terminal.program.pending, 'base64'))
    }
    this.#startTimer = setTimeout(() => this.#giveUp(), START_MS).unref()
  }

  /** Whether its shell has said anything yet. */
  get hasPrinted(): boolean {
    return this.#log.end > 0
  }

  get pid(): number {
    return this.#pty.pid
  }

  /** Output follows from `from`; or, if the log does not reach back so far, a screen and all that the log has. */
  attach(viewer: Viewer, from: number): void {
    this.#left = null
    if (from < this.#log.start) return void this.#restore(viewer)
    this.#begin(viewer, Math.min(from, this.#log.end), from > this.#log.end, null)
    this.#flush()
  }

  detach(viewer: Viewer): void {
    const cursor = this.#viewers.get(viewer)
    this.#restoring.delete(viewer)
    this.#viewers.delete(viewer)
    if (cursor && this.#viewers.size === 0) this.#left = { acked: cursor.acked, at: performance.now() }
    this.#gate()
  }

  /** The viewer shows everything before `offset`. Repeated and late acknowledgements are harmless. */
  ack(viewer: Viewer, offset: number): void {
    const cursor = this.#viewers.get(viewer)
    if (!cursor || offset <= cursor.acked || offset > cursor.sent) return
    cursor.acked = offset
    cursor.movedAt = performance.now()
    // What is being gathered stays so: a frame for each acknowledgement would make a flood of small ones.
    if (this.#flushTimer) this.#gate()
    else this.#flush()
  }

  inputApplied(client: string): number {
    return this.#taken.of(client)
  }

  /**
   * Takes a client's input that begins at `offset` of its stream. What was taken before is skipped, so that a retry
   * types nothing twice. 'gap': something before it is missing; 'full': the program does not read. Both take nothing.
   */
  input(client: string, offset: number, bytes: Uint8Array): 'taken' | 'gap' | 'full' {
    const applied = this.#taken.of(client, offset)
    if (offset > applied) return 'gap'
    const fresh = bytes.subarray(applied - offset)
    if (fresh.length === 0) return 'taken'
    if (this.#leaving) return 'full'
    // Counted first: the terminal may take it, and say so, during the call.
    this.#taken.set(client, applied + fresh.length)
    this.#echoes = ECHO_PIECES
    this.#signs.typed(fresh)
    if (this.#pty.write(Uint8Array.from(fresh))) return 'taken'
    this.#taken.set(client, applied)
    return 'full'
  }

  resize(cols: number, rows: number): void {
    if (cols === this.#size.cols && rows === this.#size.rows) return
    this.#size = { cols, rows }
    this.#flush()
    this.#past?.resize(cols, rows)
    this.#pty.resize(cols, rows)
  }

  /**
   * Another host process shall go on with it: from now on no input is taken, and nothing is read. Resolves to what
   * `handOver` needs to know about the screen.
   */
  async prepareHandOver(): Promise<Uint8Array | null> {
    this.#leaving = true
    this.#log.hold(true)
    this.#gate()
    return (await this.#past?.snapshot({ notice: '' })) ?? null
  }

  /** Lets go of its program, whose descriptor gets the place that `store` says. To be called once, and nothing afterwards. */
  handOver(screen: Uint8Array | null, store: (fd: number) => number): HeldTerminal {
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
    const released = this.#pty.release()
    const { id, number, exit } = this
    return {
      id,
      number,
      exit: released ? null : (exit ?? UNKNOWN_EXIT),
      size: this.#size,
      program: released && {
        slot: store(released.fd),
        pid: released.pid,
        startedAt: startTime(released.pid),
        pending: base64(released.pending),
      },
      log: { start: this.#log.start, bytes: base64(this.#log.contents) },
      seen: this.#seen(performance.now()),
      screen: screen && base64(screen),
      ...this.#taken.state,
    }
  }

  #recall({ exit, log, seen, screen }: HeldTerminal): void {
    this.exit = exit
    // Who was there comes back in a moment, as after any other break.
    if (seen !== undefined) this.#left = { acked: seen, at: performance.now() }
    if (log.start > 0) {
      this.#past = new PastScreen(this.#size, () => this.#gate())
      if (screen) this.#past.feed(copyOf(screen))
      else this.#past.lost()
    }
    this.#log.append(Buffer.from(log.bytes, 'base64'))
  }

  /** Hangs up, as closing a window does; and ends what does not listen. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#startTimer)
    this.#past?.close()
    this.#signs.end()
    this.#viewers.clear()
    this.#restoring.clear()
    this.#left = null
    if (this.#flushTimer) clearTimeout(this.#flushTimer)
    if (this.#stallTimer) clearTimeout(this.#stallTimer)
    if (this.#shareTimer) clearTimeout(this.#shareTimer)
    if (this.#paused) this.#pty.resume()
    this.#log.empty()
    this.#pty.kill('SIGHUP')
    this.#killTimer = setTimeout(() => this.#pty.kill('SIGKILL'), 2000).unref()
  }

  /** At once if nothing was sent just now, so that an echo is never late; else gathered, so that a flood costs few frames. */
  #schedule(): void {
    if (this.#echoes > 0) {
      this.#echoes--
      return this.#flush()
    }
    if (this.#gathered >= FRAME_BYTES) return this.#flush()
    if (this.#flushTimer) return
    if (performance.now() - this.#lastFlush >= GATHER_MS) this.#flush()
    else this.#flushTimer = setTimeout(() => this.#flush(), GATHER_MS)
  }

  /** The shell waits while its sandbox has printed more than its share. */
  #spend(bytes: number): void {
    const wait = this.#share.spend(bytes)
    if (wait === 0 || this.#shareTimer) return
    this.#shareTimer = setTimeout(() => {
      this.#shareTimer = null
      this.#gate()
    }, wait)
    this.#gate()
  }

  #flush(): void {
    if (this.#flushTimer) clearTimeout(this.#flushTimer)
    this.#flushTimer = null
    this.#gathered = 0
    for (const [viewer, cursor] of this.#viewers) {
      if (cursor.sent < this.#log.start) {
        // It was stalled for so long that the log has moved on without it. Nothing more before it has shown what it
        // has, or a flood would send it a window full again and again.
        if (cursor.acked < cursor.sent) continue
        this.#viewers.delete(viewer)
        void this.#restore(viewer)
        continue
      }
      while (cursor.sent < this.#log.end) {
        const room = WINDOW_BYTES - (cursor.sent - cursor.acked)
        if (room <= 0) cursor.full = true
        // It has enough to draw: the next frame can wait until it is a whole one.
        if (cursor.full && room < FRAME_BYTES) break
        cursor.full = false
        if (cursor.sent === cursor.acked) cursor.movedAt = performance.now()
        const bytes = this.#log.read(cursor.sent, Math.min(FRAME_BYTES, room))
        viewer.send(cursor.sent, bytes)
        cursor.sent += bytes.length
        this.#lastFlush = performance.now()
      }
    }
    this.#gate()
  }

  #begin(viewer: Viewer, from: number, dropped: boolean, screen: Uint8Array | null): void {
    this.#viewers.set(viewer, { sent: from, acked: from, movedAt: performance.now(), full: false })
    viewer.restart(from, this.#log.end, dropped, screen)
  }

  async #restore(viewer: Viewer): Promise<void> {
    this.#restoring.add(viewer)
    // Until the answer the log must begin where the screen ends.
    this.#log.hold(true)
    const screen = (await this.#past?.snapshot()) ?? null
    if (this.#restoring.delete(viewer)) this.#begin(viewer, this.#log.start, true, screen)
    if (this.#restoring.size === 0) this.#log.hold(false)
    this.#flush()
  }

  #giveUp(): void {
    if (this.hasPrinted || this.exit !== null || this.#leaving) return
    this.#log.append(Buffer.from(`${NOT_STARTED}\r\n`))
    this.#flush()
    this.#pty.kill('SIGKILL')
  }

  /**
   * The shell waits while every viewer that is still reading is a full window behind. If none is left it runs on, but for
   * a short break not further than the log reaches. And it waits for the screen that keeps what the log has lost, and
   * while its sandbox has printed its share.
   */
  #gate(): void {
    const now = performance.now()
    const reading = this.#reading(now)
    const behind = Math.min(...reading.map((c) => this.#log.end - c.acked))
    const unseen = this.#unseen(now)
    const held = this.#restoring.size > 0 && this.#log.end - this.#log.start > LOG_BYTES + HELD_BYTES
    const others =
      this.#shareTimer !== null || held || unseen > LOG_BYTES - WINDOW_BYTES || (this.#past?.behind ?? false)
    const enough = this.#paused ? WINDOW_BYTES / 4 : WINDOW_BYTES
    const pause = !this.#closed && (this.#leaving || others || (reading.length > 0 && behind > enough))
    if (pause !== this.#paused) {
      this.#paused = pause
      if (pause) this.#pty.pause()
      else this.#pty.resume()
    }
    if (this.#stallTimer) clearTimeout(this.#stallTimer)
    this.#stallTimer = this.#paused ? setTimeout(() => this.#gate(), STALLED_MS / 4) : null
  }

  #reading(now: number): Cursor[] {
    return [...this.#viewers.values()].filter((cursor) => now - cursor.movedAt < STALLED_MS)
  }

  /** What the viewer that comes back in a moment would miss. */
  #unseen(now: number): number {
    if (!this.#left || now - this.#left.at >= BREAK_MS || this.#left.acked < this.#log.start) return 0
    return this.#log.end - this.#left.acked
  }

  /** Up to where those have shown it who are there, or were a moment ago; undefined if there is nobody. */
  #seen(now: number): number | undefined {
    const reading = this.#reading(now).map(({ acked }) => acked)
    if (reading.length > 0) return Math.min(...reading)
    return this.#unseen(now) > 0 ? this.#left!.acked : undefined
  }
}

/** With memory of its own, not a part of Node's pool. */
function copyOf(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}
