/** What this page knows of the containers in its sandbox, and what it asks to see. Knows no React; tests use it too. */
import type { LensEvent, LensView, ServerMessage } from '../../server/protocol/index.ts'
import type { Container, Readings } from '../../spec/lens/facts.ts'
import { addSample, type Sample } from '../../spec/lens/gauges.ts'
import type { LabClient } from '../session/lab-client.ts'

export interface LensState {
  view: LensView
  /** By state directory. */
  readings: Readonly<Record<string, Readings>>
  samples: Readonly<Record<string, readonly Sample[]>>
  events: readonly LensEvent[]
  /** State directory of the container in front; null: none was chosen, and the newest is shown. */
  chosen: string | null
  /** The other one of a comparison. */
  compared: string | null
  /** What to add to this page's clock to have the lab's. */
  skewMs: number
}

const NOTHING: LensView = { type: 'lens', state: 'off', why: '', containers: [], more: 0, host: {}, now: 0 }
const EMPTY: LensState = {
  view: NOTHING,
  readings: {},
  samples: {},
  events: [],
  chosen: null,
  compared: null,
  skewMs: 0,
}
const MAX_EVENTS = 400

export class LensStore {
  readonly #client: LabClient
  #state = EMPTY
  #open = false
  #sandbox: string | null = null
  #said = ''
  readonly #listeners = new Set<() => void>()
  readonly #ends: (() => void)[]

  constructor(client: LabClient) {
    this.#client = client
    this.#ends = [
      client.onMessage((message) => this.#receive(message)),
      client.onReady(() => {
        this.#said = ''
        this.#say()
      }),
    ]
  }

  dispose(): void {
    this.setOpen(false)
    for (const end of this.#ends) end()
  }

  get state(): LensState {
    return this.#state
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether the lens is on the screen: nothing is gathered for one that is not. */
  setOpen(open: boolean): void {
    this.#open = open
    this.#say()
  }

  /** Null: whichever is the newest. */
  choose(dir: string | null): void {
    this.#set({ chosen: dir, compared: this.#state.compared === dir ? null : this.#state.compared })
    this.#say()
  }

  compare(dir: string | null): void {
    this.#set({ compared: dir })
    this.#say()
  }

  /** The container in front: the chosen one, or the newest of runc's own that lives, or of any. */
  get current(): Container | null {
    const { view, chosen } = this.#state
    const known = view.containers.find(({ dir }) => dir === chosen)
    if (known) return known
    const rank = (each: Container) =>
      (each.phase === 'gone' ? 0 : each.phase === 'stopped' ? 2 : 4) + (each.owner === 'runc' ? 1 : 0)
    return (
      [...view.containers].sort(
        (one, other) => rank(other) - rank(one) || (one.created < other.created ? 1 : -1),
      )[0] ?? null
    )
  }

  #say(): void {
    const look = this.#open
      ? [...new Set([this.current?.dir, this.#state.compared ?? undefined])].filter(
          (dir) => dir !== undefined,
        )
      : []
    const said = JSON.stringify([this.#open, look])
    if (said === this.#said || (!this.#open && this.#said === '')) return
    if (this.#client.send({ type: 'watch-lens', open: this.#open, look })) this.#said = said
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
      case 'sandbox': {
        const id = message.sandbox.state === 'ready' ? message.sandbox.id : null
        if (id && id !== this.#sandbox) this.#set(EMPTY)
        if (id) this.#sandbox = id
        return
      }
      case 'lens':
        this.#set({ view: message, skewMs: message.now - Date.now() })
        return this.#say()
      case 'lens-readings': {
        const { dir, reset } = message
        const before = reset ? {} : this.#state.readings[dir]
        // A change of what was not seen whole tells nothing.
        if (!before) return
        const readings = { ...before, ...message.readings }
        const samples = addSample(
          this.#state.samples[dir] ?? [],
          readings,
          this.#state.view.containers.find((each) => each.dir === dir),
          Date.now(),
        )
        this.#set({
          readings: { ...this.#state.readings, [dir]: readings },
          samples: { ...this.#state.samples, [dir]: samples },
        })
        return
      }
      case 'lens-events': {
        const known = new Map(this.#state.events.map((event) => [event.seq, event]))
        for (const event of message.events) known.set(event.seq, event)
        this.#set({
          events: [...known.values()].sort((one, other) => one.seq - other.seq).slice(-MAX_EVENTS),
        })
        return
      }
    }
  }

  #set(change: Partial<LensState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

const stores = new WeakMap<LabClient, LensStore>()

/** The page's one store: what it has heard stays when the lens is closed and opened again. */
export function lensStoreOf(client: LabClient): LensStore {
  const store = stores.get(client) ?? new LensStore(client)
  stores.set(client, store)
  return store
}
