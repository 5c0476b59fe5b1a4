/** What lesson pages ask of the machine beside its check: hints that fit, a step done for one, feedback, progress. */
import type { ClientMessage, ServerMessage } from '../../server/protocol/index.ts'
import type { LabClient } from './lab-client.ts'

type Answer = Extract<ServerMessage, { type: 'hints' | 'script-hint' | 'solved' | 'feedback-kept' }>
type Request = Extract<ClientMessage, { type: 'ask-hints' | 'ask-script-hint' | 'solve-step' | 'feedback' }>

export interface Solved {
  done: boolean
  output: string
}

/** A solution may take a minute; what takes longer is lost. */
const SOLVED_MS = 75_000
const ANSWER_MS = 8000

const ANSWERS = ['hints', 'script-hint', 'solved', 'feedback-kept']
const isAnswer = (message: ServerMessage): message is Answer => ANSWERS.includes(message.type)

export class LearningClient {
  readonly #client: LabClient
  readonly #waiting = new Map<number, (answer: Answer | null) => void>()
  #last = 0

  constructor(client: LabClient) {
    this.#client = client
    client.onMessage((message) => {
      if (isAnswer(message)) this.#waiting.get(message.request)?.(message)
    })
  }

  /** Whether each of the step's hints fits the sandbox as it is; null if nobody can tell. */
  async fittingHints(lesson: string, step: string): Promise<boolean[] | null> {
    const answer = await this.#ask({ type: 'ask-hints', request: 0, lesson, step }, ANSWER_MS)
    return answer?.type === 'hints' ? answer.fits : null
  }

  /** What the step's own hint script prints, `seconds` after the page was opened; null if nobody can tell. */
  async scriptHint(lesson: string, step: string, seconds: number): Promise<string | null> {
    const answer = await this.#ask({ type: 'ask-script-hint', request: 0, lesson, step, seconds }, ANSWER_MS)
    return answer?.type === 'script-hint' ? answer.text : null
  }

  /** Does the step: its preparation, its edits, its solution. */
  async solve(lesson: string, step: string): Promise<Solved> {
    const answer = await this.#ask({ type: 'solve-step', request: 0, lesson, step }, SOLVED_MS)
    if (answer?.type === 'solved') return { done: answer.done, output: answer.output }
    return { done: false, output: 'There was no answer from the sandbox. Try again when it is connected.' }
  }

  /** False if it could not be kept. */
  async feedback(lesson: string, step: string, thumb: 'up' | 'down', line: string): Promise<boolean> {
    const answer = await this.#ask({ type: 'feedback', request: 0, lesson, step, thumb, line }, ANSWER_MS)
    return answer?.type === 'feedback-kept' && answer.kept
  }

  #ask(message: Request, timeoutMs: number): Promise<Answer | null> {
    const request = ++this.#last
    return new Promise<Answer | null>((resolve) => {
      if (!this.#client.send({ ...message, request })) return resolve(null)
      const timer = setTimeout(() => resolve(null), timeoutMs)
      this.#waiting.set(request, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
    }).finally(() => this.#waiting.delete(request))
  }
}
