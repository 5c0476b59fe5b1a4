/** ttyd 1.7 beside ours: the same command on loopback, and its page's part of the conversation. */
import { type ChildProcess, spawn } from 'node:child_process'
import net from 'node:net'
import { WebSocket } from 'ws'
import type { HostCommand } from '../../../server/host/providers/provider.ts'
import { until } from '../../helpers/until.ts'
import type { Link } from './link.ts'

/** Of ttyd's page: it asks for a pause when so many pieces of so many bytes wait to be drawn, and for more below the other. */
const PIECE_BYTES = 100_000
const PAUSE_ABOVE = 10
const RESUME_BELOW = 4

export class Ttyd {
  readonly #child: ChildProcess
  readonly #port: number

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.#port = port
  }

  static async start(binary: string, { file, args }: HostCommand): Promise<Ttyd> {
    const port = await freePort()
    const child = spawn(binary, ['-d', '3', '-i', '127.0.0.1', '-p', String(port), '-W', file, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await until('ttyd listens', () => answers(port))
    return new Ttyd(child, port)
  }

  get pid(): number {
    return this.#child.pid!
  }

  open(): Promise<Link> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/ws`, ['tty'], { perMessageDeflate: false })
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', () => {
        socket.send(Buffer.from(JSON.stringify({ AuthToken: '', columns: 80, rows: 24 })))
        resolve(new TtydLink(socket))
      })
    })
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.kill('SIGKILL')
    })
  }
}

class TtydLink implements Link {
  onOutput: (bytes: Uint8Array) => void = () => {}
  readonly #socket: WebSocket
  #received = 0
  #shown = 0
  #piece = 0
  /** Where each piece that waits to be drawn ends. */
  #pieces: number[] = []

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      const bytes = data as Buffer
      if (bytes[0] !== 0x30) return
      this.#count(bytes.length - 1)
      this.onOutput(bytes.subarray(1))
    })
  }

  write(text: string): void {
    this.#socket.send(Buffer.from(`0${text}`))
  }

  shown(bytes: number): void {
    this.#shown += bytes
    while (this.#pieces.length > 0 && this.#pieces[0]! <= this.#shown) {
      this.#pieces.shift()
      if (this.#pieces.length < RESUME_BELOW && this.#socket.readyState === 1)
        this.#socket.send(Buffer.from('3'))
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#socket.terminate()
    })
  }

  #count(bytes: number): void {
    this.#received += bytes
    this.#piece += bytes
    if (this.#piece <= PIECE_BYTES) return
    this.#piece = 0
    this.#pieces.push(this.#received)
    if (this.#pieces.length > PAUSE_ABOVE) this.#socket.send(Buffer.from('2'))
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
