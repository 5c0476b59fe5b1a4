/** The host's end of one sandbox's agent: files, saves and programs, over the agent's standard input and output. */
import type { Readable, Writable } from 'node:stream'
import {
  AGENT_VERSIONS,
  type AgentFile,
  type AgentFrame,
  decodeFile,
  decodeInside,
  decodeResult,
  decodeToken,
  decodeWords,
  encodeLookInside,
  encodeRun,
  encodeSave,
  encodeUnwatch,
  encodeWatch,
  FrameDecoder,
  type Inside,
  MAX_AGENT_FILE_BYTES,
  MAX_OUTPUT_BYTES,
  MAX_RUN_MS,
  MalformedFrame,
  type RunResult,
} from './frames.ts'

export type { AgentFile, Inside, RunResult } from './frames.ts'

const HELLO_MS = 5_000
const SAVE_MS = 5_000
const INSIDE_MS = 3_000
const RUN_GRACE_MS = 2_000
/** With so much unread by the agent (it may be stopped), it counts as not answering. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024
/** An agent that sends more than this is heard again a second later: no learner may keep the host busy. */
const MAX_BYTES_PER_SECOND = 32 * 1024 * 1024

/** The agent refused (`message` is its reason, to be shown), did not answer in time, or is gone. */
export class AgentError extends Error {
  override name = 'AgentError'
}

export interface AgentStreams {
  stdin: Writable
  stdout: Readable
}

export type SaveResult = { ok: true; token: string } | { ok: false; current: AgentFile }

export interface RunOptions {
  /** 1 to 600 000; then the program and its whole process group are killed. */
  timeoutMs: number
  /** Bytes, 0 to 1 MiB; what comes later is thrown away. */
  maxOutput: number
}

interface Request {
  /** True if the frame is an answer to this kind of request. Throws MalformedFrame. */
  answer: (frame: AgentFrame) => boolean
  reject: (error: AgentError) => void
  timer: NodeJS.Timeout
}

/**
 * Everything that arrives is untrusted, because the agent is in the learner's hands: sizes are bounded, unknown ids
 * ignored, and the first malformed frame ends the channel. It owns the streams, not the process behind them.
 */
export class AgentChannel {
  private readonly streams: AgentStreams
  private readonly onGone: (reason: AgentError) => void
  private readonly decoder = new FrameDecoder()
  private readonly watches = new Map<number, (file: AgentFile) => void>()
  private readonly requests = new Map<number, Request>()
  private readonly hello: Promise<void>
  private version: string | null = null
  private settleHello: { resolve: () => void; reject: (error: AgentError) => void } | null = null
  private readonly helloTimer: NodeJS.Timeout
  private lastId = 0
  private gone: AgentError | null = null
  private second = 0
  private bytesThisSecond = 0
  private pauseTimer: NodeJS.Timeout | null = null

  /** `onGone` is called once if the agent ends, misbehaves or does not start; not after `close()`. */
  constructor(streams: AgentStreams, onGone: (reason: AgentError) => void) {
    this.streams = streams
    this.onGone = onGone
    this.hello = new Promise((resolve, reject) => {
      this.settleHello = { resolve, reject }
    })
    this.hello.catch(() => {}) // nobody need wait for it: onGone says the same
    this.helloTimer = setTimeout(() => this.fail('The agent did not start in time.'), HELLO_MS)
    streams.stdout.on('data', (chunk: Buffer) => this.receive(chunk))
    for (const event of ['end', 'close', 'error'])
      streams.stdout.on(event, () => this.fail('The agent is gone.'))
    for (const event of ['close', 'error']) streams.stdin.on(event, () => this.fail('The agent is gone.'))
  }

  /** Resolves when the agent has said hello; rejects with AgentError if it does not within 5 seconds. */
  ready(): Promise<void> {
    return this.hello
  }

  /**
   * Tells the file at once and after every change, but for those made by `save` with the same path. Returns what ends
   * it. On a channel that is gone nothing is told. Throws AgentError for a path that is not one.
   */
  watch(path: string, onChange: (file: AgentFile) => void): () => void {
    checkPath(path)
    const id = this.nextId()
    if (!this.send(encodeWatch(id, path))) return () => {}
    this.watches.set(id, onChange)
    return () => {
      if (this.watches.delete(id)) this.send(encodeUnwatch(id))
    }
  }

  /** Writes the file if it still is the one that `token` names (null: if there is none). Rejects with AgentError. */
  async save(path: string, token: string | null, bytes: Uint8Array): Promise<SaveResult> {
    checkPath(path)
    if (token?.includes('\0') || token === '' || token === '-') throw new AgentError('The token is none.')
    if (bytes.length > MAX_AGENT_FILE_BYTES) throw new AgentError('it would be larger than 1 MiB')
    return this.request(
      SAVE_MS,
      (id) => encodeSave(id, path, token, bytes),
      ({ kind, payload }) => {
        if (kind === 'D') return { ok: true, token: decodeToken(payload) }
        if (kind === 'X') return { ok: false, current: decodeFile(payload) }
        return null
      },
    )
  }

  /** Runs a program to its end, as root in root's home. Rejects with AgentError, for instance if 16 run already. */
  async run(argv: string[], { timeoutMs, maxOutput }: RunOptions): Promise<RunResult> {
    if (argv.length === 0 || argv.some((argument) => argument.includes('\0')))
      throw new AgentError('The arguments are none.')
    const timeout = clamp(timeoutMs, 1, MAX_RUN_MS)
    const most = clamp(maxOutput, 0, MAX_OUTPUT_BYTES)
    return this.request(
      timeout + RUN_GRACE_MS,
      (id) => encodeRun(id, argv, timeout, most),
      ({ kind, payload }) => {
        if (kind !== 'O') return null
        if (payload.length > 5 + most) throw new MalformedFrame('More output than asked for.')
        return decodeResult(payload)
      },
    )
  }

  /** What is left of the sandbox's limits; null from an agent of before. Rejects with AgentError. */
  async lookInside(): Promise<Inside | null> {
    await this.hello
    if (this.version === '1') return null
    return this.request(INSIDE_MS, encodeLookInside, ({ kind, payload }) =>
      kind === 'I' ? decodeInside(payload) : null,
    )
  }

  /** Ends the channel; the agent then kills what it runs and exits. */
  close(): void {
    this.end(new AgentError('The channel is closed.'))
  }

  private request<T>(
    timeoutMs: number,
    encode: (id: number) => Buffer,
    decode: (frame: AgentFrame) => T | null,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const id = this.nextId()
      const frame = encode(id) // a RangeError rejects
      if (!this.send(frame)) return reject(this.gone ?? new AgentError('The agent is gone.'))
      const timer = setTimeout(() => {
        this.requests.delete(id)
        reject(new AgentError('The agent did not answer in time.'))
      }, timeoutMs)
      const answer = (frame: AgentFrame) => {
        const value = decode(frame)
        if (value === null) return false
        resolve(value)
        return true
      }
      this.requests.set(id, { answer, reject, timer })
    })
  }

  private nextId(): number {
    do this.lastId = (this.lastId + 1) >>> 0
    while (this.lastId === 0 || this.watches.has(this.lastId) || this.requests.has(this.lastId))
    return this.lastId
  }

  /** False if the agent is gone, perhaps because of this: it reads nothing. */
  private send(frame: Buffer): boolean {
    if (this.gone) return false
    if (this.streams.stdin.writableLength + frame.length > MAX_UNSENT_BYTES) {
      this.fail('The agent does not read.')
      return false
    }
    this.streams.stdin.write(frame)
    return true
  }

  private receive(chunk: Buffer): void {
    if (this.gone) return
    try {
      for (const frame of this.decoder.push(chunk)) this.handle(frame)
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.fail(`The agent sent nonsense: ${error.message}`)
    }
    this.slowDown(chunk.length)
  }

  private slowDown(bytes: number): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.second) this.bytesThisSecond = 0
    this.second = second
    this.bytesThisSecond += bytes
    if (this.gone || this.pauseTimer || this.bytesThisSecond <= MAX_BYTES_PER_SECOND) return
    this.streams.stdout.pause()
    this.pauseTimer = setTimeout(() => {
      this.pauseTimer = null
      this.streams.stdout.resume()
    }, 1000)
  }

  private handle(frame: AgentFrame): void {
    if (this.gone) return
    if (this.version === null) {
      const version = Buffer.from(frame.payload.subarray(0, 8)).toString('latin1')
      if (frame.kind !== 'H' || !AGENT_VERSIONS.includes(version))
        throw new MalformedFrame('No hello of this version.')
      this.version = version
      clearTimeout(this.helloTimer)
      this.settleHello?.resolve()
      return
    }
    if (frame.kind === 'F') {
      const file = decodeFile(frame.payload)
      this.watches.get(frame.id)?.(file)
      return
    }
    if (!'DXOEI'.includes(frame.kind)) throw new MalformedFrame('A frame of no known kind.')
    const request = this.requests.get(frame.id)
    if (!request) return
    if (frame.kind === 'E') request.reject(new AgentError(decodeWords(frame.payload)))
    else if (!request.answer(frame)) throw new MalformedFrame('An answer to another question.')
    clearTimeout(request.timer)
    this.requests.delete(frame.id)
  }

  private fail(message: string): void {
    if (this.gone) return
    const reason = new AgentError(message)
    this.end(reason)
    this.onGone(reason)
  }

  private end(reason: AgentError): void {
    if (this.gone) return
    this.gone = reason
    clearTimeout(this.helloTimer)
    if (this.pauseTimer) clearTimeout(this.pauseTimer)
    this.settleHello?.reject(reason)
    this.watches.clear()
    for (const request of this.requests.values()) {
      clearTimeout(request.timer)
      request.reject(reason)
    }
    this.requests.clear()
    this.streams.stdin.destroy()
    this.streams.stdout.destroy()
  }
}

const clamp = (value: number, least: number, most: number) =>
  Math.min(most, Math.max(least, Math.round(value) || 0))

function checkPath(path: string): void {
  if (!path.startsWith('/') || path.includes('\0') || Buffer.byteLength(path) > 4095)
    throw new AgentError('The path is none.')
}
