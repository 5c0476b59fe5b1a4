/** The configs that were run, each as it was at that moment, with what came of it. Kept in this browser. */
import type { CommandLog, EndedCommand, SeenCommand } from './command-log.ts'
import type { LabClient } from './lab-client.ts'
import { runOf } from './run-of.ts'

export type Outcome =
  | { kind: 'running' }
  /** runc printed an error instead of running it. */
  | { kind: 'refused'; message: string }
  /** It ran, and this is its exit status; of `runc create` and `run -d` that of runc. */
  | { kind: 'ended'; exit: number }

export interface Run {
  id: string
  /** When, in milliseconds since 1970. */
  at: number
  command: string
  /** The config.json that was run. */
  file: string
  text: string
  outcome: Outcome
}

const KEY = 'runclab.runs'
const MAX_RUNS = 30
/** Of all texts together. What is older than that goes. */
const MAX_CHARACTERS = 1_000_000

const NONE: readonly Run[] = []

export class RunHistory {
  readonly #client: LabClient
  readonly #listeners = new Set<() => void>()
  #runs: readonly Run[] | null = null
  /** Runs whose config is being read, with their outcome if they have ended meanwhile. */
  readonly #pending = new Map<string, Outcome | null>()

  constructor(client: LabClient, log: CommandLog) {
    this.#client = client
    log.watch({
      onBegin: (command) => void this.#begin(command),
      onEnd: (command) => this.#end(command),
    })
  }

  /** The newest first. */
  get runs(): readonly Run[] {
    this.#runs ??= read()
    return this.#runs
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The newest run of a file that runc did not refuse; null if there is none. */
  lastThatWorked(file: string): Run | null {
    return this.runs.find((run) => run.file === file && run.outcome.kind !== 'refused') ?? null
  }

  clear(): void {
    this.#set(NONE)
  }

  async #begin({ id, command, cwd, isHistory }: SeenCommand): Promise<void> {
    // What was run before this page was there cannot be read any more.
    if (isHistory) return
    const found = runOf(command, cwd)
    if (!found) return
    const file = `${found.bundle === '/' ? '' : found.bundle}/config.json`
    const at = Date.now()
    this.#pending.set(id, null)
    const answer = await this.#client.ask({ what: 'file', path: file })
    const ended = this.#pending.get(id)
    this.#pending.delete(id)
    if (answer.what !== 'file' || answer.text === null) return
    const outcome = ended ?? { kind: 'running' }
    // Another tab of this browser may have been faster.
    const others = read().filter((run) => run.id !== id)
    this.#set([{ id, at, command, file, text: answer.text, outcome }, ...others])
  }

  #end({ id, exit, output, messages }: EndedCommand): void {
    const said = [...messages, ...output.split('\n')].map(bare)
    const message = said.findLast((line) =>
      /runc (run|create) failed|^runc: |runc did not terminate/.test(line),
    )
    const outcome: Outcome = exit !== 0 && message ? { kind: 'refused', message } : { kind: 'ended', exit }
    if (this.#pending.has(id)) this.#pending.set(id, outcome)
    else if (this.runs.some((run) => run.id === id && run.outcome.kind === 'running'))
      this.#set(this.runs.map((run) => (run.id === id ? { ...run, outcome } : run)))
  }

  #set(runs: readonly Run[]): void {
    let size = 0
    const kept = runs.slice(0, MAX_RUNS).filter(({ text }) => {
      size += text.length
      return size <= MAX_CHARACTERS
    })
    this.#runs = kept
    try {
      localStorage.setItem(KEY, JSON.stringify(kept))
    } catch {
      // Storage is blocked or full: the history lasts as long as the page.
    }
    for (const listener of this.#listeners) listener()
  }
}

/** Without colours, time and level. */
function bare(line: string): string {
  return (
    line
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are made of control characters
      .replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?/g, '')
      .replace(/^[\s\S]*?\b(?:ERRO|FATA)\[\d+\] ?/, '')
      .replace(/^time=\S+ level=\w+ msg="?/, '')
      .trim()
      .slice(0, 500)
  )
}

function read(): readonly Run[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isRun).slice(0, MAX_RUNS) : NONE
  } catch {
    return NONE
  }
}

function isRun(run: unknown): run is Run {
  const { id, at, command, file, text, outcome } = (run ?? {}) as Partial<Run>
  return (
    [id, command, file, text].every((each) => typeof each === 'string') &&
    typeof at === 'number' &&
    ['running', 'refused', 'ended'].includes(outcome?.kind ?? '')
  )
}
