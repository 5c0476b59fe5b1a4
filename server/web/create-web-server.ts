/** The web process's HTTP server: pages by Next, a cookie, a health answer, and the WebSocket. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Log } from '../log.ts'
import { MAX_MESSAGE_BYTES, SOCKET_PATH } from '../protocol/index.ts'
import type { Identity } from './identity.ts'
import { isAllowedOrigin } from './origin.ts'
import { type RelayOptions, relay } from './relay.ts'

export interface WebServerOptions {
  identity: Identity
  /** Origins beside the lab's own that may connect. */
  origins: string[]
  /** The host process's Unix socket. */
  socketPath: string
  findCheck: RelayOptions['findCheck']
  findTier: RelayOptions['findTier']
  /** Everything that is not the lab's own API. */
  pages: (request: IncomingMessage, response: ServerResponse) => void
  /** Upgrades that are not ours: the page bundler's, while developing. */
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  log: Log
}

export function createWebServer(options: WebServerOptions): http.Server {
  const { identity, origins, socketPath, findCheck, findTier, log } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })

  const server = http.createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'same-origin')
    response.setHeader('X-Frame-Options', 'SAMEORIGIN')
    if (path === '/api/session') return session(request, response)
    if (path === '/api/health') return health(response)
    options.pages(request, response)
  })

  /** Before its WebSocket a page asks for a cookie, so that pages themselves are the same for everybody. */
  function session(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') return end(response, 405, 'Only POST.')
    if (!isAllowedOrigin(request, origins)) return end(response, 403, originRefused(request))
    if (!identity.read(request)) {
      response.setHeader('Set-Cookie', identity.issue(request.headers.origin!.startsWith('https:')))
    }
    response.writeHead(204).end()
  }

  function health(response: ServerResponse): void {
    const probe = net.connect(socketPath)
    const answer = (there: boolean) => {
      probe.destroy()
      end(response, there ? 200 : 503, there ? 'ok' : 'The host process does not answer.')
    }
    probe.once('connect', () => answer(true))
    probe.once('error', () => answer(false))
  }

  server.on('upgrade', (request, socket, head) => {
    if ((request.url ?? '').split('?')[0] !== SOCKET_PATH) {
      if (options.upgrade) return options.upgrade(request, socket, head)
      return deny(socket, 404, 'Not Found', 'There is no WebSocket here.')
    }
    if (!isAllowedOrigin(request, origins)) return deny(socket, 403, 'Forbidden', originRefused(request))
    const owner = identity.read(request)
    if (!owner) return deny(socket, 401, 'Unauthorized', 'Ask for a cookie first: POST /api/session.')
    sockets.handleUpgrade(request, socket, head, (browser) =>
      relay(browser, { socketPath, owner, findCheck, findTier, log }),
    )
  })
  server.on('close', () => {
    for (const browser of sockets.clients) browser.terminate()
  })
  return server
}

const originRefused = (request: IncomingMessage) =>
  `Pages of ${request.headers.origin ?? 'an unnamed origin'} may not use this lab. Its operator can allow them with LAB_ORIGINS.`

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`${text}\n`)
}

function deny(socket: Duplex, status: number, title: string, text: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}
