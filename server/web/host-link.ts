/** The web process's end of a connection to the host process: a WebSocket whose frames go on to a browser as they are. */
import { randomBytes } from 'node:crypto'
import net from 'node:net'
import { MAX_MESSAGE_BYTES } from '../protocol/index.ts'
import { FramesThrough } from './frames-through.ts'
import { ReadBuffers } from './read-buffers.ts'

const TEXT = 0x81
const BINARY = 0x82
/** Masks keep proxies from being fooled. There is none on a Unix socket, and this one leaves the bytes as they are. */
const MASKED = 0x80
const MASK_BYTES = 4
/** What is smaller is sent in one piece with its header. */
const SMALL_BYTES = 4096
/** What is smaller is copied when it is read, so that the memory can be read into again at once. */
const SMALL_READ_BYTES = 4096
/** More than the host process answers. */
const MAX_ANSWER_BYTES = 16 * 1024

export type AnswerHeaders = Record<string, string>

export interface HostLinkEvents {
  /** The host process has answered with these headers; false: it is not understood, and is left alone. */
  onAnswer(headers: AnswerHeaders): boolean
  onOpen(): void
  /** Whole frames for a browser, to be written at once. When they are, or never will be, `done` is to be called. */
  onFrames(pieces: Buffer[], done: () => void): void
  /** A text message; true if it is not for the browser. */
  onText(payload: Buffer): boolean
  onError(error: Error): void
  /** Once, whatever has happened before. */
  onClose(): void
}

export class HostLink {
  readonly #events: HostLinkEvents
  readonly #socket: net.Socket
  readonly #frames: FramesThrough
  readonly #buffers = new ReadBuffers()
  /** What it is read into now. */
  #buffer: Buffer
  /** Read into before: a frame that is not whole yet has begun there. */
  #held: Buffer[] = []
  /** Read into before, and nothing of it is needed once the next write is done. */
  #late: Buffer[] = []
  #ready: Buffer[] = []
  /** Of the answer; null once that is there. */
  #answer: Buffer | null = Buffer.alloc(0)
  #closed = false

  constructor(socketPath: string, headers: Record<string, string>, events: HostLinkEvents) {
    this.#events = events
    this.#buffer = this.#buffers.take()
    this.#frames = new FramesThrough(MAX_MESSAGE_BYTES, {
      onFrames: (pieces) => {
        this.#ready = pieces
      },
      onText: (payload) => events.onText(payload),
      onEnd: () => this.terminate(),
    })
    this.#socket = net.connect({
      path: socketPath,
      onread: {
        buffer: () => this.#buffer,
        callback: (bytes) => {
          this.#read(bytes)
          return true
        },
      },
    })
    this.#socket.on('connect', () => this.#socket.write(request(headers)))
    this.#socket.on('error', (error) => this.#failed(error))
    this.#socket.on('close', () => {
      if (this.#answer) this.#failed(new Error('it hung up'))
      this.terminate()
    })
  }

  /** What is sent before the connection is open, or after its end, is lost. */
  send(data: string | Buffer): void {
    if (this.#answer || this.#closed) return
    const isText = typeof data === 'string'
    const length = isText ? Buffer.byteLength(data) : data.length
    const small = length <= SMALL_BYTES
    const frame = Buffer.allocUnsafe(headerBytes(length) + (small ? length : 0))
    const at = writeHeader(frame, isText ? TEXT : BINARY, length)
    if (small) {
      if (isText) frame.write(data, at)
      else frame.set(data, at)
      this.#socket.write(frame)
      return
    }
    this.#socket.cork()
    this.#socket.write(frame)
    this.#socket.write(data)
    this.#socket.uncork()
  }

  terminate(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    this.#events.onClose()
  }

  #failed(error: Error): void {
    if (this.#closed) return
    this.#events.onError(error)
    this.terminate()
  }

  #read(bytes: number): void {
    if (this.#closed) return
    const read = this.#buffer.subarray(0, bytes)
    if (this.#answer) return this.#greet(Buffer.concat([this.#answer, read]))
    if (bytes <= SMALL_READ_BYTES) this.#take(Buffer.from(read), [])
    else {
      const buffer = this.#buffer
      this.#buffer = this.#buffers.take()
      this.#take(read, [buffer])
    }
  }

  /** `own`: the memory that `chunk` lies in, unless it is a copy. */
  #take(chunk: Buffer, own: Buffer[]): void {
    this.#frames.take(chunk)
    const pieces = this.#ready
    this.#ready = []
    const isWritten = pieces.length > 0
    // A frame that has begun in an earlier chunk, and is whole now, has been let go of; one that begins in this is held.
    const before = this.#frames.isWhole || isWritten ? this.#held : []
    const after = this.#frames.isWhole ? own : []
    this.#held = this.#frames.isWhole ? [] : [...(isWritten ? [] : this.#held), ...own]
    const unused = [...this.#late, ...before, ...after]
    this.#late = isWritten ? [] : unused
    // Writes are done in their order: then all that has been written before is done, too.
    if (isWritten) this.#events.onFrames(pieces, () => this.#buffers.giveBack(unused))
  }

  #greet(answer: Buffer): void {
    const end = answer.indexOf('\r\n\r\n')
    if (end < 0 && answer.length <= MAX_ANSWER_BYTES) {
      this.#answer = answer
      return
    }
    const [first = '', ...lines] = answer.toString('latin1', 0, Math.max(end, 0)).split('\r\n')
    if (!/^HTTP\/1\.1 101 /.test(first)) return this.#failed(new Error(`it answered ${first.slice(0, 100)}`))
    const headers = lines.map((line) => /^([^:]+):\s*(.*)$/.exec(line) ?? [])
    const named = Object.fromEntries(headers.map(([, name = '', value = '']) => [name.toLowerCase(), value]))
    if (!this.#events.onAnswer(named)) return this.terminate()
    this.#answer = null
    this.#events.onOpen()
    const rest = answer.subarray(end + 4)
    if (rest.length > 0) this.#take(rest, [])
  }
}

/** What asks the host process for a WebSocket. */
function request(headers: Record<string, string>): string {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }
  // No value may begin a header of its own.
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value.replace(/[^\x20-\x7e]/g, '')}`)
  return `${['GET / HTTP/1.1', ...lines].join('\r\n')}\r\n\r\n`
}

const headerBytes = (length: number) => (length > 0xffff ? 10 : length > 125 ? 4 : 2) + MASK_BYTES

/** Returns where the payload begins. */
function writeHeader(frame: Buffer, first: number, length: number): number {
  frame[0] = first
  if (length > 0xffff) {
    frame[1] = MASKED | 127
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  } else if (length > 125) {
    frame[1] = MASKED | 126
    frame.writeUInt16BE(length, 2)
  } else frame[1] = MASKED | length
  const at = headerBytes(length)
  frame.fill(0, at - MASK_BYTES, at)
  return at
}
