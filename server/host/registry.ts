/** Which learner has which sandbox: waited for, made or claimed on first need, found again, ended when its time is over or it broke. */
import { setImmediate as letOthers } from 'node:timers/promises'
import type { Log } from '../log.ts'
import type { HostNote } from '../protocol/index.ts'
import type { DrainState } from './control.ts'
import { Arrivals, newId } from './life/arrivals.ts'
import { now } from './life/clock.ts'
import { Departures } from './life/departures.ts'
import { DiskGuard } from './life/disk-guard.ts'
import { Drain } from './life/drain.ts'
import { ENDED } from './life/ended.ts'
import type { LifeTimes } from './life/lifetime.ts'
import { type Obstacle, WaitingLine } from './life/waiting-line.ts'
import { NOBODY, WarmPool } from './life/warm-pool.ts'
import { LimitKeeper } from './limits/keeper.ts'
import type { LimitSizes } from './limits/watch.ts'
import type { Peer } from './peer.ts'
import type { SandboxProvider } from './providers/provider.ts'
import { Session } from './session.ts'
import { step } from './steps.ts'
import type { TerminalDesk } from './terminals/desk.ts'
import type { Held } from './terminals/terminal.ts'
import { type KeeperOptions, WorkKeeper } from './work/keeper.ts'

export interface RegistryOptions {
  maxSandboxes: number
  /** For one network address; 0: any number. */
  maxPerAddress: number
  maxTerminals: number
  /** Bytes that the terminals of one sandbox may print in a second. */
  outputRate: number
  /** How many sandboxes are kept ready; `max` 0: none. */
  warm: { min: number; max: number }
  life: LifeTimes
  stateDir: string
  /** Where a drain is noted for a host process that is started again in the middle. */
  runDir: string
  /** How much of learners' files is kept beyond their sandboxes. */
  save: KeeperOptions['save']
  /** What a sandbox may use, to put its limits into words. */
  limits: LimitSizes
  /** Whether the disk has room for another sandbox. */
  hasDisk?: () => boolean
  /** What the disk has left, and below how much of it sandboxes that write are paused. */
  freeBytes?: () => number
  pauseBelowBytes?: number
  /** A drain has ended everything. */
  onDrained?: () => void
  /** How often all of this is looked at. */
  sweepMs?: number
}

const SWEEP_MS = 2000
/** What nobody should have left behind is looked for so often. */
const REAP_MS = 60_000

export class Registry {
  readonly #provider: SandboxProvider
  readonly #options: RegistryOptions
  readonly #log: Log
  readonly #sessions = new Map<string, Session>()
  readonly #line = new WaitingLine()
  readonly #pool: WarmPool
  readonly #limits: LimitKeeper
  readonly #disk: DiskGuard
  /** Learners' files beyond their sandboxes. */
  readonly work: WorkKeeper
  readonly #arrivals: Arrivals
  readonly #departures: Departures
  readonly #timer: NodeJS.Timeout
  readonly #drain: Drain
  #sweeping = false
  #stopping = false
  #reapedAt = now()

  constructor(provider: SandboxProvider, options: RegistryOptions, log: Log) {
    this.#provider = provider
    this.#options = options
    this.#log = log
    this.#drain = new Drain(options.runDir, options.save.bytes > 0)
    this.#pool = new WarmPool({
      ...options.warm,
      provider,
      newId,
      now,
      log,
      room: () => this.#room(),
      busy: () => this.#arrivals.size > 0,
      onReady: () => this.#advance(),
    })
    const { freeBytes = () => Number.POSITIVE_INFINITY, pauseBelowBytes = 0 } = options
    this.#disk = new DiskGuard({ provider, freeBytes, pauseBelowBytes, sessions: () => this.#ready, log })
    this.#limits = new LimitKeeper(provider, options.limits, log, (session) => this.#disk.notices(session))
    this.work = new WorkKeeper({ ...options, provider, log })
    const { work } = this
    this.#arrivals = new Arrivals({
      ...{ provider, work, log, pool: this.#pool },
      isFull: () => this.#used > options.maxSandboxes,
      onWhole: (session) => this.#limits.begin(session),
    })
    this.#departures = new Departures({
      ...{ provider, work, log, arrivals: this.#arrivals },
      onGone: () => this.#advance(),
    })
    this.#timer = setInterval(() => void this.#sweep(), options.sweepMs ?? SWEEP_MS)
    this.#timer.unref()
  }

  /** Cleans up after an earlier host process and takes over its whole sandboxes, with `held` of their shells. Returns how many. */
  async adopt(held: (sandbox: string) => Held[] = () => []): Promise<number> {
    const tell = (what: string) => this.#log.warn({ what }, 'cannot go on and is cleared away')
    const newestFirst = (await this.#provider.reconcile(tell)).sort((a, b) => b.bornAt - a.bornAt)
    let adopted = 0
    for (const info of newestFirst) {
      const { id, owner } = info
      if (owner === NOBODY && this.#pool.size < this.#options.warm.max) this.#pool.adopt(info)
      // A host process killed while it exchanged a learner's sandbox has left both: the newer one is theirs.
      else if (owner === NOBODY || this.#sessions.has(owner)) await this.#provider.destroy(id)
      else {
        const session = this.#session()
        session.begin(info)
        session.terminals.takeOver(held(id))
        session.setView({ state: 'ready', id, startedMs: 0, tier: info.tier })
        this.#sessions.set(owner, session)
        adopted++
      }
    }
    return adopted
  }

  /** Those whose sandbox is whole, by its id. */
  get terminals(): Map<string, TerminalDesk> {
    const ready = [...this.#sessions.values()].filter(({ view }) => view.state === 'ready')
    return new Map(ready.map(({ id, terminals }) => [id, terminals]))
  }

  /** Learners with a sandbox, those who wait for one included. */
  get size(): number {
    return this.#sessions.size
  }

  /** How many sandboxes are kept ready now. */
  get warm(): number {
    return this.#pool.ready
  }

  /** The learner's session with this tab in it. If there is none, it begins to wait, and gets a sandbox at once where there is room. */
  join(owner: string, peer: Peer, address = ''): Session {
    let session = this.#sessions.get(owner)
    if (!session || session.view.state === 'failed' || session.view.state === 'ended') {
      session = this.#session()
      this.#sessions.set(owner, session)
      this.#line.add(owner, session)
      step('wait.begun')
    }
    session.address = address
    session.join(peer)
    if (session.view.state === 'waiting') this.#advance()
    return session
  }

  /** A fresh sandbox for this learner; every tab of theirs moves over to it and is told. */
  reset(owner: string, asking: Peer): void {
    const old = this.#sessions.get(owner)
    if (old?.view.state === 'creating' || old?.view.state === 'waiting') return
    const session = this.#session()
    session.address = old?.address ?? ''
    const peers = new Set([asking, ...(old?.peers ?? [])])
    for (const peer of peers) {
      old?.leave(peer)
      session.join(peer)
    }
    this.#sessions.set(owner, session)
    if (old?.view.state === 'ready') {
      this.work.discard(owner, old)
      step('reset.begun')
      this.#departures.begin(old)
      // Their own one goes, so there is room, even if it takes a moment to go.
      this.#arrivals.begin(owner, session)
    } else {
      this.#line.add(owner, session)
      this.#advance()
    }
    for (const peer of peers) peer.send(session.welcome)
  }

  /** The session a learner's tabs are in now: another one after a reset, none after its end. */
  find(owner: string): Session | undefined {
    return this.#sessions.get(owner)
  }

  /** Lets nobody new in, gives those who are here so long, keeps their files, ends everything, and then calls `onDrained`. */
  drain(ms: number): void {
    this.#drain.begin(ms)
    this.#log.info({ minutes: ms / 60_000, learners: this.drainState.learners }, 'draining')
    void this.#sweep()
  }

  cancelDrain(): void {
    if (!this.#drain.isOn) return
    this.#drain.cancel()
    this.#log.info('drain cancelled')
    void this.#sweep()
  }

  get drainState(): DrainState {
    const waiting = this.#line.size
    return { leftMs: this.#drain.leftMs, learners: this.#sessions.size - waiting, waiting }
  }

  /** What its operator should know of. */
  get notes(): HostNote[] {
    return [
      ...(this.#drain.isOn ? (['draining'] as const) : []),
      ...(this.#options.hasDisk?.() === false ? (['disk'] as const) : []),
    ]
  }

  /** Stops; `destroy`: and ends every sandbox. Otherwise they run on, to be adopted. */
  async close(destroy: boolean): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping = true
    this.#advance()
    for (const [owner, session] of [...this.#sessions]) {
      if (session.view.state === 'waiting') continue
      if (destroy) this.#expire(owner, session, ENDED.stopped)
      else session.warn({ why: 'restart', inMs: 0, more: 0 })
    }
    await this.#pool.close(destroy)
    await Promise.all([this.#arrivals.settled(), this.#departures.settled()])
    this.#limits.close()
    this.#disk.close()
    // Otherwise the next host process goes on with it.
    if (destroy) this.#drain.cancel()
  }

  get #ready(): Session[] {
    return [...this.#sessions.values()].filter(({ view }) => view.state === 'ready')
  }

  /** Sandboxes that there are, or are about to be or still are. */
  get #used(): number {
    // Who was refused by a failure has nothing yet, however long they look at the words.
    const without = [...this.#sessions.values()].filter(({ view }) => view.state === 'failed').length
    return this.#sessions.size - without - this.#line.size + this.#departures.size + this.#pool.size
  }

  /** How many sandboxes more there may be; less than none where even those in reserve have to go. */
  #room(): number {
    if (this.#drain.isOn) return -this.#pool.size
    if (this.#options.hasDisk?.() === false) return 0
    return this.#options.maxSandboxes - this.#used
  }

  #session(): Session {
    const { maxTerminals, outputRate, life } = this.#options
    return new Session({ maxTerminals, outputRate, life, now, provider: this.#provider, log: this.#log })
  }

  /** What keeps this learner from getting a sandbox now. */
  #obstacle(session: Session): Obstacle | null {
    const { maxSandboxes, maxPerAddress, hasDisk } = this.#options
    if (this.#stopping || this.#drain.isOn) return { why: 'stopping', limit: 0 }
    const here = [...this.#sessions.values()].filter(
      ({ address, view }) =>
        view.state !== 'waiting' && view.state !== 'failed' && address === session.address,
    )
    if (maxPerAddress > 0 && session.address !== '' && here.length >= maxPerAddress)
      return { why: 'address', limit: maxPerAddress }
    // Also before one that is ready: it grows with what its learner does, like any other.
    if (hasDisk?.() === false) return { why: 'disk', limit: 0 }
    if (this.#pool.ready > 0) return null
    return this.#used >= maxSandboxes ? { why: 'full', limit: maxSandboxes } : null
  }

  #advance(): void {
    this.#line.advance(
      (session) => this.#obstacle(session),
      (owner, session) => this.#arrivals.begin(owner, session),
    )
  }

  #expire(owner: string, session: Session, reason: string): void {
    this.#sessions.delete(owner)
    session.setView({ state: 'ended', reason })
    this.#departures.begin(session, reason === ENDED.broken ? null : owner)
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping) return
    this.#sweeping = true
    try {
      for (const owner of this.#line.forget(now())) this.#sessions.delete(owner)
      for (const [owner, session] of [...this.#sessions]) {
        // With a hundred of them a key would otherwise wait for all.
        await letOthers()
        if (this.#sessions.get(owner) === session) await this.#look(owner, session)
      }
      await this.#limits.sweep(this.#ready)
      if (this.#stopping) return
      this.work.tend(this.#sessions)
      this.#advance()
      this.#pool.tend()
      if (this.#isDrained()) return this.#options.onDrained?.()
      if (now() - this.#reapedAt > REAP_MS) await this.#reap()
    } catch (error) {
      this.#log.error({ error: (error as Error).stack }, 'sweep failed')
    } finally {
      this.#sweeping = false
    }
  }

  async #look(owner: string, session: Session): Promise<void> {
    const { state } = session.view
    if (state === 'creating' || state === 'waiting') return
    if (state !== 'ready') {
      if (session.lonelySince !== null) this.#sessions.delete(owner)
      return
    }
    const verdict = session.lifetime.look()
    if (verdict.state === 'over') return this.#expire(owner, session, ENDED[verdict.why])
    if (this.#drain.isOver(session.lonelySince)) {
      const { save } = this.#options
      return this.#expire(owner, session, save.bytes > 0 ? ENDED.drained : ENDED.stopped)
    }
    session.warn(this.#drain.sooner(verdict.state === 'warn' ? verdict.ending : null))
    const alive = await this.#provider.isAlive(session.id)
    // It may have been exchanged or ended while we looked.
    if (!alive && this.#sessions.get(owner) === session && session.view.state === 'ready')
      return this.#expire(owner, session, ENDED.broken)
    if (alive && !this.#provider.isLimited(session.id)) this.#expire(owner, session, ENDED.unlimited)
  }

  /** Nobody has a sandbox any more, and no sandbox is left. */
  #isDrained(): boolean {
    return this.#drain.isOn && this.#used === 0 && this.#arrivals.size === 0 && !this.#stopping
  }

  /** Ends what is nobody's: left by a failed end, or by something that was killed. */
  async #reap(): Promise<void> {
    this.#reapedAt = now()
    const sessions = [...this.#sessions.values(), ...this.#departures.sessions, ...this.#arrivals.sessions]
    const known = new Set([...sessions.map(({ id }) => id), ...this.#pool.ids])
    const found = await this.#provider.reap((id) => known.has(id))
    if (found.length > 0) this.#log.warn({ found }, 'leftovers removed')
  }
}
