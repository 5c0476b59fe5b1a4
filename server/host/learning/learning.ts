/** What one session does for the lesson on its pages: finds fitting hints, does a step for the learner, remembers progress. */
import { applyPatch, type PatchOperation } from '../../../spec/edit.ts'
import { applyEdits } from '../../../spec/text.ts'
import { type HostMessage, MAX_LESSONS, MAX_STEPS } from '../../protocol/index.ts'
import type { AgentChannel } from '../agent/channel.ts'
import type { SandboxFiles } from '../files.ts'
import type { Peer } from '../peer.ts'

type LearningMessage = Extract<
  HostMessage,
  { type: 'run-hints' | 'run-script-hint' | 'run-solution' | 'note-progress' | 'forget-progress' }
>
type Solution = Extract<HostMessage, { type: 'run-solution' }>

const HINTS_MS = 5000
const SCRIPT_MS = 60_000
const MAX_OUTPUT = 4000
/** An edit meets the file as it is; if the learner saves meanwhile, it is made anew. */
const ATTEMPTS = 3

export class Learning {
  readonly #connect: () => Promise<AgentChannel>
  readonly #files: SandboxFiles
  readonly #progress = new Map<string, { passed: Set<string>; last: string | null }>()
  #solving = false

  constructor(connect: () => Promise<AgentChannel>, files: SandboxFiles) {
    this.#connect = connect
    this.#files = files
  }

  async handle(peer: Peer, message: LearningMessage): Promise<void> {
    switch (message.type) {
      case 'run-hints': {
        const fits = await this.#fitting(message.conditions)
        return peer.send({ type: 'hints', request: message.request, fits })
      }
      case 'run-script-hint': {
        const text = await this.#scriptHint(message.script, message.seconds)
        return peer.send({ type: 'script-hint', request: message.request, text })
      }
      case 'run-solution': {
        const { request } = message
        if (this.#solving) {
          const output = 'Another step is being done right now: wait for it to end.'
          return peer.send({ type: 'solved', request, done: false, output })
        }
        this.#solving = true
        try {
          peer.send({ type: 'solved', request, ...(await this.#solve(message)) })
        } finally {
          this.#solving = false
        }
        return
      }
      case 'note-progress': {
        const known = this.#known(message.lesson)
        for (const step of message.passed) if (known.passed.size < MAX_STEPS) known.passed.add(step)
        known.last = message.last ?? known.last
        return this.#tell(peer, message.lesson)
      }
      case 'forget-progress':
        if (message.step === null) this.#progress.delete(message.lesson)
        else this.#progress.get(message.lesson)?.passed.delete(message.step)
        return this.#tell(peer, message.lesson)
    }
  }

  #known(lesson: string) {
    const known = this.#progress.get(lesson) ?? { passed: new Set<string>(), last: null }
    if (!this.#progress.has(lesson) && this.#progress.size < MAX_LESSONS) this.#progress.set(lesson, known)
    return known
  }

  #tell(peer: Peer, lesson: string): void {
    const { passed, last } = this.#progress.get(lesson) ?? { passed: [], last: null }
    peer.send({ type: 'learned', lesson, passed: [...passed], last })
  }

  /** A hint without a condition always fits; one whose condition cannot be asked does not. */
  async #fitting(conditions: readonly (string | null)[]): Promise<boolean[]> {
    const asked = conditions.flatMap((condition, index) =>
      condition === null
        ? []
        : [`timeout 2 bash -c ${quote(condition)} </dev/null >/dev/null 2>&1 && echo ${index}`],
    )
    if (asked.length === 0) return conditions.map(() => true)
    const channel = await this.#connect()
    const result = await channel.run(['/bin/bash', '-c', `${asked.join('\n')}\ntrue`], {
      timeoutMs: HINTS_MS,
      maxOutput: 1000,
    })
    const holding = new Set(result.output.split('\n').map((line) => line.trim()))
    return conditions.map((condition, index) => condition === null || holding.has(String(index)))
  }

  /** Its exit status says nothing: on the platform, too, what is printed is the hint. */
  async #scriptHint(script: string | null, seconds: number): Promise<string> {
    if (script === null) return ''
    const channel = await this.#connect()
    const { output, timedOut } = await channel.run(['/bin/bash', '-c', script, 'hint', String(seconds)], {
      timeoutMs: HINTS_MS,
      maxOutput: MAX_OUTPUT,
    })
    return timedOut ? '' : output.trim()
  }

  async #solve({ prepare, edits, solution }: Solution): Promise<{ done: boolean; output: string }> {
    try {
      if (prepare !== null) await this.#run(prepare, 'It could not be prepared')
      for (const { file, patch } of edits) await this.#edit(file, patch as PatchOperation[])
      const output = solution === null ? '' : await this.#run(solution, 'The solution did not work')
      return { done: true, output }
    } catch (error) {
      return { done: false, output: (error as Error).message }
    }
  }

  /** What the script printed. Throws with that if it failed. */
  async #run(script: string, failed: string): Promise<string> {
    const channel = await this.#connect()
    const { status, output, timedOut } = await channel.run(['/bin/bash', '-c', script], {
      timeoutMs: SCRIPT_MS,
      maxOutput: MAX_OUTPUT,
    })
    if (timedOut) throw new Error(`${failed}: it took longer than a minute.`)
    if (status !== 0) throw new Error(`${failed}: ${output.trim() || `exit status ${status}`}`)
    return output.trim()
  }

  async #edit(path: string, patch: PatchOperation[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // What a script has just made may not have been noticed yet.
      const file = await this.#files.read(path)
      if (file.state !== 'text') throw new Error(`There is no ${path} to edit.`)
      const text = applyEdits(file.text, applyPatch(file.text, patch))
      if (text === file.text || (await this.#files.save(path, file.hash, text)).saved) return
    }
    throw new Error(`${path} was changed by somebody else meanwhile: try again.`)
  }
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
