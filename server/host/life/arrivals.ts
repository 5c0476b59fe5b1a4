/** Sandboxes on their way in: claimed from those kept ready or made, with the learner's kept files put back. */
import { randomInt } from 'node:crypto'
import type { Log } from '../../log.ts'
import { DEFAULT_TIER, higher } from '../../protocol/index.ts'
import type { CreateOptions, SandboxProvider } from '../providers/provider.ts'
import type { Session } from '../session.ts'
import type { WorkKeeper } from '../work/keeper.ts'
import { now } from './clock.ts'
import type { WarmPool } from './warm-pool.ts'

/** A creation that fails sooner is tried once more: it has cost nobody much time. */
const QUICK_MS = 5000

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
export const newId = () => Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)]).join('')

export interface ArrivalsOptions {
  provider: SandboxProvider
  pool: WarmPool
  work: WorkKeeper
  /** There is no room for one beside those kept ready. */
  isFull: () => boolean
  /** Called when a sandbox is whole, just before its learner is told. */
  onWhole: (session: Session) => void
  log: Log
}

export class Arrivals {
  readonly #options: ArrivalsOptions
  /** None may be ended before it is made, or it would be made after its end. */
  readonly #creating = new Map<Session, Promise<void>>()

  constructor(options: ArrivalsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#creating.size
  }

  get sessions(): Session[] {
    return [...this.#creating.keys()]
  }

  /** Resolves when this one has a sandbox or has failed to get one; undefined if it is not on its way in. */
  of(session: Session): Promise<void> | undefined {
    return this.#creating.get(session)
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#creating.values())
  }

  /** Gets a sandbox for this learner's session; what comes of it is in the session's view. */
  begin(owner: string, session: Session): void {
    session.setView({ state: 'creating', doing: 'creating your sandbox' })
    // The claim is made before anybody else can be asked whether there is room.
    const made = this.#bring(owner, session).catch((error: Error) => this.#failed(session, error))
    this.#creating.set(session, made)
    void made.finally(() => this.#creating.delete(session))
  }

  async #bring(owner: string, session: Session): Promise<void> {
    const { provider, pool, work, isFull, onWhole, log } = this.#options
    const began = now()
    // Every tab must find what its lesson needs, and no more than that.
    const needed = session.peers.map((peer) => peer.tier).reduce(higher)
    // Those made in advance can do most: for less, one is made, unless there is room for no other.
    const warms = needed === DEFAULT_TIER || isFull()
    const hasKept = work.hasKept(owner)
    const warm = await (warms ? pool.claim(owner, hasKept) : null)
    if (warm) session.begin(warm)
    else await this.#make(owner, session, { tier: needed, unsettled: hasKept })
    // The lab may have been stopped meanwhile.
    if (session.view.state !== 'creating') return
    if (hasKept) {
      session.setView({ state: 'creating', doing: 'putting your files back' })
      await work.restore(owner, session)
      // If this cannot be written the sandbox does not outlive this process; its files do.
      await provider
        .settle(session.id)
        .catch((error: Error) => log.warn({ sandbox: session.id, error: error.message }, 'unsettled'))
    }
    if (session.view.state !== 'creating') return
    onWhole(session)
    const startedMs = now() - began
    const tier = warm?.tier ?? needed
    log.info({ sandbox: session.id, tier, startedMs, warm: warm !== null }, 'sandbox ready')
    session.setView({ state: 'ready', id: session.id, startedMs, tier })
  }

  async #make(owner: string, session: Session, options: CreateOptions): Promise<void> {
    const { provider, log } = this.#options
    const began = now()
    for (let tries = 1; ; tries++) {
      const id = newId()
      session.begin({ id, bornAt: now() })
      try {
        return void (await provider.create(id, owner, options))
      } catch (error) {
        if (tries > 1 || now() - began > QUICK_MS || session.view.state !== 'creating') throw error
        log.warn({ sandbox: id, error: (error as Error).message }, 'creation failed, trying once more')
      }
    }
  }

  #failed(session: Session, error: Error): void {
    this.#options.log.error({ sandbox: session.id, error: error.message }, 'sandbox could not be created')
    session.setView({
      state: 'failed',
      message: 'Your sandbox could not be created.',
      hint: `${error.message.split('\n').at(-1)}. Try again; if it stays so, the operator finds more in the log.`,
    })
  }
}
