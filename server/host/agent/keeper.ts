/** The one agent of a sandbox: started when it is first needed, and again, ever more slowly, if it ends. */
import type { Log } from '../../log.ts'
import { now } from '../life/clock.ts'
import { AgentChannel, AgentError, type AgentStreams } from './channel.ts'

/** Pause before an agent that has ended is started again; then twice as long each time. It is in the learner's hands. */
const FIRST_PAUSE_MS = 250
const LAST_PAUSE_MS = 30_000
/** One that lived so long ended for a reason of its own: begin with the first pause again. */
const LIVED_MS = 60_000

export class AgentKeeper {
  readonly #start: () => AgentStreams
  readonly #log: Log
  readonly #onConnect: (channel: AgentChannel) => void
  #channel: Promise<AgentChannel> | null = null
  #current: AgentChannel | null = null
  #pauseMs = FIRST_PAUSE_MS
  #timer: NodeJS.Timeout | null = null
  #closed = false

  /** `start` runs an agent in the sandbox; `onConnect` hears of every one that answers. */
  constructor(start: () => AgentStreams, onConnect: (channel: AgentChannel) => void, log: Log) {
    this.#start = start
    this.#onConnect = onConnect
    this.#log = log
  }

  /** The agent, once it answers. Rejects with AgentError if it does not, or is on its pause. */
  connect(): Promise<AgentChannel> {
    if (this.#closed) return Promise.reject(new AgentError('The sandbox has ended.'))
    if (this.#timer)
      return Promise.reject(new AgentError('The helper in the sandbox is being started again.'))
    this.#channel ??= this.#open()
    return this.#channel
  }

  close(): void {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#current?.close()
  }

  async #open(): Promise<AgentChannel> {
    const began = now()
    const channel = new AgentChannel(this.#start(), (reason) => this.#gone(began, reason))
    this.#current = channel
    await channel.ready()
    this.#onConnect(channel)
    return channel
  }

  #gone(began: number, reason: AgentError): void {
    this.#channel = null
    if (this.#closed) return
    if (now() - began > LIVED_MS) this.#pauseMs = FIRST_PAUSE_MS
    this.#log.info({ reason: reason.message, againInMs: this.#pauseMs }, 'agent gone')
    this.#timer = setTimeout(() => {
      this.#timer = null
      // Its end is told by #gone; nobody else need hear of it.
      this.connect().catch(() => {})
    }, this.#pauseMs)
    this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS)
  }
}
