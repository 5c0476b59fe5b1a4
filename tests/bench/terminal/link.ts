/** A terminal at the other end of a WebSocket, whoever serves it: bytes in, bytes out, and what the page says about its own progress. */
import { randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import {
  decodeFrame,
  encodeFrame,
  PROTOCOL_VERSION,
  type ServerMessage,
} from '../../../server/protocol/index.ts'
import { type Learner, openSocket } from '../../helpers/client.ts'
import { until } from '../../helpers/until.ts'

export interface Link {
  onOutput: (bytes: Uint8Array) => void
  write(text: string): void
  /** So much of the output is on the screen. */
  shown(bytes: number): void
  close(): Promise<void>
}

/** As the page's own client acknowledges. */
const ACK_BYTES = 32 * 1024
const ACK_MS = 250

/** Waits until there is silence for `ms`. */
export function settle(link: Link, ms = 300): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      link.onOutput = () => {}
      resolve()
    }
    let timer = setTimeout(done, ms)
    link.onOutput = (bytes) => {
      link.shown(bytes.length)
      clearTimeout(timer)
      timer = setTimeout(done, ms)
    }
  })
}

/** Resolves when the output after what is written contains `mark`, which the echo must not. */
export function command(link: Link, text: string, mark: string): Promise<void> {
  return new Promise((resolve) => {
    let tail = ''
    link.onOutput = (bytes) => {
      link.shown(bytes.length)
      tail = (tail + Buffer.from(bytes.subarray(-200)).toString('latin1')).slice(-400)
      if (!tail.includes(mark)) return
      link.onOutput = () => {}
      resolve()
    }
    link.write(text)
  })
}

/** Ends the shells of a learner: the next ones begin with an empty log. */
export function closeTerminals({ client }: Pick<Learner, 'client'>): void {
  for (const { id } of client.view.terminals) client.send({ type: 'close-terminal', terminal: id })
}

const closed = (socket: WebSocket) =>
  new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.terminate()
  })

/** Our own: terminal `number` of the learner, opened if need be; what it has printed before comes first. */
export class LabLink implements Link {
  onOutput: (bytes: Uint8Array) => void = () => {}
  readonly #socket: WebSocket
  #terminal = 0
  #typed = 0
  #shown = 0
  #acked = 0
  #ackTimer: NodeJS.Timeout | null = null

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  /** `onOutput` sees every byte; set later, it misses what came with the first. */
  static async open(
    lab: { url: string },
    cookie: string,
    number: number,
    onOutput: (link: LabLink, bytes: Uint8Array) => void = (link, bytes) => link.shown(bytes.length),
  ): Promise<LabLink> {
    const socket = openSocket(lab, cookie)
    const link = new LabLink(socket)
    link.onOutput = (bytes) => onOutput(link, bytes)
    socket.once('open', () =>
      link.#say({ type: 'hello', version: PROTOCOL_VERSION, client: randomBytes(12).toString('hex') }),
    )
    const size = { cols: 80, rows: 24 }
    let attached = false
    const take = (message: ServerMessage) => {
      const ready = message.type === 'welcome' && message.sandbox.state === 'ready'
      if (ready || (message.type === 'sandbox' && message.sandbox.state === 'ready'))
        link.#say({ type: 'open-terminal', number, ...size })
      if (message.type === 'terminals' && link.#terminal === 0) {
        link.#terminal = message.terminals.find((each) => each.number === number)?.id ?? 0
        if (link.#terminal) link.#say({ type: 'attach', terminal: link.#terminal, from: 0, ...size })
      }
      if (message.type !== 'attached') return
      attached = true
      link.#shown = link.#acked = message.from
      const screen = Buffer.from(message.screen ?? '', 'base64')
      // It is shown as well, but has no place in the stream.
      link.#shown -= screen.length
      if (screen.length > 0) onOutput(link, screen)
    }
    socket.on('message', (data, isBinary) => {
      if (!isBinary) return take(JSON.parse(String(data)))
      const { bytes } = decodeFrame(data as Buffer)!
      link.onOutput(bytes)
    })
    await until('the terminal is attached', () => attached, 30_000)
    return link
  }

  write(text: string): void {
    const bytes = Buffer.from(text)
    this.#socket.send(encodeFrame({ terminal: this.#terminal, offset: this.#typed, bytes }))
    this.#typed += bytes.length
  }

  shown(bytes: number): void {
    this.#shown += bytes
    if (this.#shown - this.#acked >= ACK_BYTES) this.#acknowledge()
    else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ACK_MS)
  }

  #acknowledge(): void {
    if (this.#ackTimer) clearTimeout(this.#ackTimer)
    this.#ackTimer = null
    this.#acked = this.#shown
    this.#say({ type: 'ack', terminal: this.#terminal, offset: this.#shown })
  }

  async close(): Promise<void> {
    if (this.#ackTimer) clearTimeout(this.#ackTimer)
    await closed(this.#socket)
  }

  #say(message: object): void {
    this.#socket.send(JSON.stringify(message))
  }
}
