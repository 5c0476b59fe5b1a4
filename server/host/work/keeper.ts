/** Keeps learners' files when their sandboxes end, now and then before that, and puts them into the next one. */
import type { Readable } from 'node:stream'
import type { Log } from '../../log.ts'
import { now } from '../life/clock.ts'
import type { SandboxProvider } from '../providers/provider.ts'
import type { Session } from '../session.ts'
import { step } from '../steps.ts'
import { pack, SAVE_MS, unpack } from './archive.ts'
import { WorkStore } from './store.ts'

/** Putting files back may take so long, and is tried so often: what hangs or fails once may not do so again. */
const RESTORE_MS = 20_000
const TRIES = 2
/** So many are packed at once. */
const AT_ONCE = 3

export interface KeeperOptions {
  provider: SandboxProvider
  stateDir: string
  /**
   * Of each learner before compression, of all together compressed, and for how many days; how often while somebody
   * works. `bytes` 0: nothing is kept.
   */
  save: { bytes: number; totalBytes: number; days: number; everyMs: number }
  log: Log
}

interface Kept {
  at: number
  hash: string
}

export class WorkKeeper {
  readonly #options: KeeperOptions
  /** Null if nothing is to be kept. */
  readonly #store: WorkStore | null
  readonly #kept = new WeakMap<Session, Kept>()
  readonly #running = new Map<Session, Promise<void>>()
  /** Whose earlier files are in neither the sandbox nor a safe place: the archive stays as it is. */
  readonly #spared = new WeakSet<Session>()
  /** What is being kept of each learner now: their next sandbox waits for it. */
  readonly #underWay = new Map<string, Promise<void>>()
  #free = AT_ONCE
  readonly #waiting: (() => void)[] = []

  constructor(options: KeeperOptions) {
    this.#options = options
    const { stateDir, save } = options
    this.#store = save.bytes > 0 ? new WorkStore(stateDir, save) : null
  }

  /** Begins to keep the files of those who have done something since the last time; call it often. */
  tend(sessions: Iterable<[string, Session]>): void {
    if (!this.#store) return
    for (const [owner, session] of sessions) {
      const kept = this.#kept.get(session) ?? { at: session.begunAt, hash: '' }
      if (session.view.state !== 'ready' || this.#running.size >= AT_ONCE) continue
      const { everyMs } = this.#options.save
      // Once more after the last key: what it has started goes on for a while.
      if (now() - kept.at < everyMs || session.lifetime.seenAt + everyMs < kept.at) continue
      void this.keep(owner, session)
    }
  }

  /** Keeps the learner's files as they are, within `patienceMs`. Resolves in any case; what went wrong is in the log. */
  async keep(owner: string, session: Session, patienceMs = SAVE_MS): Promise<void> {
    const store = this.#store
    if (!store || this.#spared.has(session)) return
    const kept = this.#keepInTurn(store, owner, session, now() + patienceMs)
    this.#underWay.set(owner, kept)
    await kept
    if (this.#underWay.get(owner) === kept) this.#underWay.delete(owner)
  }

  async #keepInTurn(store: WorkStore, owner: string, session: Session, until: number): Promise<void> {
    await this.#running.get(session)
    const turn = this.#keep(store, owner, session, until).catch((error: Error) =>
      this.#options.log.warn({ sandbox: session.id, error: error.message }, 'files could not be kept'),
    )
    this.#running.set(session, turn)
    await turn
    this.#running.delete(session)
  }

  async #keep(store: WorkStore, owner: string, session: Session, until: number): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      if (now() >= until) throw new Error('there was no time left')
      await this.#pack(store, owner, session, until)
    } finally {
      // Whoever is next takes this place; without anybody it is free.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  async #pack(store: WorkStore, owner: string, session: Session, until: number): Promise<void> {
    step('keep.before')
    const { provider, save } = this.#options
    const known = this.#kept.get(session)?.hash ?? ''
    this.#kept.set(session, { at: now(), hash: known })
    const { stream, done } = pack(provider, session.id, {
      since: provider.imageTime(session.id),
      maxBytes: save.bytes,
      known,
      patienceMs: until - now(),
    })
    await store.put(
      owner,
      stream,
      done.then(() => this.#stillTheirs(session)),
    )
    this.#kept.set(session, { at: now(), hash: (await done) ?? known })
  }

  /** Puts the files that were kept into the learner's new sandbox, and has them told. Resolves in any case. */
  async restore(owner: string, session: Session): Promise<void> {
    // Whoever comes back at once would otherwise find what was kept the time before.
    await this.#underWay.get(owner)
    const savedAt = this.#store?.savedAt(owner)
    if (!this.#store || !savedAt) return
    const { provider, log } = this.#options
    step('restore.before')
    for (let tries = 1; ; tries++) {
      try {
        await unpack(provider, session.id, this.#store.open(owner), RESTORE_MS)
        step('restore.after')
        return session.tellRestored({ savedAt, ok: true })
      } catch (error) {
        const why = (error as Error).message
        if (tries < TRIES) continue
        // What is kept next would take its place.
        const aside = this.#store.setAside(owner)
        if (!aside) this.#spared.add(session)
        log.error(
          { sandbox: session.id, error: why, archive: aside ?? 'left' },
          'files could not be put back',
        )
        return session.tellRestored({ savedAt, ok: false })
      }
    }
  }

  hasKept(owner: string): boolean {
    return this.#underWay.has(owner) || this.#store?.savedAt(owner) != null
  }

  /** The learner wants to begin anew: also without their files. */
  discard(owner: string, session: Session): void {
    session.discarded = true
    this.#underWay.delete(owner)
    this.#store?.forget(owner)
  }

  /** The learner's files as a stream, for them to take away. */
  download(session: Session, maxBytes: number): Readable {
    const { provider } = this.#options
    return pack(provider, session.id, { since: provider.imageTime(session.id), maxBytes }).stream
  }

  /** Unpacks what the learner has brought. Rejects with an Error that says why not. */
  upload(session: Session, archive: Readable): Promise<void> {
    return unpack(this.#options.provider, session.id, archive)
  }

  #stillTheirs(session: Session): void {
    if (session.discarded) throw new Error('the learner has begun anew')
  }
}
