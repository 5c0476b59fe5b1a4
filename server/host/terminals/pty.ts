/** A program on a pseudo-terminal: node-pty, with its defects (1.1.0) worked around in this one place. */
import fs from 'node:fs'
import { type IPty, spawn } from 'node-pty'
import type { HostCommand } from '../providers/provider.ts'

export interface PtyEvents {
  /** Bytes of the program; valid only during the call. */
  onOutput(bytes: Uint8Array): void
  /** After the last byte: the exit code, 128 + n for signal n. */
  onExit(code: number): void
  /** All input given so far has been taken by the terminal. */
  onDrain(): void
}

/** The parts of node-pty that its types do not name. */
interface Internals {
  readonly fd: number
  readonly _socket: NodeJS.ReadStream
}

/** Input that the program has not read yet; beyond it `write` takes no more. */
export const MAX_PENDING_INPUT = 1024 * 1024

export class Pty {
  readonly #pty: IPty & Internals
  readonly #events: PtyEvents
  #queue: Uint8Array[] = []
  #pending = 0
  #retry: NodeJS.Timeout | null = null
  #retryMs = 1
  #liveness: NodeJS.Timeout | null = null
  #ended = false

  constructor(command: HostCommand, size: { cols: number; rows: number }, events: PtyEvents) {
    this.#events = events
    this.#pty = spawn(command.file, command.args, {
      ...size,
      name: 'xterm-256color',
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      encoding: null,
    }) as IPty & Internals
    // With `encoding: null` node-pty hands out Buffers, whatever its types say.
    this.#pty.onData((data) => events.onOutput(data as unknown as Buffer))
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#end()
      events.onExit(signal ? 128 + signal : exitCode)
    })
    // libuv takes a short read before a hang-up for the end and drops what lies behind it (microsoft/node-pty#72). The
    // descriptor is still open at this moment: read the rest.
    this.#pty._socket.once('end', () => this.#drain())
  }

  /** Process id of the program on this host. */
  get pid(): number {
    return this.#pty.pid
  }

  /** False, and nothing is taken, if too much input is waiting already. After the end input is dropped. */
  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true
    if (this.#pending + bytes.length > MAX_PENDING_INPUT) return false
    this.#queue.push(bytes)
    this.#pending += bytes.length
    if (!this.#retry) this.#flush()
    return true
  }

  resize(cols: number, rows: number): void {
    if (this.#closed) return
    try {
      this.#pty.resize(cols, rows)
    } catch {
      // It has ended between the look and the call (EBADF).
    }
  }

  pause(): void {
    if (this.#liveness) return
    this.#pty.pause()
    // node-pty closes the descriptor 200 ms after the exit, read or not: once the program is gone, nothing may wait.
    this.#liveness = setInterval(() => {
      if (!isRunning(this.#pty.pid)) this.resume()
    }, 20)
  }

  resume(): void {
    if (!this.#liveness) return
    clearInterval(this.#liveness)
    this.#liveness = null
    if (!this.#ended) this.#pty.resume()
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#ended) return
    try {
      process.kill(this.#pty.pid, signal)
    } catch {
      // It has ended already.
    }
  }

  /** libuv sets this before it closes the descriptor, so that a write can never reach the next owner of its number. */
  get #closed(): boolean {
    return this.#ended || this.#pty._socket.destroyed
  }

  /** Writes on this thread, without blocking; node-pty's own writer spins on a full terminal and outlives the descriptor. */
  #flush(): void {
    this.#retry = null
    while (this.#queue.length > 0) {
      if (this.#closed) return this.#dropInput()
      const head = this.#queue[0]!
      let written: number
      try {
        written = fs.writeSync(this.#pty.fd, head)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return this.#dropInput()
        this.#retry = setTimeout(() => this.#flush(), this.#retryMs)
        this.#retryMs = Math.min(this.#retryMs * 2, 8)
        return
      }
      this.#retryMs = 1
      this.#pending -= written
      if (written === head.length) this.#queue.shift()
      else this.#queue[0] = head.subarray(written)
    }
    this.#events.onDrain()
  }

  #dropInput(): void {
    if (this.#retry) clearTimeout(this.#retry)
    this.#retry = null
    this.#queue = []
    this.#pending = 0
  }

  #drain(): void {
    const buffer = Buffer.alloc(64 * 1024)
    try {
      for (;;) {
        const read = fs.readSync(this.#pty.fd, buffer)
        if (read === 0) return
        this.#events.onOutput(buffer.subarray(0, read))
      }
    } catch {
      // EIO: there is no more.
    }
  }

  #end(): void {
    this.resume()
    this.#ended = true
    this.#dropInput()
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
