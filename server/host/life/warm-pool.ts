/** Sandboxes made before anybody asks for them, so that a learner gets one at once; more of them while many learners come. */
import type { Log } from '../../log.ts'
import type { SandboxInfo, SandboxProvider } from '../providers/provider.ts'

/** The owner of a sandbox that nobody has yet. */
export const NOBODY = ''

/** Arrivals of this time decide how many are kept. */
const MEMORY_MS = 120_000
/** After a learner has come, so long nothing is made: their own shell goes first. */
const REST_MS = 250
/** After a failure the next attempt waits so long. */
const PAUSE_MS = 20_000

export interface WarmPoolOptions {
  provider: SandboxProvider
  min: number
  /** 0: none are made. */
  max: number
  newId: () => string
  now: () => number
  /** How many more sandboxes this lab may have now, those of the pool included. */
  room: () => number
  /** A learner's sandbox is being made: the pool waits. */
  busy: () => boolean
  /** One is there that was not. */
  onReady: () => void
  log: Log
}

export class WarmPool {
  readonly #options: WarmPoolOptions
  readonly #ready: SandboxInfo[] = []
  #making: string | null = null
  #working: Promise<void> | null = null
  #arrivals: number[] = []
  #restUntil = 0
  #closed = false

  constructor(options: WarmPoolOptions) {
    this.#options = options
  }

  /** Ready ones and the one in the making. */
  get size(): number {
    return this.#ready.length + (this.#making ? 1 : 0)
  }

  get ready(): number {
    return this.#ready.length
  }

  get ids(): string[] {
    return [...this.#ready.map(({ id }) => id), ...(this.#making ? [this.#making] : [])]
  }

  /** As many as half of those who came within two minutes, between the bounds. */
  get target(): number {
    const { min, max, now } = this.#options
    this.#arrivals = this.#arrivals.filter((at) => now() - at < MEMORY_MS)
    return Math.min(max, Math.max(min, Math.ceil(this.#arrivals.length / 2)))
  }

  /** One of an earlier host process. */
  adopt(info: SandboxInfo): void {
    this.#ready.push(info)
  }

  /** A whole sandbox that belongs to `owner` from now on; null if there is none. */
  async claim(owner: string, unsettled = false): Promise<SandboxInfo | null> {
    const { provider, now, log } = this.#options
    this.#arrivals.push(now())
    this.#restUntil = now() + REST_MS
    for (;;) {
      const info = this.#ready.shift()
      if (!info) return null
      try {
        if (await provider.isAlive(info.id)) return await provider.assign(info.id, owner, { unsettled })
      } catch (error) {
        log.warn({ sandbox: info.id, error: (error as Error).message }, 'warm sandbox could not be used')
      }
      await this.#destroy(info.id)
    }
  }

  /** One step towards the target; call it often. */
  tend(): void {
    const { now, room, busy } = this.#options
    if (this.#working || this.#closed || now() < this.#restUntil) return
    const wanted = Math.min(this.target, this.size + Math.max(0, room()))
    if (this.#ready.length > Math.min(this.target, this.#ready.length + room())) {
      const extra = this.#ready.pop()!
      this.#work(this.#destroy(extra.id))
    } else if (this.size < wanted && !busy()) this.#work(this.#make())
  }

  /** Every sandbox of the pool is destroyed, if told so. */
  async close(destroy: boolean): Promise<void> {
    this.#closed = true
    await this.#working
    if (destroy) await Promise.all(this.#ready.splice(0).map(({ id }) => this.#destroy(id)))
  }

  #work(work: Promise<void>): void {
    this.#working = work.finally(() => {
      this.#working = null
    })
  }

  async #make(): Promise<void> {
    const { provider, newId, now, log, onReady } = this.#options
    this.#making = newId()
    try {
      const info = await provider.create(this.#making, NOBODY)
      this.#ready.push(info)
    } catch (error) {
      this.#restUntil = now() + PAUSE_MS
      log.warn({ error: (error as Error).message }, 'no sandbox could be made in advance')
    } finally {
      this.#making = null
    }
    onReady()
  }

  #destroy(id: string): Promise<void> {
    return this.#options.provider.destroy(id).catch((error: Error) => {
      this.#options.log.error({ sandbox: id, error: error.message }, 'sandbox could not be destroyed')
    })
  }
}
