/** Between one browser tab and the host process: passes on what the contract allows, as the learner that the cookie names. */
import { type RawData, WebSocket } from 'ws'
import type { Log } from '../log.ts'
import {
  ClientMessage,
  DEFAULT_TIER,
  ERROR_WORDS,
  type ErrorCode,
  type HostMessage,
  MAX_MESSAGE_BYTES,
  OWNER_HEADER,
  parseMessage,
  type ServerMessage,
  type Tier,
} from '../protocol/index.ts'

/** A browser that answers no ping for so long is gone, whatever its network says. */
const PING_MS = 15_000
/** Terminals cannot fill this, since their output waits for acknowledgements: the tab has stopped reading. */
const MAX_BACKLOG_BYTES = 32 * 1024 * 1024

export interface RelayOptions {
  /** The host process's Unix socket. */
  socketPath: string
  owner: string
  /** The check script of a step; null if it has none. */
  findCheck: (lesson: string, step: string) => string | null
  /** What a lesson's sandbox may do. */
  findTier: (lesson: string) => Tier
  log: Log
}

export function relay(browser: WebSocket, options: RelayOptions): void {
  const { socketPath, owner, log } = options
  const host = new WebSocket(`ws+unix:${socketPath}:/`, {
    headers: { [OWNER_HEADER]: owner },
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  // What the browser says before the host process answers; it says little before it is welcomed.
  let waiting: (string | Buffer)[] | null = []

  const refuse = (code: ErrorCode, re?: string) => {
    const error: ServerMessage = { type: 'error', code, ...ERROR_WORDS[code], re }
    browser.send(JSON.stringify(error))
  }
  const pass = (data: string | Buffer) => {
    if (waiting) waiting.push(data)
    else if (host.readyState === WebSocket.OPEN) host.send(data)
  }

  browser.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary) return pass(data as Buffer)
    const parsed = parseMessage(ClientMessage, String(data))
    if ('code' in parsed) return refuse(parsed.code, parsed.re)
    pass(JSON.stringify(forHost(parsed.message, options)))
  })
  host.on('open', () => {
    for (const data of waiting ?? []) host.send(data)
    waiting = null
  })
  host.on('message', (data: RawData, isBinary: boolean) => {
    if (browser.bufferedAmount > MAX_BACKLOG_BYTES) return browser.terminate()
    browser.send(isBinary ? (data as Buffer) : String(data))
  })
  host.on('error', (error) => {
    log.warn({ error: error.message }, 'host process does not answer')
    if (browser.readyState === WebSocket.OPEN) refuse('host-unavailable')
  })
  host.on('close', () => browser.close(1013, 'the host process is away'))

  let answered = true
  browser.on('pong', () => {
    answered = true
  })
  const ping = setInterval(() => {
    if (!answered) return browser.terminate()
    answered = false
    browser.ping()
  }, PING_MS)
  browser.on('close', () => {
    clearInterval(ping)
    host.terminate()
  })
  browser.on('error', (error) => log.debug({ error: error.message }, 'browser socket'))
}

/** The host process knows no lessons: it gets the script and the tier. */
function forHost(message: ClientMessage, { findCheck, findTier }: RelayOptions): HostMessage {
  if (message.type === 'hello') {
    const { lesson, ...hello } = message
    return { ...hello, tier: lesson === undefined ? DEFAULT_TIER : findTier(lesson) }
  }
  if (message.type !== 'watch-step') return message
  const { lesson, step } = message
  return { type: 'watch-check', lesson, step, script: findCheck(lesson, step) }
}
