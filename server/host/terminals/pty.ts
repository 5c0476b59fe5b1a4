/** A program on a pseudo-terminal: node-pty, with its defects (1.1.0) worked around in this one place. */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { type IPty, spawn } from 'node-pty'
import type { HostCommand } from '../providers/provider.ts'
import { PtyInput } from './pty-input.ts'

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

/** The kernel hands out no more in one piece: behind so much there probably is more. */
const FULL_READ = 4095
/** One terminal is read so far before the others have their turn. */
const TURN_BYTES = 64 * 1024
/** Of whichever terminal is being read. */
const turn = Buffer.allocUnsafeSlow(TURN_BYTES)

interface Native {
  resize(fd: number, cols: number, rows: number): void
}

/** The call behind node-pty's `resize`, for a pseudo-terminal that it has not made. Throws if the descriptor is closed. */
export const resizeFd: Native['resize'] = (fd, cols, rows) => {
  const utils = createRequire(import.meta.url)('node-pty/lib/utils.js')
  ;(utils.loadNativeModule('pty').module as Native).resize(fd, cols, rows)
}

/** A program on a pseudo-terminal, whoever has started it. */
export interface Pty {
  /** Process id of the program on this host. */
  readonly pid: number
  /** False, and nothing is taken, if too much input is waiting already. After the end input is dropped. */
  write(bytes: Uint8Array): boolean
  resize(cols: number, rows: number): void
  pause(): void
  resume(): void
  kill(signal: NodeJS.Signals): void
  /** For another process to go on with it: stops reading and writing for good. Null if the program has ended. */
  release(): Released | null
}

/** A pseudo-terminal for another process: its descriptor, and input that the program has not read yet. */
export interface Released {
  fd: number
  pid: number
  pending: Buffer
}

/** Starts the program of a command on a pseudo-terminal. */
export class SpawnedPty implements Pty {
  readonly #pty: IPty & Internals
  readonly #input: PtyInput
  #liveness: NodeJS.Timeout | null = null
  #ended = false
  #released = false

  constructor(command: HostCommand, size: { cols: number; rows: number }, events: PtyEvents) {
    this.#pty = spawn(command.file, command.args, {
      ...size,
      name: 'xterm-256color',
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      encoding: null,
    }) as IPty & Internals
    this.#input = new PtyInput(
      this.#pty.fd,
      () => this.#closed,
      () => events.onDrain(),
    )
    // With `encoding: null` node-pty hands out Buffers, whatever its types say.
    const mayRead = () => !this.#liveness && !this.#closed && !this.#released
    this.#pty.onData((data) => readOn(this.#pty.fd, data as unknown as Buffer, events, mayRead))
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#end()
      events.onExit(signal ? 128 + signal : exitCode)
    })
    // libuv takes a short read before a hang-up for the end and drops what lies behind it (microsoft/node-pty#72). The
    // descriptor is still open at this moment: read the rest.
    this.#pty._socket.once('end', () => drain(this.#pty.fd, events))
  }

  get pid(): number {
    return this.#pty.pid
  }

  write(bytes: Uint8Array): boolean {
    return this.#input.write(bytes)
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
    if (this.#liveness || this.#released) return
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

  release(): Released | null {
    if (this.#closed || !isRunning(this.#pty.pid)) return null
    if (this.#liveness) clearInterval(this.#liveness)
    this.#released = true
    stopReading(this.#pty._socket)
    return { fd: this.#pty.fd, pid: this.#pty.pid, pending: this.#input.take() }
  }

  /** libuv sets this before it closes the descriptor, so that a write can never reach the next owner of its number. */
  get #closed(): boolean {
    return this.#ended || this.#pty._socket.destroyed
  }

  #end(): void {
    this.resume()
    this.#ended = true
    this.#input.drop()
  }
}

/** Nothing more is read, not even ahead of a paused stream; what has been read ahead is given to its listeners now. */
export function stopReading(stream: NodeJS.ReadStream): void {
  const { _handle } = stream as unknown as { _handle: { readStop(): void } | null }
  // Taking what was read ahead, and a resumption that is already under way, would begin to read again.
  stream._read = () => {}
  stream.pause()
  while (stream.read() !== null);
  _handle?.readStop()
}

/** Hands on a piece that was read, and what is there behind it: in a flood libuv would come back for each piece, at several times the cost. */
export function readOn(
  fd: number,
  piece: Uint8Array,
  { onOutput }: Pick<PtyEvents, 'onOutput'>,
  mayRead: () => boolean,
): void {
  onOutput(piece)
  if (piece.length < FULL_READ) return
  let read = 0
  try {
    while (read < TURN_BYTES && mayRead()) {
      const more = fs.readSync(fd, turn, read, TURN_BYTES - read, null)
      read += more
      if (more < FULL_READ) break
    }
  } catch {
    // EAGAIN: that was all. After anything else the stream meets it, too.
  }
  if (read > 0) onOutput(turn.subarray(0, read))
}

/** Reads what is there, to the end, from a descriptor that is still open. */
export function drain(fd: number, { onOutput }: Pick<PtyEvents, 'onOutput'>): void {
  const buffer = Buffer.alloc(64 * 1024)
  try {
    for (;;) {
      const read = fs.readSync(fd, buffer)
      if (read === 0) return
      onOutput(buffer.subarray(0, read))
    }
  } catch {
    // EIO: there is no more.
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
