/** A terminal as a learner has it, driven by a program: types commands and knows when they have ended, and how. */
import { randomInt } from 'node:crypto'
import { stripVTControlCharacters } from 'node:util'
import type { AgentChannel } from '../../server/host/agent/channel.ts'
import { findForeground, TERMINAL_VARIABLE } from '../../server/host/foreground.ts'
import type { ExecOptions, HostCommand } from '../../server/host/providers/provider.ts'
import { SpawnedPty } from '../../server/host/terminals/pty.ts'

const ESC = String.fromCharCode(27)
const BEL = String.fromCharCode(7)
/** What the sandbox's bash prints before each prompt, and no screen shows: how the command before it ended. */
const MARK = new RegExp(`${ESC}\\]133;D;(\\d+)${BEL}`, 'g')
/** All its marks, and titles. */
const UNSEEN = new RegExp(`${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)`, 'g')
/** Wide enough that no command wraps. */
const SIZE = { cols: 500, rows: 50 }
const LOOK_MS = 60
/** Without output for so long, a program that goes on waits for something. */
const QUIET_MS = 700
const PROMPT_MS = 20_000

export interface Ran {
  /** Of each line that was typed and ended; empty if none has ended. */
  statuses: number[]
  /** What was printed between the command and the next prompt. */
  output: string
  /** The program still runs. */
  isBusy: boolean
}

export class Shell {
  readonly number: number
  ended = false
  readonly #pty: SpawnedPty
  readonly #id = randomInt(1, 2 ** 31)
  readonly #channel: AgentChannel
  #text = ''
  /** Where in the text the last command for the shell was typed: it is over when a prompt follows. */
  #typedAt = 0
  #lastOutput = performance.now()

  constructor(
    number: number,
    command: (options: Partial<ExecOptions>) => HostCommand,
    channel: AgentChannel,
  ) {
    this.number = number
    this.#channel = channel
    const env = {
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      [TERMINAL_VARIABLE]: String(this.#id),
    }
    this.#pty = new SpawnedPty(command({ env }), SIZE, {
      onOutput: (bytes) => {
        this.#text += Buffer.from(bytes).toString('latin1')
        this.#lastOutput = performance.now()
      },
      onExit: () => {
        this.ended = true
      },
      onDrain: () => {},
    })
  }

  /** Types a line when the shell waits for one, and does not wait for its end. */
  async start(line: string): Promise<void> {
    await this.#until(() => this.isFree(), PROMPT_MS)
    this.#typedAt = this.#text.length
    this.#write(`${line}\r`)
    await this.#pause(LOOK_MS)
  }

  /** Whether a shell of the sandbox itself waits for a command. */
  async isFree(): Promise<boolean> {
    if (this.ended || this.#text.slice(this.#typedAt).search(MARK) < 0) return false
    return (await findForeground(this.#channel, this.#id))?.isShell ?? false
  }

  /** Waits, but not for ever, until commands of before have ended. */
  settle(timeoutMs: number): Promise<boolean> {
    return this.#until(() => this.isFree(), timeoutMs)
  }

  /**
   * Types a command for the shell. Ends when it has, or at the latest after `timeoutMs`; `mayStay`: or when it goes on
   * and prints nothing more, because something else will be typed into it, or it is meant to stay.
   */
  async run(command: string, { timeoutMs, mayStay }: { timeoutMs: number; mayStay: boolean }): Promise<Ran> {
    const from = this.#text.length
    this.#typedAt = from
    this.#write(`${command.replaceAll('\n', '\r')}\r`)
    const marks = () => [...this.#text.slice(from).matchAll(MARK)]
    const quiet = () => performance.now() - this.#lastOutput > (mayStay ? QUIET_MS : 120)
    const isOver = async () => marks().length > 0 && quiet() && (await this.isFree())
    const end = performance.now() + timeoutMs
    let isBusy = true
    while (performance.now() < end && !this.ended) {
      await this.#pause(LOOK_MS)
      if (await isOver()) {
        isBusy = false
        break
      }
      if (mayStay && quiet() && performance.now() - (end - timeoutMs) > QUIET_MS && !(await this.isFree()))
        break
    }
    return {
      statuses: marks().map(([, status]) => Number(status)),
      output: this.#printed(from),
      isBusy: isBusy && !this.ended,
    }
  }

  /** Types into whatever runs there, and waits until it has said what it has to say. */
  async press(text: string): Promise<string> {
    const from = this.#text.length
    this.#write(text.replaceAll('\n', '\r'))
    const began = performance.now()
    await this.#until(() => performance.now() - Math.max(this.#lastOutput, began) > 400, 10_000)
    return this.#printed(from)
  }

  end(): void {
    this.#pty.kill('SIGKILL')
  }

  /** Without what was typed, the prompts and the colours. */
  #printed(from: number): string {
    const bytes = Buffer.from(this.#text.slice(from), 'latin1').toString('utf8')
    const parts = bytes.split(MARK).filter((_, index) => index % 2 === 0)
    // Each part begins with the prompt and the echo of its line; behind the last mark there is only a prompt.
    const last = parts.length > 1 ? parts.slice(0, -1) : parts
    return last
      .map((part) =>
        stripVTControlCharacters(part.replace(UNSEEN, '')).replace(/\r+\n/g, '\n').replaceAll('\r', ''),
      )
      .map((part) => part.slice(part.indexOf('\n') + 1))
      .join('')
      .trimEnd()
  }

  #write(text: string): void {
    this.#pty.write(new TextEncoder().encode(text))
  }

  async #until(isSo: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs
    while (!(await isSo())) {
      if (performance.now() > end || this.ended) return false
      await this.#pause(LOOK_MS)
    }
    return true
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
  }
}
