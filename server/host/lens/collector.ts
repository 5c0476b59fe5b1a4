/** The host's end of the collector in one sandbox: what it tells is untrusted, so it is bounded, checked and slowed down. */
import { type Container, PHASES, type Phase, type Reading } from '../../../spec/lens/facts.ts'
import type { AgentStreams } from '../agent/channel.ts'
import { type AgentFrame, encodeFrame, FrameDecoder, MalformedFrame } from '../agent/frames.ts'

const VERSION = '1'
const HELLO_MS = 5_000
/** While a plan is there the collector looks several times a second. One that is silent for so long is stuck. */
const SILENCE_MS = 15_000
const MAX_BYTES_PER_SECOND = 8 * 1024 * 1024
const MAX_EVENTS_PER_SECOND = 100
/** Longer texts are cut: JSON may write each of their characters as six. */
const MAX_TEXT = 256 * 1024
const MAX_FIELD = 4096

export interface CollectorEvent {
  at: number
  dir: string
  what: string
  detail: string
}

export interface CollectorHandlers {
  onContainer(container: Container): void
  /** The first scan is over; `more` containers are not followed. */
  onScanned(more: number): void
  onEvent(event: CollectorEvent): void
  /** Changed readings by their place in the plan; none: the plan's first round is over. */
  onReadings(plan: number, readings: [index: number, reading: Reading][]): void
  /** Once, if it ends, misbehaves or is silent; not after `close()`. */
  onGone(reason: string): void
}

export class Collector {
  readonly #streams: AgentStreams
  readonly #handlers: CollectorHandlers
  readonly #decoder = new FrameDecoder()
  #greeted = false
  #over = false
  #second = 0
  #bytes = 0
  #events = 0
  #plans = 0
  #pause: NodeJS.Timeout | null = null
  #silence: NodeJS.Timeout

  constructor(streams: AgentStreams, handlers: CollectorHandlers) {
    this.#streams = streams
    this.#handlers = handlers
    this.#silence = setTimeout(() => this.#fail('it did not start in time'), HELLO_MS)
    streams.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    for (const event of ['end', 'close', 'error']) streams.stdout.on(event, () => this.#fail('it has ended'))
    for (const event of ['close', 'error']) streams.stdin.on(event, () => this.#fail('it has ended'))
  }

  setPlan(id: number, entries: string[]): void {
    this.#plans++
    this.#send('P', id, `${entries.join('\0')}\0`)
  }

  dropPlan(id: number): void {
    this.#plans--
    this.#send('Q', id, '')
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#silence)
    if (this.#pause) clearTimeout(this.#pause)
    this.#streams.stdin.destroy()
    this.#streams.stdout.destroy()
  }

  #send(kind: string, id: number, text: string): void {
    if (this.#over) return
    this.#streams.stdin.write(encodeFrame(kind, id, text))
    this.#listen()
  }

  /** Every answer begins the wait anew; without a plan nothing need come. */
  #listen(): void {
    clearTimeout(this.#silence)
    if (this.#plans > 0)
      this.#silence = setTimeout(
        () => this.#fail('it does not answer: some file in the sandbox blocks it'),
        SILENCE_MS,
      )
  }

  #fail(reason: string): void {
    if (this.#over) return
    this.close()
    this.#handlers.onGone(reason)
  }

  #receive(chunk: Buffer): void {
    if (this.#over) return
    try {
      for (const frame of this.#decoder.push(chunk)) this.#handle(frame)
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.#fail(`it sent nonsense: ${error.message}`)
    }
    this.#slowDown(chunk.length)
  }

  #slowDown(bytes: number): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#second) this.#bytes = this.#events = 0
    this.#second = second
    this.#bytes += bytes
    if (this.#over || this.#pause || this.#bytes <= MAX_BYTES_PER_SECOND) return
    this.#streams.stdout.pause()
    this.#pause = setTimeout(() => {
      this.#pause = null
      this.#streams.stdout.resume()
    }, 1000)
  }

  #handle({ kind, id, payload }: AgentFrame): void {
    if (this.#over) return
    if (!this.#greeted) {
      if (kind !== 'H' || Buffer.from(payload).toString('latin1') !== VERSION)
        throw new MalformedFrame('No hello of this version.')
      this.#greeted = true
      return this.#listen()
    }
    this.#listen()
    if (kind === 'C') this.#handlers.onContainer(decodeContainer(payload))
    else if (kind === 'M') this.#handlers.onScanned(id)
    else if (kind === 'F') this.#handlers.onReadings(id, decodeReadings(payload))
    else if (kind === 'V') {
      const event = decodeEvent(payload)
      if (++this.#events <= MAX_EVENTS_PER_SECOND) this.#handlers.onEvent(event)
    } else throw new MalformedFrame('A frame of no known kind.')
  }
}

function fields(payload: Uint8Array, count: number): string[] {
  const parts = Buffer.from(payload).toString('utf8').split('\0')
  if (parts.length !== count + 1 || parts.some((part) => part.length > MAX_FIELD))
    throw new MalformedFrame('Fields of another number.')
  return parts
}

const whole = (text: string | undefined) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : 0)

function decodeContainer(payload: Uint8Array): Container {
  const [
    dir = '',
    phase = '',
    pid,
    nspid = '',
    created = '',
    exit = '',
    frozen,
    bundle = '',
    links = '',
    version,
  ] = fields(payload, 11)
  if (!/^\/.*\/[^/]+$/s.test(dir) || dir.length > 600 || !PHASES.includes(phase as Phase))
    throw new MalformedFrame('A container without a place.')
  const namespaces: Record<string, string> = {}
  for (const [, type = '', inode = ''] of links.matchAll(/(\w{1,8}):\[(\d{1,20})\]/g))
    namespaces[type] = inode
  return {
    dir,
    id: dir.slice(dir.lastIndexOf('/') + 1),
    owner: dir.startsWith('/run/docker/')
      ? 'docker'
      : dir.startsWith('/run/containerd/')
        ? 'containerd'
        : 'runc',
    phase: phase === 'running' && frozen === '1' ? 'paused' : (phase as Phase),
    pid: whole(pid),
    nspid: nspid.slice(0, 64),
    created: created.slice(0, 48),
    exit: exit === '' ? null : whole(exit),
    bundle,
    namespaces,
    version: whole(version),
  }
}

function decodeEvent(payload: Uint8Array): CollectorEvent {
  const [at, dir = '', what = '', detail = ''] = fields(payload, 4)
  return { at: whole(at), dir, what: what.slice(0, 16), detail: detail.slice(0, 1024) }
}

function decodeReadings(payload: Uint8Array): [number, Reading][] {
  const found: [number, Reading][] = []
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  for (let at = 0; at < view.length; ) {
    if (at + 9 > view.length) throw new MalformedFrame('Half a reading.')
    const index = view.readUInt32LE(at)
    const state = String.fromCharCode(view[at + 4]!)
    const size = view.readUInt32LE(at + 5)
    if (at + 9 + size > view.length) throw new MalformedFrame('Half a reading.')
    const text = view.toString('utf8', at + 9, at + 9 + Math.min(size, MAX_TEXT))
    if (state === 'e') found.push([index, { error: text.slice(0, 512) }])
    else if (state === 'c' || size > MAX_TEXT) found.push([index, { text, cut: true }])
    else found.push([index, { text }])
    at += 9 + size
  }
  return found
}
