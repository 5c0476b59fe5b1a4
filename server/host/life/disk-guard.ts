/** While the host's disk is nearly full, sandboxes that write are paused before they lose what they write; they go on when there is room. */
import type { Log } from '../../log.ts'
import type { LimitNotice } from '../../protocol/index.ts'
import type { SandboxProvider } from '../providers/provider.ts'
import type { Session } from '../session.ts'

/** A sandbox whose disk has grown by more since the last look is writing. */
const GROWTH_BYTES = 512 * 1024
const SELDOM_MS = 2000
/** With less than four times what is kept free it is looked at so often. */
const OFTEN_MS = 200

export interface DiskGuardOptions {
  provider: Pick<SandboxProvider, 'diskBytes' | 'pause'>
  /** Free bytes of the disk that sandboxes' disks are on. */
  freeBytes: () => number
  /** Below this, writers are paused. What the kernel has yet to write of theirs must fit. 0: never. */
  pauseBelowBytes: number
  /** Those that are ready. */
  sessions: () => Iterable<Session>
  log: Log
}

export class DiskGuard {
  readonly #options: DiskGuardOptions
  readonly #sizes = new WeakMap<Session, number>()
  readonly #paused = new Map<Session, string>()
  #freeMib = Number.POSITIVE_INFINITY
  #isShort = false
  #pauses = 0
  #timer: NodeJS.Timeout | null = null

  constructor(options: DiskGuardOptions) {
    this.#options = options
    if (options.pauseBelowBytes > 0) this.#tick()
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    // What is paused stays so: nobody would stop it while the lab is away. A later host process lets it go on.
  }

  /** What a learner is to know of it. */
  notices(session: Session): LimitNotice[] {
    if (!this.#isShort) return []
    const isPaused = this.#paused.has(session)
    return [
      {
        limit: 'lab-disk',
        level: isPaused ? 'reached' : 'near',
        count: isPaused ? this.#pauses : 0,
        what: isPaused
          ? 'It was writing, and the disk of the machine that all sandboxes share is nearly full. Nothing of yours is lost.'
          : 'The disk of the machine that all sandboxes share is nearly full.',
        hint: isPaused
          ? 'It goes on by itself, where it was, as soon as there is room. Tell whoever runs this lab. Starting over makes room, too.'
          : 'Write little and delete what you do not need: a sandbox that writes is paused until there is room.',
      },
    ]
  }

  #tick(): void {
    const { freeBytes, pauseBelowBytes, log } = this.#options
    let free = Number.POSITIVE_INFINITY
    try {
      free = freeBytes()
      this.#look(free)
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'the disk could not be looked at')
    }
    this.#timer = setTimeout(() => this.#tick(), free < 4 * pauseBelowBytes ? OFTEN_MS : SELDOM_MS)
    this.#timer.unref()
  }

  #look(free: number): void {
    const { provider, pauseBelowBytes, sessions, log } = this.#options
    const wasShort = this.#isShort
    // A little more than the bound, so that it is not crossed to and fro.
    this.#isShort = free < pauseBelowBytes * (wasShort ? 1.1 : 1)
    this.#freeMib = Math.floor(free / 1024 / 1024)
    if (this.#isShort !== wasShort)
      log.warn(
        { freeMib: this.#freeMib },
        this.#isShort ? 'disk nearly full: sandboxes that write are paused' : 'disk has room again',
      )
    if (!this.#isShort)
      for (const [session, id] of this.#paused) {
        provider.pause(id, false)
        this.#paused.delete(session)
      }
    for (const session of sessions()) {
      const size = provider.diskBytes(session.id)
      const grown = size - (this.#sizes.get(session) ?? size)
      this.#sizes.set(session, size)
      if (!this.#isShort || grown < GROWTH_BYTES || this.#paused.has(session)) continue
      if (!provider.pause(session.id, true)) continue
      this.#pauses++
      this.#paused.set(session, session.id)
      log.warn({ sandbox: session.id, freeMib: this.#freeMib }, 'sandbox paused')
    }
  }
}
