/** All terminals of one sandbox, and which browser tab shows which of them at what size. */
import { randomInt } from 'node:crypto'
import type { HostMessage, TerminalFrame, TerminalView } from '../../protocol/index.ts'
import type { AgentChannel } from '../agent/channel.ts'
import { AgentError } from '../agent/channel.ts'
import { findForeground, TERMINAL_VARIABLE } from '../foreground.ts'
import type { Shell } from '../lesson/typing.ts'
import { type Peer, Refused } from '../peer.ts'
import type { HostCommand } from '../providers/provider.ts'
import type { HeldTerminal } from './held.ts'
import { TerminalNames } from './names.ts'
import { OutputShare } from './share.ts'
import { type Held, Terminal, type Viewer } from './terminal.ts'

type TerminalMessage = Extract<
  HostMessage,
  {
    type:
      | 'open-terminal'
      | 'attach'
      | 'resize'
      | 'ack'
      | 'ask-foreground'
      | 'close-terminal'
      | 'rename-terminal'
  }
>

interface Size {
  cols: number
  rows: number
}

/** What one tab shows. */
interface Shown {
  viewers: Map<number, Viewer>
  /** How large this tab shows each terminal. */
  sizes: Map<number, Size>
}

/** Input is acknowledged after so many bytes, or so late: well below what a tab sends ahead, and seldom while somebody types. */
const INPUT_ACK_BYTES = 32 * 1024
const INPUT_ACK_MS = 250
/** Of a terminal that no tab shows yet. */
const SIZE: Size = { cols: 100, rows: 24 }
/** Whose input a lesson's is. */
const LESSON = 'lesson'

/** Ids begin anywhere, so that a later host process hardly ever gives one out again, whatever was done to the clock. */
let lastTerminalId = randomInt(2 ** 31)

export interface TerminalDeskOptions {
  /** How many terminals there may be. */
  max: number
  /** Bytes that all of them together may print in a second. */
  outputRate: number
  /** What starts a login shell of the sandbox on a terminal; `env` is added to its environment. */
  shell(env: Record<string, string>): HostCommand
  connect(): Promise<AgentChannel>
  /** The list has changed, or a shell has ended. */
  onChanged(): void
  /** Something may have happened in the sandbox. Called often. */
  onSign(): void
}

export class TerminalDesk {
  readonly #options: TerminalDeskOptions
  readonly #terminals = new Map<number, Terminal>()
  readonly #shown = new Map<Peer, Shown>()
  readonly #share: OutputShare
  readonly #names = new TerminalNames()
  #inputTimer: NodeJS.Timeout | null = null
  /** Taken since the last acknowledgement. */
  #unanswered = 0

  constructor(options: TerminalDeskOptions) {
    this.#options = options
    this.#share = new OutputShare(options.outputRate)
  }

  get views(): TerminalView[] {
    return [...this.#terminals.values()]
      .map(({ id, number, exit }) => ({ id, number, name: this.#names.of(number), exit }))
      .sort((a, b) => a.number - b.number)
  }

  /** On this host, of the programs that hold the terminals of running shells. */
  get pids(): number[] {
    return [...this.#terminals.values()].filter(({ exit }) => exit === null).map(({ pid }) => pid)
  }

  /** They have to wait, having printed all they may. */
  get isHeld(): boolean {
    return this.#share.isHeld
  }

  /** Throws Refused. */
  async handle(peer: Peer, message: TerminalMessage): Promise<void> {
    const shown = this.#shownBy(peer)
    switch (message.type) {
      case 'open-terminal':
        return this.#open(message.number, message)
      case 'attach': {
        const terminal = this.#terminal(message.terminal)
        const before = shown.viewers.get(terminal.id)
        if (before) terminal.detach(before)
        const viewer = this.#viewer(peer, terminal)
        shown.viewers.set(terminal.id, viewer)
        terminal.attach(viewer, message.from)
        return this.#resize(shown, message)
      }
      case 'resize':
        return this.#resize(shown, message)
      case 'ack': {
        const viewer = shown.viewers.get(message.terminal)
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
        this.#remove(this.#terminal(message.terminal))
        return this.#options.onChanged()
      case 'rename-terminal':
        this.#names.rename(this.#terminal(message.terminal).number, message.name)
        return this.#options.onChanged()
    }
  }

  /** Throws Refused. */
  input(peer: Peer, { terminal, offset, bytes }: TerminalFrame): void {
    const size = this.#shown.get(peer)?.sizes.get(terminal)
    // Of several tabs the one that is used has the size it needs; the others see it as it comes.
    if (size) this.#terminal(terminal).resize(size.cols, size.rows)
    const result = this.#terminal(terminal).input(peer.client, offset, bytes)
    this.#share.typed()
    if (result === 'gap') throw new Refused('input-gap')
    // 'full': not acknowledged, so the tab keeps it and sends it again.
    if (result === 'taken') this.#acknowledgeInput(bytes.length)
  }

  leave(peer: Peer): void {
    for (const [id, viewer] of this.#shown.get(peer)?.viewers ?? []) this.#terminals.get(id)?.detach(viewer)
    this.#shown.delete(peer)
  }

  /** Makes sure that there is a terminal for each name, the first being number 1; a name may be empty. */
  openAll(names: readonly string[]): void {
    this.#names.suggest(names)
    for (let number = 1; number <= Math.min(names.length, this.#options.max); number++)
      this.#open(number, SIZE)
  }

  /** The shell of a terminal for what a lesson types; null if there is none. */
  shell(number: number): Shell | null {
    const terminal = this.#numbered(number)
    if (!terminal || terminal.exit !== null) return null
    return {
      isReady: async () => terminal.hasPrinted && (await this.#foreground(terminal.id)).isShell,
      type: (text) => terminal.input(LESSON, terminal.inputApplied(LESSON), Buffer.from(text)) === 'taken',
    }
  }

  /** Goes on with the terminals that an earlier host process has held. */
  takeOver(held: Held[]): void {
    for (const each of held) {
      const { id, number, size, name } = each.terminal
      if (this.#numbered(number) || number > this.#options.max) continue
      this.#names.recall(number, name)
      this.#add({ id, number }, each, size)
    }
  }

  /**
   * For another host process to go on with: resolves to a call that lets go of all terminals at once. Until then shells
   * wait, and what is typed is left to the tabs, which send it again.
   */
  async prepareHandOver(): Promise<(store: (fd: number) => number) => HeldTerminal[]> {
    const all = [...this.#terminals.values()]
    const screens = await Promise.all(all.map((terminal) => terminal.prepareHandOver()))
    return (store) =>
      all.map((terminal, index) => ({
        ...terminal.handOver(screens[index] ?? null, store),
        name: this.#names.told(terminal.number),
      }))
  }

  /** Ends all shells. */
  end(): void {
    for (const terminal of [...this.#terminals.values()]) this.#remove(terminal)
    if (this.#inputTimer) clearTimeout(this.#inputTimer)
    this.#share.end()
    this.#options.onChanged()
  }

  #terminal(id: number): Terminal {
    const terminal = this.#terminals.get(id)
    if (!terminal) throw new Refused('no-such-terminal')
    return terminal
  }

  #numbered(number: number): Terminal | undefined {
    return [...this.#terminals.values()].find((terminal) => terminal.number === number)
  }

  #shownBy(peer: Peer): Shown {
    const shown = this.#shown.get(peer) ?? { viewers: new Map(), sizes: new Map() }
    this.#shown.set(peer, shown)
    return shown
  }

  #open(number: number, size: Size): void {
    const { max, onChanged, shell } = this.#options
    const taken = this.#numbered(number)
    if (taken && taken.exit === null) return onChanged()
    if (taken) this.#remove(taken)
    if (this.#terminals.size >= max || number > max) throw new Refused('too-many-terminals')
    const id = ++lastTerminalId
    const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor', [TERMINAL_VARIABLE]: String(id) }
    this.#add({ id, number }, shell(env), size)
    onChanged()
  }

  #add(which: { id: number; number: number }, from: HostCommand | Held, size: Size): void {
    const { onChanged, onSign } = this.#options
    const terminal = new Terminal(which, from, size, this.#share, {
      onSign,
      onInputTaken: () => this.#acknowledgeInput(),
      onExit: () => {
        if (this.#terminals.get(which.id) === terminal) onChanged()
      },
    })
    this.#terminals.set(which.id, terminal)
  }

  /** Whoever came last, changed last or typed last has the size it asked for. */
  #resize({ sizes }: Shown, message: Size & { terminal: number }): void {
    const { terminal, cols, rows } = message
    this.#terminal(terminal).resize(cols, rows)
    sizes.set(terminal, { cols, rows })
  }

  #remove(terminal: Terminal): void {
    this.#terminals.delete(terminal.id)
    for (const { viewers, sizes } of this.#shown.values()) {
      viewers.delete(terminal.id)
      sizes.delete(terminal.id)
    }
    terminal.close()
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
  #acknowledgeInput(bytes = 0): void {
    this.#unanswered += bytes
    if (this.#unanswered >= INPUT_ACK_BYTES) this.#tellApplied()
    else this.#inputTimer ??= setTimeout(() => this.#tellApplied(), INPUT_ACK_MS)
  }

  #tellApplied(): void {
    if (this.#inputTimer) clearTimeout(this.#inputTimer)
    this.#inputTimer = null
    this.#unanswered = 0
    for (const [peer, { viewers }] of this.#shown) {
      for (const id of viewers.keys()) {
        const offset = this.#terminals.get(id)?.inputApplied(peer.client) ?? 0
        if (offset > 0) peer.send({ type: 'input-applied', terminal: id, offset })
      }
    }
  }

  /** Without a name if it cannot be found out: whoever asked then has to ask a person. */
  async #foreground(terminal: number): Promise<{ program: string; isShell: boolean }> {
    const unknown = { program: '', isShell: false }
    try {
      return (await findForeground(await this.#options.connect(), terminal)) ?? unknown
    } catch (error) {
      if (error instanceof AgentError) return unknown
      throw error
    }
  }
}
