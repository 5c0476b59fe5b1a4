/** Commands on their way from the lesson into terminals: each once, in order, and not into a program that is no shell. */
import type { Command } from './command.ts'
import type { Foreground } from './lab-client.ts'

/** A second click on the same command within this time is the same click. */
const SAME_CLICK_MS = 600
/** How often, and for how long, to look again whether a program that is in the way has ended: most commands are short. */
const LOOK_MS = 200
const LOOKS = 6
/** A program that is interrupted may have to tidy up. */
const LOOKS_AFTER_INTERRUPT = 15

const CTRL_C = '\x03'

/** Something else than a shell would read the command: the learner decides. */
export interface Question {
  /** The terminal's number. */
  number: number
  /** Empty if it could not be found out. */
  program: string
  command: string
  /** It was interrupted, and goes on. */
  interrupted: boolean
}
export type Answer = 'type' | 'interrupt' | 'cancel'

export interface Terminals {
  /** There is a shell that has printed something, and a connection to it. */
  ready(number: number): boolean
  type(number: number, text: string): void
  foreground(number: number): Promise<Foreground>
  /** `question` is another one. */
  changed(): void
}

interface Waiting {
  number: number
  command: Command
  interrupted: boolean
  busy: boolean
  question: Question | null
}

export class CommandQueue {
  readonly #terminals: Terminals
  readonly #pause: (ms: number) => Promise<void>
  readonly #now: () => number
  #waiting: Waiting[] = []
  #last = { text: '', at: Number.NEGATIVE_INFINITY }

  constructor(
    terminals: Terminals,
    pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    now: () => number = () => Date.now(),
  ) {
    this.#terminals = terminals
    this.#pause = pause
    this.#now = now
  }

  /** The terminals that commands wait for. */
  get numbers(): number[] {
    return [...new Set(this.#waiting.map(({ number }) => number))]
  }

  /** The oldest question that the learner has not answered. */
  get question(): Question | null {
    return this.#waiting.find(({ question }) => question)?.question ?? null
  }

  /** False if this is the click that was just made, or one that still waits. */
  add(number: number, command: Command): boolean {
    const now = this.#now()
    const same = command.text === this.#last.text && now - this.#last.at < SAME_CLICK_MS
    this.#last = { text: command.text, at: now }
    if (same || this.#waiting.some((each) => each.number === number && each.command.text === command.text))
      return false
    this.#waiting.push({ number, command, interrupted: false, busy: false, question: null })
    return true
  }

  /** After every change of a terminal: goes on where it can. */
  tend(): void {
    for (const number of this.numbers) {
      const first = this.#waiting.find((each) => each.number === number)!
      if (this.#terminals.ready(number)) {
        if (!first.busy && !first.question) void this.#send(first)
      } else if (first.question) {
        // Whatever was in the way is gone, or out of sight: look again when there is a shell.
        this.#ask(first, null)
      }
    }
  }

  answer(answer: Answer): void {
    const waiting = this.#waiting.find(({ question }) => question)
    if (!waiting) return
    if (answer === 'cancel') this.#remove(waiting)
    else if (answer === 'type') this.#type(waiting)
    else {
      this.#ask(waiting, null)
      this.#interrupt(waiting)
    }
    this.#terminals.changed()
    this.tend()
  }

  clear(): void {
    this.#waiting = []
    this.#terminals.changed()
  }

  async #send(waiting: Waiting): Promise<void> {
    waiting.busy = true
    try {
      if (await this.#clear(waiting)) this.#type(waiting)
    } catch {
      // The connection broke meanwhile; nothing was typed, and it begins again when there is one.
      waiting.busy = false
      return
    }
    waiting.busy = false
    this.tend()
  }

  /** Whether the command may be typed now. If not, then because the learner is asked, or has withdrawn it. */
  async #clear(waiting: Waiting): Promise<boolean> {
    const { number, command } = waiting
    if (command.inside) return true
    for (let look = 0; ; look++) {
      const { program, isShell } = await this.#terminals.foreground(number)
      if (!this.#waiting.includes(waiting) || !this.#terminals.ready(number)) return false
      if (isShell) return true
      if (command.interrupt && !waiting.interrupted) {
        this.#interrupt(waiting)
        look = 0
      }
      if (look >= (waiting.interrupted ? LOOKS_AFTER_INTERRUPT : LOOKS)) {
        this.#ask(waiting, { number, program, command: command.text, interrupted: waiting.interrupted })
        return false
      }
      await this.#pause(LOOK_MS)
      if (!this.#waiting.includes(waiting) || !this.#terminals.ready(number)) return false
    }
  }

  #interrupt(waiting: Waiting): void {
    waiting.interrupted = true
    this.#terminals.type(waiting.number, CTRL_C)
  }

  #type(waiting: Waiting): void {
    const { text, send = text, interrupt, newline = true } = waiting.command
    this.#remove(waiting)
    const before = interrupt && !waiting.interrupted ? CTRL_C : ''
    this.#terminals.type(waiting.number, `${before}${send.replaceAll('\n', '\r')}${newline ? '\r' : ''}`)
  }

  #remove(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((each) => each !== waiting)
  }

  #ask(waiting: Waiting, question: Question | null): void {
    waiting.question = question
    this.#terminals.changed()
  }
}
