/** One learner's sandbox while it lives: its terminals, files and checks, and the browser tabs that look at it. Knows no socket. */
import type { Log } from '../log.ts'
import {
  type Ending,
  type ErrorCode,
  type FileView,
  type HostMessage,
  type LimitNotice,
  PROTOCOL_VERSION,
  type Restored,
  type SandboxView,
  type ServerMessage,
  type TerminalFrame,
  type TerminalView,
  type Tier,
} from '../protocol/index.ts'
import { type AgentChannel, AgentError } from './agent/channel.ts'
import { AgentKeeper } from './agent/keeper.ts'
import { startHelper } from './agent/start.ts'
import { CheckWatch, type Verdict } from './check.ts'
import { EditorDesk } from './editor/desk.ts'
import { SandboxFiles } from './files.ts'
import { findForeground, TERMINAL_VARIABLE } from './foreground.ts'
import { Learning } from './learning/learning.ts'
import { SandboxLens } from './lens/lens.ts'
import { PageOpener } from './lesson/opener.ts'
import { checkStep, type Wanted } from './lesson/step-check.ts'
import { type Shell, Typist } from './lesson/typing.ts'
import { type LifeTimes, Lifetime } from './life/lifetime.ts'
import type { SandboxInfo, SandboxProvider } from './providers/provider.ts'
import { Terminal, type Viewer } from './terminals/terminal.ts'

/** One browser tab, as the session sees it. */
export interface Peer {
  readonly client: string
  /** What its lesson needs. */
  readonly tier: Tier
  send(message: ServerMessage): void
  sendBytes(frame: TerminalFrame): void
}

/** Thrown for what a tab asks in vain; becomes an `error` message and changes nothing. */
export class Refused extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, detail = '') {
    super(detail)
    this.code = code
  }
}

interface Attached {
  peer: Peer
  viewers: Map<number, Viewer>
  /** How large this tab shows each terminal. */
  sizes: Map<number, { cols: number; rows: number }>
  files: Map<string, () => void>
  check: CheckWatch | null
}

/** The countdown runs in the page: only another one, or the same one put off, is news. */
const sameEnding = (a: Ending, b: Ending) => a.why === b.why && a.more === b.more && b.inMs >= a.inMs

const AGENT = '/usr/lib/runclab/agent'
const LENS = '/usr/lib/runclab/lens'
const INPUT_ACK_MS = 30
/** Of a terminal that no tab shows yet. */
const SIZE = { cols: 100, rows: 24 }
/** Whose input a lesson's is. */
const LESSON = 'lesson'

/** Ids go on where the clock is, so that a later host process never gives one out again. */
let lastTerminalId = Math.floor(Date.now() / 1000)

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
  readonly #terminals = new Map<number, Terminal>()
  readonly #files: SandboxFiles
  readonly #editor: EditorDesk
  readonly #typist = new Typist((number) => this.#shell(number))
  readonly #opener = new PageOpener(() => this.connect(), {
    open: (count) => this.#openUpTo(count),
    type: (number, line) => this.#typist.type(number, line),
  })
  readonly #learning: Learning
  readonly #log: Log
  /** Null until there is a sandbox. */
  #agent: AgentKeeper | null = null
  #lens: SandboxLens | null = null
  #inputTimer: NodeJS.Timeout | null = null

  /** Without a sandbox yet: it waits for one. `now`: the clock that sandboxes age by. */
  constructor(options: {
    provider: SandboxProvider
    log: Log
    maxTerminals: number
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

  /** On this host, of the programs that hold the terminals of running shells. */
  get shellPids(): number[] {
    return [...this.#terminals.values()].filter(({ exit }) => exit === null).map(({ pid }) => pid)
  }

  join(peer: Peer): void {
    this.#attached.set(peer, { peer, viewers: new Map(), sizes: new Map(), files: new Map(), check: null })
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
    for (const [id, viewer] of attached.viewers) this.#terminals.get(id)?.detach(viewer)
    for (const unwatch of attached.files.values()) unwatch()
    attached.check?.stop()
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
      terminals: this.terminals,
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

  get terminals(): TerminalView[] {
    return [...this.#terminals.values()]
      .map(({ id, number, exit }) => ({ id, number, exit }))
      .sort((a, b) => a.number - b.number)
  }

  /** Throws Refused. `hello` and `reset` are not for a session but for what keeps them. */
  async handle(
    peer: Peer,
    message: Exclude<HostMessage, { type: 'hello' | 'reset' | 'feedback' }>,
  ): Promise<void> {
    const attached = this.#attached.get(peer)
    if (!attached) return
    if (message.type === 'presence') return this.#lifetime.page(peer, message.visible, message.active)
    if (message.type === 'stay') return this.#stay()
    if (this.#view.state !== 'ready') throw new Refused('not-ready')
    switch (message.type) {
      case 'open-terminal':
        return this.#open(message.number, message)
      case 'attach': {
        const terminal = this.#terminal(message.terminal)
        this.#detach(attached, terminal.id)
        const viewer = this.#viewer(attached.peer, terminal)
        attached.viewers.set(terminal.id, viewer)
        terminal.attach(viewer, message.from)
        return this.#resize(attached, message)
      }
      case 'resize':
        return this.#resize(attached, message)
      case 'ack': {
        const viewer = attached.viewers.get(message.terminal)
        // An acknowledgement may cross the terminal's end.
        if (viewer) this.#terminals.get(message.terminal)?.ack(viewer, message.offset)
        return
      }
      case 'ask-foreground': {
        const { id } = this.#terminal(message.terminal)
        const found = await this.#foreground(id)
        return peer.send({ type: 'foreground', request: message.request, ...found })
      }
      case 'close-terminal':
        return this.#close(this.#terminal(message.terminal))
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
        attached.check = null
        const { script, checks, lesson, step } = message
        if (script === null && checks.length === 0) return
        attached.check = new CheckWatch(
          () => this.#check(message),
          (verdict) => peer.send({ type: 'check', lesson, step, ...verdict }),
        )
      }
    }
  }

  /** Throws Refused. */
  input(peer: Peer, { terminal, offset, bytes }: TerminalFrame): void {
    this.#lifetime.touch()
    const size = this.#attached.get(peer)?.sizes.get(terminal)
    // Of several tabs the one that is used has the size it needs; the others see it as it comes.
    if (size) this.#terminal(terminal).resize(size.cols, size.rows)
    const result = this.#terminal(terminal).input(peer.client, offset, bytes)
    if (result === 'gap') throw new Refused('input-gap')
    // 'full': not acknowledged, so the tab keeps it and sends it again.
    if (result === 'taken') this.#acknowledgeInput()
  }

  /** Ends its programs on this host; the provider ends the sandbox. */
  end(): void {
    for (const terminal of [...this.#terminals.values()]) this.#close(terminal)
    if (this.#inputTimer) clearTimeout(this.#inputTimer)
    this.#editor.stop()
    this.#agent?.close()
    this.#lens?.end()
  }

  #stay(): void {
    this.#lifetime.stay()
    const verdict = this.#lifetime.look()
    this.warn(verdict.state === 'warn' ? verdict.ending : null)
  }

  #terminal(id: number): Terminal {
    const terminal = this.#terminals.get(id)
    if (!terminal) throw new Refused('no-such-terminal')
    return terminal
  }

  #open(number: number, size: { cols: number; rows: number }): void {
    const taken = [...this.#terminals.values()].find((terminal) => terminal.number === number)
    if (taken && taken.exit === null) return this.#sendTerminals()
    if (taken) this.#remove(taken)
    if (this.#terminals.size >= this.#maxTerminals || number > this.#maxTerminals)
      throw new Refused('too-many-terminals')
    const id = ++lastTerminalId
    const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor', [TERMINAL_VARIABLE]: String(id) }
    const command = this.#provider.command(this.id, ['/bin/bash', '-l'], { tty: true, env })
    const terminal = new Terminal({ id, number }, command, size, {
      onOutput: () => this.#poke(),
      onInputTaken: () => this.#acknowledgeInput(),
      onExit: () => {
        if (this.#terminals.get(id) === terminal) this.#sendTerminals()
      },
    })
    this.#terminals.set(id, terminal)
    this.#sendTerminals()
  }

  #openUpTo(count: number): void {
    for (let number = 1; number <= Math.min(count, this.#maxTerminals); number++) this.#open(number, SIZE)
  }

  /** For what a lesson types. */
  #shell(number: number): Shell | null {
    const terminal = [...this.#terminals.values()].find(
      (each) => each.number === number && each.exit === null,
    )
    if (!terminal) return null
    return {
      isReady: async () => terminal.hasPrinted && (await this.#foreground(terminal.id)).isShell,
      type: (text) => terminal.input(LESSON, terminal.inputApplied(LESSON), Buffer.from(text)) === 'taken',
    }
  }

  /** Whoever came last, changed last or typed last has the size it asked for. */
  #resize(attached: Attached, message: { terminal: number; cols: number; rows: number }): void {
    const { terminal, cols, rows } = message
    this.#terminal(terminal).resize(cols, rows)
    attached.sizes.set(terminal, { cols, rows })
  }

  #close(terminal: Terminal): void {
    this.#remove(terminal)
    this.#sendTerminals()
  }

  #remove(terminal: Terminal): void {
    this.#terminals.delete(terminal.id)
    for (const { viewers, sizes } of this.#attached.values()) {
      viewers.delete(terminal.id)
      sizes.delete(terminal.id)
    }
    terminal.close()
  }

  #detach(attached: Attached, id: number): void {
    const viewer = attached.viewers.get(id)
    if (viewer) this.#terminals.get(id)?.detach(viewer)
  }

  #viewer(peer: Peer, terminal: Terminal): Viewer {
    return {
      send: (offset, bytes) => peer.sendBytes({ terminal: terminal.id, offset, bytes }),
      restart: (from, live, dropped, screen) =>
        peer.send({
          type: 'attached',
          terminal: terminal.id,
          from,
          live,
          dropped,
          screen: screen ? Buffer.from(screen).toString('base64') : undefined,
          inputApplied: terminal.inputApplied(peer.client),
        }),
    }
  }

  /** A little late and all at once: one answer for a burst of keys. */
  #acknowledgeInput(): void {
    this.#inputTimer ??= setTimeout(() => {
      this.#inputTimer = null
      for (const { peer, viewers } of this.#attached.values()) {
        for (const id of viewers.keys()) {
          const offset = this.#terminals.get(id)?.inputApplied(peer.client) ?? 0
          if (offset > 0) peer.send({ type: 'input-applied', terminal: id, offset })
        }
      }
    }, INPUT_ACK_MS)
  }

  #poke(): void {
    for (const { check } of this.#attached.values()) check?.poke()
    this.#editor.poke()
  }

  async #check(wanted: Wanted): Promise<Verdict> {
    return checkStep(await this.connect(), () => this.lens, wanted)
  }

  /** Without a name if it cannot be found out: whoever asked then has to ask a person. */
  async #foreground(terminal: number): Promise<{ program: string; isShell: boolean }> {
    const unknown = { program: '', isShell: false }
    try {
      return (await findForeground(await this.connect(), terminal)) ?? unknown
    } catch (error) {
      if (error instanceof AgentError) return unknown
      throw error
    }
  }

  /** The sandbox's agent. Rejects with AgentError. */
  connect(): Promise<AgentChannel> {
    return this.#agent?.connect() ?? Promise.reject(new AgentError('There is no sandbox yet.'))
  }

  #sendTerminals(): void {
    this.#broadcast({ type: 'terminals', terminals: this.terminals })
  }

  #broadcast(message: ServerMessage): void {
    for (const peer of this.#attached.keys()) peer.send(message)
  }
}
