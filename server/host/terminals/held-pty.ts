/** A program on a pseudo-terminal that an earlier host process has started: found again by its descriptor. */
import fs from 'node:fs'
import tty from 'node:tty'
import { drain, type Pty, type PtyEvents, type Released, readOn, resizeFd, stopReading } from './pty.ts'
import { PtyInput } from './pty-input.ts'

/** Nobody but its parent learns how a program has ended, and its parent is gone. */
export const UNKNOWN_EXIT = -1

export class HeldPty implements Pty {
  readonly pid: number
  readonly #fd: number
  readonly #startedAt: string
  readonly #stream: tty.ReadStream
  readonly #input: PtyInput
  #released = false

  /** `startedAt`: of the process, as `startTime` said while it surely was the right one. */
  constructor({ fd, pid, startedAt }: { fd: number; pid: number; startedAt: string }, events: PtyEvents) {
    this.pid = pid
    this.#fd = fd
    this.#startedAt = startedAt
    this.#stream = new tty.ReadStream(fd)
    this.#input = new PtyInput(
      fd,
      () => this.#stream.destroyed,
      () => events.onDrain(),
    )
    const mayRead = () => !this.#released && !this.#stream.isPaused() && !this.#stream.destroyed
    this.#stream.on('data', (bytes: Buffer) => readOn(fd, bytes, events, mayRead))
    // As in pty.ts: what lies behind a short read would be lost.
    this.#stream.once('end', () => drain(fd, events))
    // EIO: every program has closed the terminal. `close` follows.
    this.#stream.on('error', () => {})
    this.#stream.once('close', () => {
      this.#input.drop()
      events.onExit(UNKNOWN_EXIT)
    })
  }

  write(bytes: Uint8Array): boolean {
    return this.#input.write(bytes)
  }

  resize(cols: number, rows: number): void {
    if (this.#stream.destroyed) return
    try {
      resizeFd(this.#fd, cols, rows)
    } catch {
      // It has ended between the look and the call.
    }
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  kill(signal: NodeJS.Signals): void {
    // It is not our child: when it has ended, its number may be another's.
    if (startTime(this.pid) === this.#startedAt) process.kill(this.pid, signal)
  }

  release(): Released | null {
    if (this.#stream.destroyed) return null
    this.#released = true
    stopReading(this.#stream)
    return { fd: this.#fd, pid: this.pid, pending: this.#input.take() }
  }
}

/** A terminal whose shell had ended when the host process was exchanged: only its output is left. */
export const endedPty: Pty = {
  pid: 0,
  write: () => true,
  resize() {},
  pause() {},
  resume() {},
  kill() {},
  release: () => null,
}

/** When a process was started, in ticks since boot; '' if it is gone. Together with its number it is never another's. */
export function startTime(pid: number): string {
  try {
    // The name may hold anything, even spaces and brackets.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
