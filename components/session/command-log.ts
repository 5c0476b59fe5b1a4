/** What the terminals' commands did: tells of each that begins and ends, and keeps what may need an explanation. Knows no screen. */
import type { LabClient } from './lab-client.ts'
import { OutputTap, type TapEvent } from './output-tap.ts'
import { runOf } from './run-of.ts'

/** One command that was typed into a terminal. */
export interface SeenCommand {
  /** The same after every reload. */
  id: string
  /** Id of the terminal. */
  terminal: number
  command: string
  cwd: string
  /** It was printed before this page was there. */
  isHistory: boolean
}

/** How it ended. `output`: the last of it, if it was runc's or docker's. */
export interface EndedCommand extends SeenCommand {
  exit: number
  output: string
  /** Messages of runc's log among it. */
  messages: readonly string[]
}

/** Something that may need an explanation. */
export interface Notice {
  id: string
  terminal: number
  /** What was printed, with colours and all; for a command that printed nothing of note its exit status in words. */
  text: string
  /** Empty if it is not known. */
  command: string
  /** Folder of the bundle that the command ran; null if that cannot be told. */
  bundle: string | null
}

export interface CommandListener {
  onBegin?(command: SeenCommand): void
  onEnd?(command: EndedCommand): void
}

interface Reader {
  tap: OutputTap
  running: (SeenCommand & { messages: string[] }) | null
}

const TELL_MS = 150
const MAX_MESSAGES = 20
const MAX_DISMISSED = 200
const DISMISSED_KEY = 'runclab.dismissed'

export class CommandLog {
  readonly #readers = new Map<number, Reader>()
  readonly #commandListeners = new Set<CommandListener>()
  readonly #listeners = new Set<() => void>()
  /** The last of each terminal. */
  readonly #notices = new Map<number, Notice>()
  #latest: Notice | null = null
  /** The terminal that was heard of last. */
  #last = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #dismissed: string[] | null = null

  constructor(client: LabClient) {
    client.onOutput(({ terminal, offset, bytes }, isHistory) => {
      const reader = this.#readers.get(terminal) ?? { tap: new OutputTap(), running: null }
      this.#readers.set(terminal, reader)
      for (const event of reader.tap.read(offset, bytes)) this.#hear(reader, terminal, event, isHistory)
    })
  }

  /** What needs an explanation now; null if nothing does. */
  get notice(): Notice | null {
    return this.#latest
  }

  /** Calls `listener` after every change of `notice`. Returns how to stop. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Returns how to stop. */
  watch(listener: CommandListener): () => void {
    this.#commandListeners.add(listener)
    return () => this.#commandListeners.delete(listener)
  }

  /** The learner has read it: it does not come back, also not after a reload. */
  dismiss(notice: Notice): void {
    this.#dismissed = [...this.#readDismissed().filter((id) => id !== notice.id), notice.id].slice(
      -MAX_DISMISSED,
    )
    try {
      localStorage.setItem(DISMISSED_KEY, JSON.stringify(this.#dismissed))
    } catch {
      // Storage is blocked: it stays away as long as the page lives.
    }
    if (this.#notices.get(notice.terminal)?.id === notice.id) this.#notices.delete(notice.terminal)
    this.#tell()
  }

  #hear(reader: Reader, terminal: number, event: TapEvent, isHistory: boolean): void {
    const id = `${terminal}:${event.offset}`
    if (event.kind === 'begin') {
      const { command, cwd } = event
      const seen: SeenCommand = { id, terminal, command, cwd, isHistory }
      reader.running = { ...seen, messages: [] }
      this.#notices.delete(terminal)
      for (const { onBegin } of this.#commandListeners) onBegin?.(seen)
    } else if (event.kind === 'message') {
      const { running } = reader
      if (running && running.messages.length < MAX_MESSAGES) running.messages.push(event.text)
      // Old output that belongs to no command we know of is old.
      if (running || !isHistory) this.#add(running, { id, terminal, text: event.text })
    } else {
      const { running } = reader
      reader.running = null
      if (!running) return
      const ended = { ...running, isHistory, exit: event.exit, output: event.output }
      for (const { onEnd } of this.#commandListeners) onEnd?.(ended)
      const text = unexplained(ended)
      if (text) this.#add(running, { id, terminal, text })
    }
    this.#tellSoon()
  }

  #add(running: SeenCommand | null, notice: Pick<Notice, 'id' | 'terminal' | 'text'>): void {
    // All that one command said belongs together: its warnings lead to its error.
    const before = running && this.#notices.get(notice.terminal)
    const text = before ? `${before.text}\n${notice.text}` : notice.text
    const { command = '', cwd = '' } = running ?? {}
    const bundle = runOf(command, cwd)?.bundle ?? null
    this.#notices.set(notice.terminal, { ...notice, text, command, bundle })
    this.#last = notice.terminal
  }

  /** A replay of old output brings many one after the other: only the last one is of interest. */
  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#tell()
    }, TELL_MS)
  }

  #tell(): void {
    const last = this.#notices.get(this.#last) ?? null
    const next = last && !this.#readDismissed().includes(last.id) ? last : null
    if (next === this.#latest) return
    this.#latest = next
    for (const listener of this.#listeners) listener()
  }

  #readDismissed(): string[] {
    if (this.#dismissed) return this.#dismissed
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(DISMISSED_KEY) ?? '[]')
      this.#dismissed = Array.isArray(stored) ? stored.map(String) : []
    } catch {
      this.#dismissed = []
    }
    return this.#dismissed
  }
}

/** What there is to explain at the end of a command of which nothing has been explained yet. */
function unexplained({ command, exit, output, messages }: EndedCommand): string | null {
  if (exit === 0 || messages.length > 0 || !/\b(runc|docker)\b/.test(command)) return null
  // Ctrl+C is no mistake.
  if (exit === 130) return null
  return `${output.trim()}\nexit status ${exit}`.trim()
}
