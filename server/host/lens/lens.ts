/** One sandbox's lens: gathers facts while somebody looks, and tells every tab what it looks at. Nobody looks, nothing runs. */
import fs from 'node:fs'
import { type Container, NAMESPACE_TYPES } from '../../../spec/lens/facts.ts'
import { type Look, look } from '../../../spec/lens/look.ts'
import { isTelling } from '../../../spec/lens/timeline.ts'
import type { Log } from '../../log.ts'
import type { LensEvent, LensView, ServerMessage, WatchLens } from '../../protocol/index.ts'
import type { AgentStreams } from '../agent/channel.ts'
import { now } from '../life/clock.ts'
import { Collector, type CollectorEvent } from './collector.ts'
import { LookedAt } from './looked-at.ts'

/** Who hears what the lens has to say. */
interface Watcher {
  send: (message: ServerMessage) => void
  open: boolean
  look: string[]
}

/** The collector goes on for so long after the last one has looked away. */
const LINGER_MS = 5_000
const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000
const ASK_MS = 4_000
const MAX_EVENTS = 400
const MAX_GONE = 12
const MAX_LOOKED_AT = 6

let lastSeq = Date.now() * 1000

/** Initial namespaces have the same numbers on every machine; they give nothing away. */
function hostNamespaces(): Record<string, string> {
  const found: Record<string, string> = {}
  for (const type of NAMESPACE_TYPES) {
    try {
      found[type] = /\[(\d+)\]/.exec(fs.readlinkSync(`/proc/self/ns/${type}`))?.[1] ?? ''
    } catch {
      // An older kernel.
    }
  }
  return found
}

export class SandboxLens {
  readonly #start: () => AgentStreams
  readonly #log: Log
  readonly #watchers = new Map<object, Watcher>()
  readonly #containers = new Map<string, Container>()
  readonly #lookedAt = new Map<string, LookedAt>()
  /** Questions keep a container looked at for a while. */
  readonly #askedUntil = new Map<string, number>()
  #events: LensEvent[] = []
  readonly #host = hostNamespaces()
  #collector: Collector | null = null
  #state: 'starting' | 'live' | 'failed' = 'starting'
  #why = ''
  #more = 0
  #unseen = new Set<string>()
  #lastPlan = 0
  #pauseMs = FIRST_PAUSE_MS
  #retry: NodeJS.Timeout | null = null
  #linger: NodeJS.Timeout | null = null
  #waiting = new Set<() => void>()
  #ended = false

  /** `start` runs the collector in the sandbox. */
  constructor(start: () => AgentStreams, log: Log) {
    this.#start = start
    this.#log = log
  }

  /** What this tab wants from now on; `key` names it. */
  watch(key: object, message: WatchLens, send: (message: ServerMessage) => void): void {
    const before = this.#watchers.get(key)
    const watcher: Watcher = { send, open: message.open, look: message.open ? message.look : [] }
    this.#watchers.set(key, watcher)
    this.#tend()
    if (!message.open) return send({ ...this.#view(), state: 'off', containers: [] })
    send(this.#view())
    if (!before?.open && this.#events.length > 0) send({ type: 'lens-events', events: this.#events })
    for (const dir of watcher.look) {
      const looked = this.#lookedAt.get(dir)
      if (looked?.complete && !before?.look.includes(dir))
        send({ type: 'lens-readings', dir, reset: true, readings: looked.readings })
    }
  }

  leave(key: object): void {
    this.#watchers.delete(key)
    this.#tend()
  }

  end(): void {
    this.#ended = true
    this.#watchers.clear()
    for (const timer of [this.#retry, this.#linger]) if (timer) clearTimeout(timer)
    this.#collector?.close()
    this.#collector = null
  }

  /**
   * Everything about the container of this id, from facts at most about a second old: for checks on meaning. Containers
   * of runc's own root come first. Null if there is none; rejects with a sentence if the facts cannot be gathered.
   */
  async ask(id: string): Promise<Look | null> {
    const until = now() + ASK_MS
    this.#askedUntil.set('', until + LINGER_MS)
    this.#tend()
    await this.#until(until, () => this.#state === 'live')
    const found = [...this.#containers.values()]
      .filter(
        (each) =>
          each.phase !== 'gone' &&
          (each.id === id || (each.owner === 'docker' && id.length >= 12 && each.id.startsWith(id))),
      )
      .sort((one, other) => Number(other.owner === 'runc') - Number(one.owner === 'runc'))[0]
    if (!found) return null
    this.#askedUntil.set(found.dir, until + LINGER_MS)
    this.#tend()
    await this.#until(
      until,
      () => this.#lookedAt.get(found.dir)?.complete || !this.#containers.has(found.dir),
    )
    const container = this.#containers.get(found.dir)
    const looked = this.#lookedAt.get(found.dir)
    return container && looked ? look(container, looked.readings) : null
  }

  /** Resolves when `condition` holds after some change; rejects if that does not come. */
  #until(deadline: number, condition: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        if (error) reject(error)
        else resolve()
      }
      const look = () => {
        if (condition()) done()
        else if (this.#ended) done(new Error('The sandbox has ended.'))
      }
      const timer = setTimeout(
        () => done(new Error(`Could not read what runs in the sandbox${this.#why ? `: ${this.#why}` : ''}.`)),
        Math.max(0, deadline - now()),
      )
      this.#waiting.add(look)
      look()
    })
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look()
  }

  get #wanted(): boolean {
    const at = now()
    for (const [dir, until] of this.#askedUntil) if (until < at) this.#askedUntil.delete(dir)
    return (
      !this.#ended && (this.#askedUntil.size > 0 || [...this.#watchers.values()].some(({ open }) => open))
    )
  }

  /** After every change of who wants what: starts and stops the collector and its plans. */
  #tend(): void {
    if (this.#linger) clearTimeout(this.#linger)
    this.#linger = null
    if (this.#wanted) {
      if (!this.#collector && !this.#retry) this.#open()
      this.#tendPlans()
    }
    if (this.#collector && (!this.#wanted || this.#askedUntil.size > 0)) {
      this.#linger = setTimeout(() => {
        if (this.#wanted) return this.#tend()
        this.#close()
      }, LINGER_MS)
    }
  }

  #tendPlans(): void {
    const collector = this.#collector
    if (!collector) return
    const wanted = new Set([
      ...this.#askedUntil.keys(),
      ...[...this.#watchers.values()].flatMap((each) => each.look),
    ])
    for (const [dir, looked] of this.#lookedAt) {
      if (wanted.has(dir)) continue
      collector.dropPlan(looked.plan)
      this.#lookedAt.delete(dir)
    }
    for (const dir of wanted) {
      const container = this.#containers.get(dir)
      if (!container || this.#lookedAt.has(dir)) continue
      if (this.#lookedAt.size >= MAX_LOOKED_AT && !this.#makeRoom(collector)) continue
      const replace = (old: number, entries: string[]) => {
        if (old) collector.dropPlan(old)
        const id = ++this.#lastPlan
        collector.setPlan(id, entries)
        return id
      }
      this.#lookedAt.set(dir, new LookedAt(container, { replace }))
    }
  }

  /** Of what only questions keep, the one that was asked for longest ago gives way. */
  #makeRoom(collector: Collector): boolean {
    const watched = new Set([...this.#watchers.values()].flatMap((each) => each.look))
    const [oldest] = [...this.#lookedAt.keys()]
      .filter((dir) => !watched.has(dir))
      .sort((one, other) => (this.#askedUntil.get(one) ?? 0) - (this.#askedUntil.get(other) ?? 0))
    if (oldest === undefined) return false
    collector.dropPlan(this.#lookedAt.get(oldest)!.plan)
    this.#lookedAt.delete(oldest)
    this.#askedUntil.delete(oldest)
    return true
  }

  #open(): void {
    this.#state = 'starting'
    this.#unseen = new Set(this.#containers.keys())
    const began = now()
    this.#collector = new Collector(this.#start(), {
      onContainer: (container) => this.#onContainer(container),
      onScanned: (more) => this.#onScanned(more),
      onEvent: (event) => this.#onEvent(event),
      onReadings: (plan, readings) => {
        for (const [dir, looked] of this.#lookedAt) {
          if (looked.plan !== plan) continue
          const news = looked.receive(readings)
          if (news) this.#tellReadings(dir, news)
          this.#changed()
        }
      },
      onGone: (reason) => {
        this.#log.info({ reason, againInMs: this.#pauseMs }, 'lens collector gone')
        if (now() - began > LAST_PAUSE_MS) this.#pauseMs = FIRST_PAUSE_MS
        this.#close()
        this.#state = 'failed'
        this.#why = `could not read: ${reason}`
        this.#tellView()
        this.#retry = setTimeout(() => {
          this.#retry = null
          this.#tend()
        }, this.#pauseMs)
        this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS)
      },
    })
  }

  #close(): void {
    this.#collector?.close()
    this.#collector = null
    this.#lookedAt.clear()
    this.#state = 'starting'
  }

  #onContainer(container: Container): void {
    this.#unseen.delete(container.dir)
    this.#containers.delete(container.dir)
    this.#containers.set(container.dir, container)
    this.#lookedAt.get(container.dir)?.update(container)
    this.#forgetOldest()
    this.#tendPlans()
    this.#tellView()
    this.#changed()
  }

  /** What has gone stays for a while, so that one can read how it ended. */
  #forgetOldest(): void {
    const gone = [...this.#containers.values()].filter(({ phase }) => phase === 'gone')
    for (const { dir } of gone.slice(0, Math.max(0, gone.length - MAX_GONE))) this.#containers.delete(dir)
  }

  #onScanned(more: number): void {
    this.#more = more
    // What was known of an earlier collector and is not there any more has gone meanwhile.
    for (const dir of this.#unseen) {
      const container = this.#containers.get(dir)
      if (container && container.phase !== 'gone') this.#containers.set(dir, { ...container, phase: 'gone' })
    }
    this.#unseen.clear()
    this.#state = 'live'
    this.#why = ''
    this.#tendPlans()
    this.#tellView()
    this.#changed()
  }

  #onEvent(event: CollectorEvent): void {
    if (event.what === 'command' && !isTelling(event.detail)) return
    const told: LensEvent = { seq: ++lastSeq, ...event }
    this.#events = [...this.#events, told].slice(-MAX_EVENTS)
    this.#tell({ type: 'lens-events', events: [told] })
  }

  #view(): LensView {
    return {
      type: 'lens',
      state: this.#state,
      why: this.#why,
      containers: [...this.#containers.values()],
      more: this.#more,
      host: this.#host,
      now: Date.now(),
    }
  }

  #tellView(): void {
    // Before the first scan is over the list is not whole.
    if (this.#state !== 'starting') this.#tell(this.#view())
  }

  #tellReadings(dir: string, news: { reset: boolean; readings: Record<string, object> }): void {
    const message = { type: 'lens-readings', dir, ...news } as ServerMessage
    for (const { send, look } of this.#watchers.values()) if (look.includes(dir)) send(message)
  }

  #tell(message: ServerMessage): void {
    for (const { send, open } of this.#watchers.values()) if (open) send(message)
  }
}
