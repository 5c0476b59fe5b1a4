/** The host process's door: WebSockets over a Unix socket that only the web process may open. */
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { WebSocketServer } from 'ws'
import type { Log } from '../log.ts'
import {
  ADDRESS_HEADER,
  MAX_MESSAGE_BYTES,
  NOTES_HEADER,
  OWNER_HEADER,
  PROTOCOL_VERSION,
  VERSION_HEADER,
} from '../protocol/index.ts'
import { serve } from './connection.ts'
import type { FeedbackLog } from './learning/feedback.ts'
import type { Registry } from './registry.ts'
import { serveWork } from './work/serve-work.ts'

/** Another host process of the same lab is at work. */
export class AlreadyRunning extends Error {}

/** Resolves when connections are accepted; they are answered after `ready`. `gid`: the group that may connect. Throws AlreadyRunning. */
export async function listen(
  socketPath: string,
  gid: number,
  ready: Promise<void>,
  registry: Registry,
  feedback: FeedbackLog,
  log: Log,
): Promise<http.Server> {
  if (await answers(socketPath)) throw new AlreadyRunning(socketPath)
  fs.mkdirSync(path.dirname(socketPath), { recursive: true, mode: 0o711 })
  // Nobody answers: what is there was left by a process that was killed.
  fs.rmSync(socketPath, { force: true })
  const server = http.createServer((request, response) => {
    if (request.url === '/work') return void ready.then(() => serveWork(request, response, registry))
    const headers = { [VERSION_HEADER]: PROTOCOL_VERSION, [NOTES_HEADER]: registry.notes.join() }
    response.writeHead(426, headers).end('This is a WebSocket.\n')
  })
  const sockets = new WebSocketServer({
    server,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    verifyClient: (_info, done) => void ready.then(() => done(true)),
  })
  // A web process of another version finds out before it passes anything on.
  sockets.on('headers', (headers) => headers.push(`${VERSION_HEADER}: ${PROTOCOL_VERSION}`))
  sockets.on('connection', (socket, request) => {
    const owner = request.headers[OWNER_HEADER]
    const address = String(request.headers[ADDRESS_HEADER] ?? '')
    if (typeof owner === 'string' && owner) serve(socket, { owner, address }, registry, feedback, log)
    else socket.close(1008, 'no owner')
  })
  server.on('close', () => sockets.close())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  fs.chownSync(socketPath, 0, gid)
  fs.chmodSync(socketPath, 0o660)
  return server
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(socketPath)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
