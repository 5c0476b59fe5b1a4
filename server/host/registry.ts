/** Which learner has which sandbox: made on first need, found again, ended when idle, old, broken or asked to. */
import { randomInt } from 'node:crypto'
import type { Log } from '../log.ts'
import { higher, type SandboxView, type Tier } from '../protocol/index.ts'
import type { SandboxProvider } from './providers/provider.ts'
import { type Peer, Refused, Session } from './session.ts'

export interface RegistryOptions {
  maxSandboxes: number
  maxTerminals: number
  /** Milliseconds without a tab after which a sandbox is destroyed. */
  idleMs: number
  /** Milliseconds after which it is destroyed in any case. */
  maxLifeMs: number
  /** How often all of this is looked at. */
  sweepMs?: number
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const newId = () => Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)]).join('')

export class Registry {
  readonly #provider: SandboxProvider
  readonly #options: RegistryOptions
  readonly #log: Log
  readonly #sessions = new Map<string, Session>()
  /** Sandboxes on their way in: none may be ended before it is made, or it would be made after its end. */
  readonly #creating = new Map<Session, Promise<void>>()
  /** Sandboxes on their way out; `close` waits for them. */
  readonly #ending = new Set<Promise<void>>()
  readonly #timer: NodeJS.Timeout
  #sweeping = false

  constructor(provider: SandboxProvider, options: RegistryOptions, log: Log) {
    this.#provider = provider
    this.#options = options
    this.#log = log
    this.#timer = setInterval(() => void this.#sweep(), options.sweepMs ?? 5000)
    this.#timer.unref()
  }

  /** Cleans up after an earlier host process and takes over its whole sandboxes. Returns how many. */
  async adopt(): Promise<number> {
    const found = await this.#provider.reconcile()
    for (const { id, owner, createdAt, tier } of found) {
      this.#sessions.set(owner, this.#session(id, createdAt, { state: 'ready', id, startedMs: 0, tier }))
    }
    return found.length
  }

  get size(): number {
    return this.#sessions.size
  }

  /** The learner's session with this tab in it; begins to make a sandbox if there is none. Throws Refused if all are in use. */
  join(owner: string, peer: Peer): Session {
    let session = this.#sessions.get(owner)
    if (!session || session.view.state === 'failed' || session.view.state === 'ended') {
      session = this.#create(owner, peer.tier)
    }
    session.join(peer)
    return session
  }

  /** A fresh sandbox for this learner; every tab of theirs moves over to it and is told. Throws Refused if all are in use. */
  reset(owner: string, asking: Peer): void {
    const old = this.#sessions.get(owner)
    if (old?.view.state === 'creating') return
    const peers = new Set([asking, ...(old?.peers ?? [])])
    if (old) {
      this.#sessions.delete(owner)
      for (const peer of peers) old.leave(peer)
      void this.#end(old)
    }
    // Every tab that moves over must find what its lesson needs.
    const tier = [...peers].map((peer) => peer.tier).reduce(higher)
    const session = this.#create(owner, tier)
    for (const peer of peers) {
      session.join(peer)
      peer.send(session.welcome)
    }
  }

  /** The session a learner's tabs are in now: another one after a reset, none after its end. */
  find(owner: string): Session | undefined {
    return this.#sessions.get(owner)
  }

  /** Stops; `destroy`: and ends every sandbox. Otherwise they run on, to be adopted. */
  async close(destroy: boolean): Promise<void> {
    clearInterval(this.#timer)
    if (destroy)
      for (const [owner, session] of this.#sessions) this.#expire(owner, session, 'The lab has been stopped.')
    await Promise.allSettled(this.#ending)
  }

  #session(id: string, createdAt: number, view: SandboxView): Session {
    const { maxTerminals } = this.#options
    return new Session({ id, createdAt, view, maxTerminals, provider: this.#provider, log: this.#log })
  }

  #create(owner: string, tier: Tier): Session {
    if (!this.#sessions.has(owner) && this.#sessions.size >= this.#options.maxSandboxes)
      throw new Refused('full')
    const began = performance.now()
    const session = this.#session(newId(), Date.now(), { state: 'creating', doing: 'creating your sandbox' })
    this.#sessions.set(owner, session)
    const made = this.#provider.create(session.id, owner, { tier }).then(
      () => {
        // The lab may have been stopped meanwhile.
        if (session.view.state !== 'creating') return
        const startedMs = Math.round(performance.now() - began)
        this.#log.info({ sandbox: session.id, tier, startedMs }, 'sandbox ready')
        session.setView({ state: 'ready', id: session.id, startedMs, tier })
      },
      (error: Error) => {
        this.#log.error({ sandbox: session.id, error: error.message }, 'sandbox could not be created')
        session.setView({
          state: 'failed',
          message: 'Your sandbox could not be created.',
          hint: `${error.message.split('\n').at(-1)}. Try again; if it stays so, the operator finds more in the log.`,
        })
      },
    )
    this.#creating.set(session, made)
    void made.finally(() => this.#creating.delete(session))
    return session
  }

  #expire(owner: string, session: Session, reason: string): void {
    this.#sessions.delete(owner)
    session.setView({ state: 'ended', reason })
    void this.#end(session)
  }

  #end(session: Session): Promise<void> {
    const ending = (async () => {
      await this.#creating.get(session)
      session.end()
      await this.#provider.destroy(session.id)
      this.#log.info({ sandbox: session.id }, 'sandbox destroyed')
    })().catch((error: Error) => {
      // What is left is found by the next start.
      this.#log.error({ sandbox: session.id, error: error.message }, 'sandbox could not be destroyed')
    })
    this.#ending.add(ending)
    void ending.finally(() => this.#ending.delete(ending))
    return ending
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping) return
    this.#sweeping = true
    const { idleMs, maxLifeMs } = this.#options
    for (const [owner, session] of [...this.#sessions]) {
      if (session.view.state === 'creating') continue
      const now = Date.now()
      const idle = session.lonelySince !== null && now - session.lonelySince > idleMs
      if (session.view.state !== 'ready') {
        if (session.lonelySince !== null) this.#sessions.delete(owner)
      } else if (idle)
        this.#expire(owner, session, 'Nobody was here for a while, so this sandbox was cleared away.')
      else if (now - session.createdAt > maxLifeMs) {
        this.#expire(owner, session, 'This sandbox has reached the end of its life.')
      } else if (!(await this.#provider.isAlive(session.id))) {
        this.#expire(
          owner,
          session,
          'The first process of this sandbox has ended, and everything in it with it.',
        )
      }
    }
    this.#sweeping = false
  }
}
