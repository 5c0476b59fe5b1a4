/** Looks at the limits of all sandboxes in turn and has their learners told: cheaply from outside, and inside only where something happens. */
import { setImmediate as letOthers } from 'node:timers/promises'
import type { Log } from '../../log.ts'
import type { LimitNotice } from '../../protocol/index.ts'
import { AgentError } from '../agent/channel.ts'
import { now } from '../life/clock.ts'
import type { Pressure, SandboxProvider } from '../providers/provider.ts'
import type { Session } from '../session.ts'
import { KernelLog } from './kernel-log.ts'
import { protectShells } from './shells.ts'
import { type LimitSizes, LimitWatch } from './watch.ts'

/** Two looks into a sandbox are at least so far apart. */
const INSIDE_MS = 5000
/** Its disk has grown by so much since: worth a look. */
const GROWN_BYTES = 4 * 1024 * 1024
/** With so much of the memory in use the shells are protected, and below the other share no longer. */
const SHORT = 0.7
const ENOUGH = 0.5

const NOTHING: Pressure = {
  ...{ oomKills: 0, memoryBytes: 0, pidsRefused: 0, pids: 0, cpuPeriods: 0, cpuThrottled: 0 },
  diskSeconds: [],
}

interface Watched {
  watch: LimitWatch
  lookedAt: number
  diskBytes: number
  looking: boolean
  isShort: boolean
}

export class LimitKeeper {
  readonly #provider: SandboxProvider
  readonly #sizes: LimitSizes
  readonly #log: Log
  readonly #more: (session: Session) => LimitNotice[]
  readonly #kernel = new KernelLog()
  readonly #watched = new WeakMap<Session, Watched>()

  /** `more`: what learners are to know besides. */
  constructor(
    provider: SandboxProvider,
    sizes: LimitSizes,
    log: Log,
    more: (session: Session) => LimitNotice[] = () => [],
  ) {
    this.#more = more
    this.#provider = provider
    this.#sizes = sizes
    this.#log = log
  }

  /** One round over the sandboxes that are ready, a millisecond for each at most, with everything else in between. */
  async sweep(sessions: Session[]): Promise<void> {
    const kills = this.#kernel.kills()
    const read = this.#provider.pressureReader()
    for (const session of sessions) {
      await letOthers()
      if (session.view.state !== 'ready') continue
      const watched = this.#of(session)
      const cgroup = this.#provider.cgroupName(session.id)
      const killed = kills.filter((kill) => kill.cgroup === cgroup).map(({ program }) => program)
      const pressure = read(session.id)
      watched.watch.count(pressure, killed, now())
      watched.watch.printing(session.printsTooMuch, now())
      this.#protect(session, watched, pressure.memoryBytes, cgroup)
      this.#tell(session, watched)
      if (this.#isDue(session, watched)) void this.#look(session, watched)
    }
  }

  /** A sandbox nobody had before: whatever it has met by now is news. */
  begin(session: Session): void {
    this.#of(session).watch.count(NOTHING, [], now())
  }

  close(): void {
    this.#kernel.close()
  }

  #of(session: Session): Watched {
    const known = this.#watched.get(session)
    if (known) return known
    const watch = new LimitWatch(this.#sizes)
    const fresh = { watch, lookedAt: now(), diskBytes: 0, looking: false, isShort: false }
    this.#watched.set(session, fresh)
    return fresh
  }

  #protect(session: Session, watched: Watched, memoryBytes: number, cgroup: string): void {
    const share = memoryBytes / this.#sizes.memoryBytes
    const isShort = watched.isShort ? share > ENOUGH : share > SHORT
    // Again while it lasts: there may be another shell by now.
    if (isShort || watched.isShort) protectShells(session.shellPids, cgroup, isShort)
    watched.isShort = isShort
  }

  #tell(session: Session, { watch }: Watched): void {
    session.tellLimits([...this.#more(session), ...watch.notices(now())])
  }

  #isDue(session: Session, watched: Watched): boolean {
    if (watched.looking || session.lonelySince !== null || now() - watched.lookedAt < INSIDE_MS) return false
    if (session.lifetime.seenAt > watched.lookedAt) return true
    if (watched.watch.notices(now()).length > 0) return true
    return this.#provider.diskBytes(session.id) - watched.diskBytes > GROWN_BYTES
  }

  async #look(session: Session, watched: Watched): Promise<void> {
    watched.looking = true
    watched.diskBytes = this.#provider.diskBytes(session.id)
    try {
      const channel = await session.connect()
      const inside = await channel.lookInside()
      if (inside) watched.watch.see(inside, now())
      this.#tell(session, watched)
    } catch (error) {
      if (!(error instanceof AgentError)) this.#log.error({ error: (error as Error).stack }, 'limits')
    } finally {
      watched.looking = false
      watched.lookedAt = now()
    }
  }
}
