/** The web process's HTTP server: pages by Next, a cookie, a health answer, and the WebSocket; and who is let in. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { MAX_MESSAGE_BYTES, SOCKET_PATH, WORK_PATH } from '../protocol/index.ts'
import type { SetHeaders } from './headers.ts'
import { hostHealth } from './host-process.ts'
import type { Identity } from './identity.ts'
import { LESSON_FILES, lessonFile } from './lesson-files.ts'
import { isAllowedHost, isAllowedOrigin } from './origin.ts'
import { LESSON_CHANGES, lessonChanges } from './preview.ts'
import { Buckets } from './rate.ts'
import { type RelayOptions, relay } from './relay.ts'
import type { Visitor, VisitorOf } from './visitor.ts'
import { passWork } from './work.ts'

/** What concerns one learner's connection is passed on to the relay as it is. */
type ForRelay = Omit<RelayOptions, 'owner' | 'network' | 'mayCreate'>

export interface WebServerOptions extends ForRelay {
  identity: Identity
  visitorOf: VisitorOf
  setHeaders: SetHeaders
  /** Origins beside the lab's own that may connect; their names are the lab's names too. */
  origins: string[]
  /** Where the lab is below its origin, such as `/lab`; empty at the top. */
  basePath: string
  creationsPerMinute: number
  /** Everything that is not the lab's own API. */
  pages: (request: IncomingMessage, response: ServerResponse) => void
  /** Upgrades that are not ours: the page bundler's, while developing. */
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Whoever takes longer to say what they want, or says it drop by drop, is holding a place that others need. */
const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
}
/** Below what the process may open as files (a WebSocket takes two). */
const MAX_CONNECTIONS = 4096
const MAX_TABS = 24

export function createWebServer(options: WebServerOptions): http.Server {
  const { identity, visitorOf, origins, basePath, socketPath, log } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  const creations = new Buckets(options.creationsPerMinute)
  const tabs = new Map<string, number>()
  let warned = false

  const server = http.createServer({ ...PATIENCE, maxHeaderSize: 16 * 1024 }, (request, response) => {
    const visitor = look(request)
    const path = pathOf(request)
    options.setHeaders(request, response, path ?? '', visitor.secure)
    // Monitors ask by address or by any name; there is nothing to learn from the answer.
    if (path === '/api/health' || request.url === '/api/health') return void health(response)
    if (path === WORK_PATH && isAllowedHost(visitor.host, origins)) return work(request, response, visitor)
    if (!options.upgrade && hasBody(request)) {
      response.setHeader('Connection', 'close')
      return end(response, 413, 'Nothing here takes a body.')
    }
    if (!isAllowedHost(visitor.host, origins)) return end(response, 421, hostRefused(visitor))
    if (path === null) {
      response.setHeader('Location', `${basePath}/`)
      return end(response, 307, `The lab is at ${basePath}.`)
    }
    if (path === '/api/session') return session(request, response, visitor)
    if (!options.upgrade && !['GET', 'HEAD'].includes(request.method ?? '')) {
      response.setHeader('Allow', 'GET, HEAD')
      return end(response, 405, 'Pages can only be read.')
    }
    if (path === LESSON_CHANGES && process.env.LAB_PREVIEW)
      return lessonChanges(request, response, request.url ?? '')
    if (path.startsWith(LESSON_FILES)) {
      const query = (request.url ?? '').split('?')[1] ?? ''
      return lessonFile(request, response, `${path}?${query}`)
    }
    options.pages(request, response)
  })
  server.maxConnections = MAX_CONNECTIONS
  server.maxHeadersCount = 100

  function look(request: IncomingMessage): Visitor {
    const visitor = visitorOf(request)
    if (visitor.unknownProxy && !warned) {
      warned = true
      const proxy = request.socket.remoteAddress
      log.warn(
        { proxy },
        'a proxy that is not in LAB_TRUSTED_PROXIES passes visitors on: all of them count as one address',
      )
    }
    return visitor
  }

  /** The path below the base path; null above it. */
  function pathOf(request: IncomingMessage): string | null {
    const path = (request.url ?? '/').split('?')[0]!
    if (basePath === '') return path
    if (path === basePath) return '/'
    if (path === '/') return null
    return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path
  }

  /** Whether the page came over TLS: a browser says so in `Origin`, which has been found to be allowed. */
  const isSecure = (request: IncomingMessage, visitor: Visitor) =>
    visitor.secure || Boolean(request.headers.origin?.startsWith('https:'))

  /** Before its WebSocket a page asks for a cookie, so that pages themselves are the same for everybody. */
  function session(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST')
      return end(response, 405, 'Only POST.')
    }
    // The Origin is what protects from requests that other sites make (CSRF): browsers send it with every POST.
    if (!isAllowedOrigin(request.headers.origin, visitor.host, origins))
      return end(response, 403, originRefused(request))
    const secure = isSecure(request, visitor)
    if (!identity.read(request, secure)) {
      const wait = creations.take(visitor.network)
      if (wait > 0) {
        response.setHeader('Retry-After', String(Math.ceil(wait / 1000)))
        return end(response, 429, 'Too many newcomers from this address at once. Try again in a moment.')
      }
      response.setHeader('Set-Cookie', identity.issue(secure))
    }
    response.setHeader('Cache-Control', 'no-store')
    response.writeHead(204).end()
  }

  /** A learner's files. Reading them needs the cookie alone, which no other site's page can send. */
  function work(request: IncomingMessage, response: ServerResponse, visitor: Visitor): void {
    const isPost = request.method === 'POST'
    if (!isPost && request.method !== 'GET') return end(response, 405, 'Only GET and POST.')
    if (isPost && !isAllowedOrigin(request.headers.origin, visitor.host, origins))
      return end(response, 403, originRefused(request))
    const owner = identity.read(request, isSecure(request, visitor))
    if (!owner) return end(response, 401, 'Open a lesson first: there is no sandbox of yours.')
    passWork(request, response, { socketPath, owner })
  }

  async function health(response: ServerResponse): Promise<void> {
    const { problem, notes } = await hostHealth(socketPath)
    end(response, problem ? 503 : 200, problem ?? ['ok', ...notes].join('\n'))
  }

  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    socket.on('error', (error) => log.debug({ error: error.message }, 'browser connection'))
    const visitor = look(request)
    if (!isAllowedHost(visitor.host, origins))
      return deny(socket, 421, 'Misdirected Request', hostRefused(visitor))
    if (pathOf(request) !== SOCKET_PATH) {
      if (options.upgrade) return options.upgrade(request, socket, head)
      return deny(socket, 404, 'Not Found', 'There is no WebSocket here.')
    }
    if (!isAllowedOrigin(request.headers.origin, visitor.host, origins))
      return deny(socket, 403, 'Forbidden', originRefused(request))
    const owner = identity.read(request, isSecure(request, visitor))
    if (!owner) return deny(socket, 401, 'Unauthorized', 'Ask for a cookie first: POST /api/session.')
    const open = tabs.get(owner) ?? 0
    if (open >= MAX_TABS) return deny(socket, 429, 'Too Many Requests', `${MAX_TABS} tabs are open already.`)
    tabs.set(owner, open + 1)
    socket.on('close', () => {
      const left = tabs.get(owner)! - 1
      if (left > 0) tabs.set(owner, left)
      else tabs.delete(owner)
    })
    sockets.handleUpgrade(request, socket, head, (browser) =>
      relay(browser, socket, {
        ...options,
        owner,
        network: visitor.network,
        mayCreate: () => creations.take(visitor.network) === 0,
      }),
    )
  })
  server.on('close', () => {
    for (const browser of sockets.clients) browser.terminate()
  })
  return server
}

const hasBody = ({ headers }: IncomingMessage) =>
  Number(headers['content-length'] ?? 0) !== 0 || headers['transfer-encoding'] !== undefined

/** A header as it may be repeated to people. */
const printable = (text: string | undefined) =>
  (text ?? 'an unnamed origin').replace(/[^\x20-\x7e]/g, '?').slice(0, 200)

const originRefused = (request: IncomingMessage) =>
  `Pages of ${printable(request.headers.origin)} may not use this lab. Its operator can allow them with LAB_ORIGINS.`

const hostRefused = ({ host }: Visitor) =>
  `This lab is not known as ${printable(host) || 'nothing'}. Its operator can name it so with LAB_ORIGINS.`

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`${text}\n`)
}

function deny(socket: Duplex, status: number, title: string, text: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}
