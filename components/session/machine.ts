/** The learner's machine as this page uses it: one client, which terminal is in front, and commands on their way into one. */

import type { Command } from './command.ts'
import { CommandLog } from './command-log.ts'
import { type Answer, CommandQueue, type Question } from './command-queue.ts'
import { EditorCommands } from './editor-commands.ts'
import type { LabClient } from './lab-client.ts'
import { LearningClient } from './learning-client.ts'
import { LensDoor } from './lens-door.ts'
import { RunHistory } from './run-history.ts'
import type { Screen, TerminalStream } from './terminal-stream.ts'
import type { View } from './view.ts'

/** The size of a terminal that no pane shows yet. */
const SIZE = { cols: 100, rows: 24 }

const encoder = new TextEncoder()

export class Machine {
  readonly client: LabClient
  readonly editor: EditorCommands
  readonly learning: LearningClient
  readonly lens = new LensDoor()
  readonly log: CommandLog
  readonly runs: RunHistory
  #active = 1
  /** The terminal in front that the lab has been asked for and does not list yet. */
  #coming: { number: number; problem: View['problem'] } | null = null
  readonly #listeners = new Set<() => void>()
  readonly #onRun = new Set<() => void>()
  readonly #commands: CommandQueue
  /** Terminals that have printed something. */
  readonly #awake = new Set<number>()

  constructor(client: LabClient) {
    this.client = client
    this.editor = new EditorCommands(client)
    this.learning = new LearningClient(client)
    this.log = new CommandLog(client)
    this.runs = new RunHistory(client, this.log)
    this.#commands = new CommandQueue({
      ready: (number) => this.#stream(number) !== null,
      type: (number, text) => this.#stream(number)?.type(encoder.encode(text)),
      foreground: (number) => client.foreground(this.#stream(number)?.id ?? 0),
      changed: () => this.#tell(),
    })
    client.subscribe(() => this.#tend())
    client.onReady(() => {
      if (this.#coming) this.#open(this.#coming.number)
    })
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
    const { terminals, problem } = this.client.view
    this.#open(number)
    this.#coming = terminals.some((each) => each.number === number) ? null : { number, problem }
    if (number === this.#active) return
    this.#active = number
    this.#tell()
  }

  /** Something else than a shell would read a command: the learner decides. */
  get question(): Question | null {
    return this.#commands.question
  }

  answer(answer: Answer): void {
    this.#commands.answer(answer)
  }

  /** Calls `listener` whenever a command is run. Returns how to stop. */
  onRun(listener: () => void): () => void {
    this.#onRun.add(listener)
    return () => this.#onRun.delete(listener)
  }

  /** Types a command into its terminal: once, and not before there is a shell to read it. */
  run(command: Command): void {
    const number = command.terminal ?? this.#active
    if (!this.#commands.add(number, command)) return
    for (const listener of this.#onRun) listener()
    this.show(number)
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
        changed: () => {
          screen.changed?.()
          this.#tend()
        },
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
    this.#commands.clear()
    this.#coming = null
    this.client.send({ type: 'reset' })
  }

  #open(number: number): void {
    const { sandbox, terminals } = this.client.view
    if (sandbox?.state !== 'ready') return
    if (terminals.some((terminal) => terminal.number === number && terminal.exit === null)) return
    this.client.send({ type: 'open-terminal', number, ...SIZE })
  }

  /** The stream of a terminal that takes commands now. */
  #stream(number: number): TerminalStream | null {
    const { terminals, connection } = this.client.view
    const terminal = terminals.find((each) => each.number === number && each.exit === null)
    const stream = terminal && this.client.stream(terminal.id)
    const takes = connection === 'open' && stream?.isLive && this.#awake.has(stream.id)
    return takes ? stream : null
  }

  /** After every change: there is always one terminal, and what waits goes in as soon as it can. */
  #tend(): void {
    const { sandbox, terminals, connection, problem } = this.client.view
    if (sandbox?.state !== 'ready' || connection !== 'open') return this.#commands.tend()
    if (terminals.length === 0) this.#open(1)
    const isThere = (wanted: number) => terminals.some(({ number }) => number === wanted)
    const refused = problem !== null && problem !== this.#coming?.problem
    if (this.#coming && (isThere(this.#coming.number) || refused)) this.#coming = null
    const wanted = this.#commands.numbers
    if (
      terminals.length > 0 &&
      !isThere(this.#active) &&
      this.#coming?.number !== this.#active &&
      !wanted.includes(this.#active)
    ) {
      this.#active = terminals[0]!.number
      this.#tell()
    }
    for (const number of wanted) this.#open(number)
    this.#commands.tend()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
