/** Sandboxes on their way out: made whole first, their learner's files kept where they are to be, then destroyed. */
import type { Log } from '../../log.ts'
import type { SandboxProvider } from '../providers/provider.ts'
import type { Session } from '../session.ts'
import type { WorkKeeper } from '../work/keeper.ts'
import type { Arrivals } from './arrivals.ts'

/** A sandbox waits so long for its files to be kept. */
const LAST_KEEP_MS = 15_000

export interface DeparturesOptions {
  provider: SandboxProvider
  arrivals: Arrivals
  work: WorkKeeper
  /** One is gone that took room. */
  onGone: () => void
  log: Log
}

export class Departures {
  readonly #options: DeparturesOptions
  /** They still take room. */
  readonly #ending = new Map<Session, Promise<void>>()

  constructor(options: DeparturesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#ending.size
  }

  get sessions(): Session[] {
    return [...this.#ending.keys()]
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#ending.values())
  }

  /** Ends a session with its sandbox. `owner`: whose files are to be kept before; null: nobody's. Never rejects. */
  begin(session: Session, owner: string | null = null): void {
    const { log, onGone } = this.#options
    const ending = this.#end(session, owner).catch((error: Error) => {
      // What is left is found by the reaper, or by the next start.
      log.error({ sandbox: session.id, error: error.message }, 'sandbox could not be destroyed')
    })
    this.#ending.set(session, ending)
    void ending.finally(() => {
      this.#ending.delete(session)
      onGone()
    })
  }

  async #end(session: Session, owner: string | null): Promise<void> {
    const { provider, arrivals, work, log } = this.#options
    const arriving = arrivals.of(session)
    await arriving
    if (owner !== null && !arriving) await work.keep(owner, session, LAST_KEEP_MS)
    session.end()
    if (session.id) await provider.destroy(session.id)
    log.info({ sandbox: session.id }, 'sandbox destroyed')
  }
}
