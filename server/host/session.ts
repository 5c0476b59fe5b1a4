/** One learner's sandbox while it lives: its terminals, files and checks, and the browser tabs that look at it. Knows no socket. */
import type { Log } from '../log.ts'
import {
  type Ending,
  type FileView,
  type HostMessage,
  type LimitNotice,
  PROTOCOL_VERSION,
  type Restored,
  type SandboxView,
  type ServerMessage,
  type TerminalFrame,
} from '../protocol/index.ts'
import { type AgentChannel, AgentError } from './agent/channel.ts'
import { AgentKeeper } from './agent/keeper.ts'
import { startHelper } from './agent/start.ts'
import { CheckWatch, type Verdict } from './check.ts'
import { EditorDesk } from './editor/desk.ts'
import { SandboxFiles } from './files.ts'
import { Learning } from './learning/learning.ts'
import { SandboxLens } from './lens/lens.ts'
import { followAll, pathsOf } from './lesson/check-signals.ts'
import { PageOpener } from './lesson/opener.ts'
import { checkStep, type Wanted } from './lesson/step-check.ts'
import { Typist } from './lesson/typing.ts'
import { type LifeTimes, Lifetime } from './life/lifetime.ts'
import { type Peer, Refused } from './peer.ts'
import type { SandboxInfo, SandboxProvider } from './providers/provider.ts'
import { TerminalDesk } from './terminals/desk.ts'

/** What one tab follows. */
interface Attached {
  files: Map<string, () => void>
  check: CheckWatch | null
  /** Ends what the check follows. */
  unfollow: () => void
  /** Somebody looks at the tab. */
  visible: boolean
}

/** The countdown runs in the page: only another one, or the same one put off, is news. */
const sameEnding = (a: Ending, b: Ending) => a.why === b.why && a.more === b.more && b.inMs >= a.inMs

const AGENT = '/usr/lib/runclab/agent'
const LENS = '/usr/lib/runclab/lens'

export class Session {
  /** The network address its learner came from last. */
  address = ''
  #id = ''
  #lifetime: Lifetime
  #ending: Ending | null = null
  #limits: LimitNotice[] = []
  #restored: Restored | null = null
  /** Its learner has begun anew: nothing of it is to be kept. */
  discarded = false
  /** When its sandbox became its own, by the clock that sandboxes age by. */
  begunAt = 0
  #view: SandboxView = { state: 'waiting', place: 1, why: 'full', limit: 0 }
  readonly #now: () => number
  readonly #newLifetime: (bornAt: number) => Lifetime
  readonly #provider: SandboxProvider
  readonly #maxTerminals: number
  readonly #attached = new Map<Peer, Attached>()
  readonly #terminals: TerminalDesk
  readonly #files: SandboxFiles
  readonly #editor: EditorDesk
  readonly #typist = new Typist((number) => this.#terminals.shell(number))
  readonly #opener = new PageOpener(() => this.connect(), {
    open: (names) => this.#terminals.openAll(names),
    type: (number, line) => this.#typist.type(number, line),
  })
  readonly #learning: Learning
  readonly #log: Log
  /** Null until there is a sandbox. */
  #agent: AgentKeeper | null = null
  #lens: SandboxLens | null = null

  /** Without a sandbox yet: it waits for one. `now`: the clock that sandboxes age by. */
  constructor(options: {
    provider: SandboxProvider
    log: Log
    maxTerminals: number
    outputRate: number
    life: LifeTimes
    now: () => number
  }) {
    this.#provider = options.provider
    this.#log = options.log
    this.#files = new SandboxFiles(() => this.connect())
    this.#learning = new Learning(() => this.connect(), this.#files)
    this.#editor = new EditorDesk(() => this.connect())
    this.#maxTerminals = options.maxTerminals
    this.#now = options.now
    this.#terminals = new TerminalDesk({
      max: options.maxTerminals,
      outputRate: options.outputRate,
      shell: (env) => this.#provider.command(this.id, ['/bin/bash', '-l'], { tty: true, env }),
      connect: () => this.connect(),
      onChanged: () => this.#broadcast({ type: 'terminals', terminals: this.#terminals.views }),
      onSign: () => this.#poke(),
    })
    this.#newLifetime = (bornAt) => new Lifetime(options.life, bornAt, options.now)
    this.#lifetime = this.#newLifetime(options.now())
  }

  /** Of its sandbox; empty while there is none. */
  get id(): string {
    return this.#id
  }

  get lifetime(): Lifetime {
    return this.#lifetime
  }

  /** When the last tab went away; null while there is one. */
  get lonelySince(): number | null {
    return this.#lifetime.lonelySince
  }

  /** This is its sandbox, made or about to be. */
  begin({ id, bornAt }: Pick<SandboxInfo, 'id' | 'bornAt'>): void {
    this.#id = id
    this.begunAt = this.#now()
    this.#agent = new AgentKeeper(
      () => startHelper(this.#provider, this.id, AGENT),
      (channel) => this.#files.connected(channel),
      this.#log.child({ sandbox: id }),
    )
    this.#lens = new SandboxLens(
      () => startHelper(this.#provider, this.id, LENS),
      this.#log.child({ sandbox: id }),
    )
    this.#lifetime = this.#newLifetime(bornAt)
    for (const peer of this.#attached.keys()) this.#lifetime.page(peer, true, false)
  }

  get view(): SandboxView {
    return this.#view
  }

  /** Tells every tab. Once the sandbox is ready, what tabs have asked for meanwhile begins. */
  setView(view: SandboxView): void {
    this.#view = view
    this.#broadcast({ type: 'sandbox', sandbox: view })
  }

  /** Tells every tab what is to come, if that is new to them. */
  warn(ending: Ending | null): void {
    if (ending === this.#ending || (ending && this.#ending && sameEnding(ending, this.#ending))) return
    this.#ending = ending
    this.#broadcast({ type: 'life', ending })
  }

  /** Tells every tab which limits are near or reached, if that is new to them. */
  tellLimits(limits: LimitNotice[]): void {
    if (JSON.stringify(limits) === JSON.stringify(this.#limits)) return
    this.#limits = limits
    this.#broadcast({ type: 'limits', limits })
  }

  /** Tells every tab that files of an earlier sandbox were put into this one, or could not be. */
  tellRestored(restored: Restored): void {
    this.#restored = restored
    this.#broadcast({ type: 'work', restored })
  }

  /** All its terminals, for one host process to hand them over to the next. */
  get terminals(): TerminalDesk {
    return this.#terminals
  }

  /** Its terminals print more than they may. */
  get printsTooMuch(): boolean {
    return this.#terminals.isHeld
  }

  /** On this host, of the programs that hold the terminals of running shells. */
  get shellPids(): number[] {
    return this.#terminals.pids
  }

  join(peer: Peer): void {
    this.#attached.set(peer, { files: new Map(), check: null, unfollow: () => {}, visible: true })
    // Until it says otherwise.
    this.#lifetime.page(peer, true, false)
  }

  /** What a tab that comes new is told after `welcome`. */
  greet(peer: Peer): void {
    if (this.#ending) peer.send({ type: 'life', ending: this.#ending })
    if (this.#restored) peer.send({ type: 'work', restored: this.#restored })
    if (this.#limits.length > 0) peer.send({ type: 'limits', limits: this.#limits })
  }

  leave(peer: Peer): void {
    const attached = this.#attached.get(peer)
    if (!attached) return
    this.#terminals.leave(peer)
    for (const unwatch of attached.files.values()) unwatch()
    attached.check?.stop()
    attached.unfollow()
    this.#lens?.leave(peer)
    this.#editor.leave(peer)
    this.#attached.delete(peer)
    this.#lifetime.leave(peer)
  }

  /** All there is to know, for a tab that comes new. */
  get welcome(): ServerMessage {
    return {
      type: 'welcome',
      version: PROTOCOL_VERSION,
      sandbox: this.#view,
      terminals: this.#terminals.views,
      maxTerminals: this.#maxTerminals,
    }
  }

  get peers(): Peer[] {
    return [...this.#attached.keys()]
  }

  /** What runs in the sandbox, for checks on meaning. Throws Refused while there is no sandbox. */
  get lens(): SandboxLens {
    if (!this.#lens) throw new Refused('not-ready')
    return this.#lens
  }

  /** Throws Refused. `hello` and `reset` are not for a session but for what keeps them. */
  async handle(
    peer: Peer,
    message: Exclude<HostMessage, { type: 'hello' | 'reset' | 'feedback' }>,
  ): Promise<void> {
    const attached = this.#attached.get(peer)
    if (!attached) return
    if (message.type === 'presence') {
      attached.visible = message.visible
      attached.check?.show(message.visible)
      return this.#lifetime.page(peer, message.visible, message.active)
    }
    if (message.type === 'stay') return this.#stay()
    if (this.#view.state !== 'ready') throw new Refused('not-ready')
    switch (message.type) {
      case 'open-terminal':
      case 'attach':
      case 'resize':
      case 'ack':
      case 'ask-foreground':
      case 'close-terminal':
      case 'rename-terminal':
        return this.#terminals.handle(peer, message)
      case 'watch-file': {
        const { path } = message
        if (attached.files.has(path)) return
        const send = (file: FileView) => {
          peer.send({ type: 'file', file })
          attached.check?.poke()
        }
        attached.files.set(path, this.#files.watch(path, send))
        return
      }
      case 'unwatch-file':
        attached.files.get(message.path)?.()
        attached.files.delete(message.path)
        return
      case 'watch-bundles':
      case 'editor-ask':
        return this.#editor.handle(peer, message)
      case 'save-file': {
        const { path, request } = message
        this.#lifetime.touch()
        try {
          const result = await this.#files.save(path, message.base, message.text)
          if (result.saved) peer.send({ type: 'saved', request, path, hash: result.hash })
          else peer.send({ type: 'save-conflict', request, file: result.file })
        } catch (error) {
          throw error instanceof AgentError ? new Refused('file', error.message) : error
        }
        this.#poke()
        return
      }
      case 'run-hints':
      case 'run-script-hint':
      case 'run-solution':
      case 'note-progress':
      case 'forget-progress':
        await this.#learning.handle(peer, message)
        if (message.type === 'run-solution') this.#poke()
        return
      case 'watch-lens':
        return this.lens.watch(peer, message, (answer) => peer.send(answer))
      case 'open-page':
        return this.#opener.open(peer, message)
      case 'assets':
        return this.#opener.assets(message)
      case 'watch-check': {
        attached.check?.stop()
        attached.unfollow()
        attached.check = null
        attached.unfollow = () => {}
        const { script, checks, lesson, step } = message
        if (script === null && checks.length === 0) return
        const check = new CheckWatch(
          () => this.#check(message),
          (verdict) => {
            peer.send({ type: 'check', lesson, step, ...verdict })
            if (verdict.passed) attached.unfollow()
          },
        )
        check.show(attached.visible)
        attached.check = check
        attached.unfollow = followAll(
          pathsOf(checks, message.file),
          (path, listener) => this.#files.watch(path, listener),
          () => check.poke('change'),
        )
      }
    }
  }

  /** Throws Refused. */
  input(peer: Peer, frame: TerminalFrame): void {
    this.#lifetime.touch()
    this.#terminals.input(peer, frame)
  }

  /** Ends its programs on this host; the provider ends the sandbox. */
  end(): void {
    this.#terminals.end()
    this.#editor.stop()
    this.#agent?.close()
    this.#lens?.end()
  }

  #stay(): void {
    this.#lifetime.stay()
    const verdict = this.#lifetime.look()
    this.warn(verdict.state === 'warn' ? verdict.ending : null)
  }

  #poke(): void {
    for (const { check } of this.#attached.values()) check?.poke()
    this.#editor.poke()
  }

  async #check(wanted: Wanted): Promise<Verdict> {
    return checkStep(await this.connect(), () => this.lens, wanted)
  }

  /** The sandbox's agent. Rejects with AgentError. */
  connect(): Promise<AgentChannel> {
    return this.#agent?.connect() ?? Promise.reject(new AgentError('There is no sandbox yet.'))
  }

  #broadcast(message: ServerMessage): void {
    for (const peer of this.#attached.keys()) peer.send(message)
  }
}
