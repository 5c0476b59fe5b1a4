/** Learners as their browsers are to a lab: a cookie, a WebSocket, and the product's own client on it. */
import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import { LabClient } from '../../components/session/lab-client.ts'
import {
  decodeFrame,
  OWNER_HEADER,
  PROTOCOL_VERSION,
  ServerMessage,
  SOCKET_PATH,
} from '../../server/protocol/index.ts'
import { plainText } from './plain-text.ts'
import { until } from './until.ts'

interface Site {
  url: string
}

/** A `Cookie` header of a learner not seen before. */
export async function newCookie(lab: Site): Promise<string> {
  const headers = { Origin: new URL(lab.url).origin }
  const response = await fetch(`${lab.url}/api/session`, { method: 'POST', headers })
  if (response.status !== 204) throw new Error(`no cookie: ${response.status}`)
  return response.headers.get('set-cookie')!.split(';')[0]!
}

/** A socket as a learner's page opens it. */
export function openSocket(lab: Site, cookie: string, more: Record<string, string> = {}): WebSocket {
  const url = `${lab.url.replace('http', 'ws')}${SOCKET_PATH}`
  const socket = new WebSocket(url, {
    headers: { Cookie: cookie, Origin: new URL(lab.url).origin, ...more },
  })
  // What the page takes on trust.
  socket.on('message', (data, isBinary) => {
    if (!isBinary) ServerMessage.parse(JSON.parse(String(data)))
  })
  // Followed by `close`, which is where it is dealt with.
  socket.on('error', () => {})
  return socket
}

export interface Learner {
  cookie: string
  client: LabClient
  stop(): void
}

const clients = new Set<LabClient>()

/** Ends every tab that a test has left open: it would try to connect for ever, and the test file would not end. */
export function stopLearners(): void {
  for (const client of clients) client.stop()
  clients.clear()
}

/** A learner's tab; with `wait` it does not connect before its client is told to start. */
export function startLearner(lab: Site, cookie: string, { wait = false } = {}): Learner {
  const client = new LabClient({
    connect: async () => openSocket(lab, cookie) as unknown as globalThis.WebSocket,
    clientId: randomBytes(12).toString('hex'),
  })
  clients.add(client)
  if (!wait) client.start()
  return { cookie, client, stop: () => client.stop() }
}

/** A learner's tab whose sandbox is ready; with `cookie`, a further tab of a learner. */
export async function connectLearner(lab: Site, cookie?: string): Promise<Learner> {
  const learner = startLearner(lab, cookie ?? (await newCookie(lab)))
  const { client } = learner
  try {
    await until('the sandbox is ready', () => client.view.sandbox?.state === 'ready', 20_000)
  } catch (error) {
    client.stop()
    throw error
  }
  return learner
}

/** A learner's tab on the host process itself, as the web process connects it; their owner is their `cookie`. */
export async function connectHost(
  lab: { hostSocket: string },
  owner: string,
  { ready = true } = {},
): Promise<Learner> {
  const headers = { [OWNER_HEADER]: owner }
  const client = new LabClient({
    connect: async () => {
      const socket = new WebSocket(`ws+unix:${lab.hostSocket}:/`, { headers })
      socket.on('error', () => {})
      return socket as unknown as globalThis.WebSocket
    },
    clientId: randomBytes(12).toString('hex'),
  })
  clients.add(client)
  client.start()
  if (ready) await until('the sandbox is ready', () => client.view.sandbox?.state === 'ready', 20_000)
  return { cookie: owner, client, stop: () => client.stop() }
}

/** A socket that says whatever it is told to, and keeps every answer. */
export class RawSocket {
  readonly socket: WebSocket
  readonly messages: ServerMessage[] = []
  readonly frames: Buffer[] = []
  /** The code of its end. */
  closedWith: number | null = null
  #read = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('close', (code) => {
      this.closedWith = code
    })
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.frames.push(data as Buffer)
      else this.messages.push(JSON.parse(String(data)))
    })
  }

  /** A learner's, through the web process. */
  static open(lab: Site, cookie: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    return RawSocket.#opened(openSocket(lab, cookie, headers))
  }

  /** What the web process has with the host process, for this learner. */
  static openHost(socketPath: string, owner: string): Promise<RawSocket> {
    return RawSocket.#opened(new WebSocket(`ws+unix:${socketPath}:/`, { headers: { [OWNER_HEADER]: owner } }))
  }

  static async #opened(socket: WebSocket): Promise<RawSocket> {
    const raw = new RawSocket(socket)
    await until('the socket was opened', () => socket.readyState >= WebSocket.OPEN)
    return raw
  }

  say(message: unknown): void {
    this.socket.send(
      typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message),
    )
  }

  /** The next message of this type that was not yet returned; those before it are passed over. */
  async next<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    const message = await until(`a message "${type}" comes`, () => {
      while (this.#read < this.messages.length) {
        const each = this.messages[this.#read++]!
        if (each.type === type) return each
      }
      return null
    })
    return message as Extract<ServerMessage, { type: T }>
  }

  /** Says hello and waits until the sandbox is ready. Returns its id. */
  async hello(client?: string): Promise<string> {
    return (await this.enter({ client })).id
  }

  /** The same, from the page of a lesson. Returns the sandbox. */
  async enter({ client = randomBytes(12).toString('hex'), lesson }: { client?: string; lesson?: string }) {
    this.say({ type: 'hello', version: PROTOCOL_VERSION, client, lesson })
    return this.ready()
  }

  /** Waits for a `welcome` and for its sandbox to be ready. Returns the sandbox. */
  async ready() {
    let { sandbox } = await this.next('welcome')
    while (sandbox.state === 'creating') sandbox = (await this.next('sandbox')).sandbox
    if (sandbox.state !== 'ready') throw new Error(`the sandbox is ${JSON.stringify(sandbox)}`)
    return sandbox
  }

  /** What this terminal has printed here so far, without colours and carriage returns. */
  output(terminal: number): string {
    const frames = this.frames
      .map((data) => decodeFrame(data)!)
      .filter((frame) => frame.terminal === terminal)
    const text = Buffer.concat(frames.map(({ bytes }) => bytes)).toString()
    return plainText(text)
  }

  close(): void {
    this.socket.terminate()
  }
}
