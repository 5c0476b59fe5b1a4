/** The web process's end of a connection to the host process: a WebSocket whose frames go on to a browser as they are. */
import { randomBytes } from 'node:crypto'
import http, { type IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { MAX_MESSAGE_BYTES } from '../protocol/index.ts'
import { FramesThrough } from './frames-through.ts'

const TEXT = 0x81
const BINARY = 0x82
/** Masks keep proxies from being fooled. There is none on a Unix socket, and this one leaves the bytes as they are. */
const MASKED = 0x80
const MASK_BYTES = 4
/** What is smaller is sent in one piece with its header. */
const SMALL_BYTES = 4096

export interface HostLinkEvents {
  /** The host process has answered with these headers; false: it is not understood, and is left alone. */
  onAnswer(headers: IncomingHttpHeaders): boolean
  onOpen(): void
  /** Whole frames for a browser, to be written at once. */
  onFrames(pieces: Buffer[]): void
  /** A text message; true if it is not for the browser. */
  onText(payload: Buffer): boolean
  onError(error: Error): void
  /** Once, whatever has happened before. */
  onClose(): void
}

export class HostLink {
  readonly #request: http.ClientRequest
  readonly #events: HostLinkEvents
  /** Null before the answer and after the end. */
  #socket: Duplex | null = null
  #closed = false

  constructor(socketPath: string, headers: Record<string, string>, events: HostLinkEvents) {
    this.#events = events
    this.#request = http.request({
      socketPath,
      path: '/',
      headers: {
        ...headers,
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
    })
    this.#request.on('upgrade', (response, socket, head) => this.#begin(response.headers, socket, head))
    this.#request.on('response', ({ statusCode }) => {
      events.onError(new Error(`it answered ${statusCode}`))
      this.terminate()
    })
    this.#request.on('error', (error) => {
      if (this.#closed) return
      events.onError(error)
      this.terminate()
    })
    this.#request.end()
  }

  /** What is sent before the connection is open, or after its end, is lost. */
  send(data: string | Buffer): void {
    if (!this.#socket) return
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
    this.#request.destroy()
    this.#socket?.destroy()
    this.#socket = null
    this.#events.onClose()
  }

  #begin(headers: IncomingHttpHeaders, socket: Duplex, head: Buffer): void {
    if (this.#closed || !this.#events.onAnswer(headers)) {
      socket.destroy()
      return this.terminate()
    }
    this.#socket = socket
    const { onFrames, onText } = this.#events
    const frames = new FramesThrough(MAX_MESSAGE_BYTES, { onFrames, onText, onEnd: () => this.terminate() })
    socket.on('data', (chunk: Buffer) => frames.take(chunk))
    // Followed by `close`.
    socket.on('error', () => {})
    socket.on('close', () => this.terminate())
    socket.on('end', () => this.terminate())
    this.#events.onOpen()
    if (head.length > 0) frames.take(head)
  }
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
