/** The learner's machine as this page uses it: one client, which terminal is in front, and commands on their way into one. */
import type { Command } from './commands.ts'
import type { LabClient } from './lab-client.ts'
import type { Screen, TerminalStream } from './terminal-stream.ts'

/** A second click on the same command within this time is the same click. */
const SAME_CLICK_MS = 600
/** The size of a terminal that no pane shows yet. */
const SIZE = { cols: 100, rows: 24 }

const encoder = new TextEncoder()

export class Machine {
  readonly client: LabClient
  #active = 1
  readonly #listeners = new Set<() => void>()
  readonly #onRun = new Set<() => void>()
  /** Waiting for their terminal to have a shell that has printed its prompt. */
  #pending: { number: number; bytes: Uint8Array }[] = []
  #last = { text: '', at: 0 }
  /** Terminals that have printed something. */
  readonly #awake = new Set<number>()

  constructor(client: LabClient) {
    this.client = client
    client.subscribe(() => this.#tend())
  }

  /** The number of the terminal in front. */
  get active(): number {
    return this.#active
  }

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Brings the terminal to the front and opens it if need be. */
  show(number: number): void {
    this.#open(number)
    if (number === this.#active) return
    this.#active = number
    for (const listener of this.#listeners) listener()
  }

  /** Calls `listener` whenever a command is run. Returns how to stop. */
  onRun(listener: () => void): () => void {
    this.#onRun.add(listener)
    return () => this.#onRun.delete(listener)
  }

  /** Types a command into its terminal: once, and not before there is a shell to read it. */
  run({ text, terminal = this.#active, interrupt = false, newline = true }: Command): void {
    const now = Date.now()
    if (text === this.#last.text && now - this.#last.at < SAME_CLICK_MS) return
    this.#last = { text, at: now }
    for (const listener of this.#onRun) listener()
    this.show(terminal)
    const typed = `${interrupt ? '\x03' : ''}${text.replaceAll('\n', '\r')}${newline ? '\r' : ''}`
    this.#pending.push({ number: terminal, bytes: encoder.encode(typed) })
    this.#tend()
  }

  /** Shows a terminal on a screen. Returns its stream and how to let go of it. */
  openScreen(id: number, screen: Screen, size: { cols: number; rows: number }): [TerminalStream, () => void] {
    const stream = this.client.openStream(
      id,
      {
        write: (bytes, history, done) => {
          screen.write(bytes, history, done)
          if (this.#awake.has(id)) return
          this.#awake.add(id)
          this.#tend()
        },
        clear: () => screen.clear(),
      },
      size,
    )
    return [
      stream,
      () => {
        this.client.closeStream(stream)
        this.#awake.delete(id)
      },
    ]
  }

  reset(): void {
    this.#pending = []
    this.client.send({ type: 'reset' })
  }

  #open(number: number): void {
    const { sandbox, terminals } = this.client.view
    if (sandbox?.state !== 'ready') return
    if (terminals.some((terminal) => terminal.number === number && terminal.exit === null)) return
    this.client.send({ type: 'open-terminal', number, ...SIZE })
  }

  /** After every change: there is always one terminal, and what waits goes in as soon as it can. */
  #tend(): void {
    const { sandbox, terminals, connection } = this.client.view
    if (sandbox?.state !== 'ready' || connection !== 'open') return
    if (terminals.length === 0) this.#open(1)
    if (
      terminals.length > 0 &&
      !terminals.some(({ number }) => number === this.#active) &&
      this.#pending.length === 0
    ) {
      this.#active = terminals[0]!.number
      for (const listener of this.#listeners) listener()
    }
    this.#pending = this.#pending.filter(({ number, bytes }) => {
      const terminal = terminals.find((each) => each.number === number && each.exit === null)
      if (!terminal) {
        this.#open(number)
        return true
      }
      const stream = this.client.stream(terminal.id)
      if (!stream || !this.#awake.has(terminal.id)) return true
      stream.type(bytes)
      return false
    })
  }
}
