/** Between one browser tab and the host process: passes on what the contract allows, as the learner that the cookie names. */
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import type { Log } from '../log.ts'
import {
  ADDRESS_HEADER,
  ClientMessage,
  DEFAULT_TIER,
  ERROR_WORDS,
  type ErrorCode,
  type HostMessage,
  OWNER_HEADER,
  parseAck,
  parseMessage,
  type ServerMessage,
  type Tier,
  VERSION_HEADER,
  WantAssets,
} from '../protocol/index.ts'
import { HostLink } from './host-link.ts'
import { versionProblem } from './host-process.ts'
import { forLearning, isForLearning } from './learning.ts'
import { Bucket } from './rate.ts'

/** A browser that answers no ping for so long is gone, whatever its network says. */
const PING_MS = 15_000
/** So many acknowledgements of terminal output count as one message. */
const ACKS_FOR_ONE = 16
/** Terminals cannot fill this, since their output waits for acknowledgements: the tab has stopped reading. */
const MAX_BACKLOG_BYTES = 32 * 1024 * 1024
/** A tab greets at once; a connection that says nothing is none. */
const HELLO_MS = 10_000

/** Looked for without making a text of everything that passes. */
const WANT_ASSETS = Buffer.from('{"type":"want-assets"')

export interface RelayOptions {
  /** The host process's Unix socket. */
  socketPath: string
  owner: string
  /** The learner's address, for the host process's limits. */
  network: string
  /** Whether this learner may have another sandbox made now. */
  mayCreate: () => boolean
  messagesPerSecond: number
  /** What opening a step means to the host process. */
  stepMessages: (lesson: string, step: string) => HostMessage[]
  /** The files of a lesson, which the host process asks for. */
  assetMessages: (lesson: string) => Promise<HostMessage[]>
  /** What a lesson's sandbox may do. */
  findTier: (lesson: string) => Tier
  log: Log
}

/** `wire`: the connection that `browser` speaks on; frames of the host process are written to it as they are. */
export function relay(browser: WebSocket, wire: Duplex, options: RelayOptions): void {
  const { socketPath, owner, network, log } = options
  // What the browser says before the host process answers; it says little before it is welcomed.
  let waiting: (string | Buffer)[] | null = []

  const refuse = (code: ErrorCode, re?: string) => {
    const error: ServerMessage = { type: 'error', code, ...ERROR_WORDS[code], re }
    browser.send(JSON.stringify(error))
  }
  const pass = (data: string | Buffer) => {
    if (waiting) waiting.push(data)
    else host.send(data)
  }

  const silence = setTimeout(() => browser.close(1008, 'nothing was said'), HELLO_MS)
  const bucket = new Bucket(options.messagesPerSecond, options.messagesPerSecond * 2)
  /** Who talks too fast is listened to more slowly: nothing is lost, and the sender's own buffers fill up. */
  let resume: NodeJS.Timeout | undefined
  const slowDown = () => {
    const wait = bucket.spend()
    if (wait === 0) return
    browser.pause()
    // What has been read already is handled, and adds to the debt.
    clearTimeout(resume)
    resume = setTimeout(() => browser.resume(), wait)
  }
  let acks = 0
  browser.on('message', (data: RawData, isBinary: boolean) => {
    clearTimeout(silence)
    const text = isBinary ? '' : String(data)
    const isAck = parseAck(text) !== null
    // Flow control asks for many acknowledgements: they count, but little.
    if (!isAck || ++acks % ACKS_FOR_ONE === 0) slowDown()
    if (isBinary) return pass(data as Buffer)
    if (isAck) return pass(text)
    const parsed = parseMessage(ClientMessage, text)
    if ('code' in parsed) return refuse(parsed.code, parsed.re)
    if (parsed.message.type === 'reset' && !options.mayCreate()) return refuse('too-many', 'reset')
    for (const message of forHost(parsed.message, options)) pass(JSON.stringify(message))
  })
  // Until the host process answers, nothing more is read from the browser.
  browser.pause()
  const sendAssets = async (lesson: string) => {
    for (const message of await options.assetMessages(lesson)) pass(JSON.stringify(message))
  }
  const host = new HostLink(
    socketPath,
    { [OWNER_HEADER]: owner, [ADDRESS_HEADER]: network },
    {
      onAnswer: (headers) => {
        const problem = versionProblem(headers[VERSION_HEADER])
        if (!problem) return true
        log.error(problem)
        refuse('host-version')
        browser.resume()
        browser.close(1013, 'versions differ')
        return false
      },
      onOpen: () => {
        browser.resume()
        for (const data of waiting ?? []) host.send(data)
        waiting = null
      },
      onFrames: (pieces, done) => {
        if (browser.bufferedAmount > MAX_BACKLOG_BYTES) browser.terminate()
        if (browser.readyState !== WebSocket.OPEN) return done()
        // Frames are whole, so whatever this process says to the browser itself stands between two of them.
        if (pieces.length === 1) return void wire.write(pieces[0]!, done)
        wire.cork()
        for (const [i, piece] of pieces.entries())
          wire.write(piece, i === pieces.length - 1 ? done : undefined)
        wire.uncork()
      },
      onText: (payload) => {
        const wanted = wantedLesson(payload)
        if (wanted !== null) void sendAssets(wanted)
        return wanted !== null
      },
      onError: (error) => {
        log.warn({ error: error.message }, 'host process does not answer')
        browser.resume()
        if (browser.readyState === WebSocket.OPEN) refuse('host-unavailable')
      },
      onClose: () => browser.close(1013, 'the host process is away'),
    },
  )

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
    clearTimeout(silence)
    host.terminate()
  })
  browser.on('error', (error) => log.debug({ error: error.message }, 'browser socket'))
}

/** The host process knows no lessons: it gets scripts, checks and the tier. */
function forHost(message: ClientMessage, { stepMessages, findTier }: RelayOptions): HostMessage[] {
  if (message.type === 'hello') {
    const { lesson, ...hello } = message
    return [{ ...hello, tier: lesson === undefined ? DEFAULT_TIER : findTier(lesson) }]
  }
  if (isForLearning(message)) return [forLearning(message)]
  if (message.type !== 'watch-step') return [message]
  return stepMessages(message.lesson, message.step)
}

/** The lesson whose files the host process asks this process for; null for what the browser is told. */
function wantedLesson(data: Buffer): string | null {
  if (!data.subarray(0, WANT_ASSETS.length).equals(WANT_ASSETS)) return null
  return WantAssets.safeParse(JSON.parse(String(data))).data?.lesson ?? null
}
