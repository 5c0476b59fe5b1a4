/** Types lines into a sandbox's terminals on behalf of a lesson: in order, and each as soon as a shell waits for one. */

/** A shell, as this module needs it. */
export interface Shell {
  /** It has printed its prompt, and nothing else reads what is typed. */
  isReady(): Promise<boolean>
  /** False if it takes nothing now. */
  type(text: string): boolean
}

const LOOK_MS = 150
/** A script of before may take its time; what comes after it is typed anyway in the end, as a person would. */
const LOOKS = 200

export class Typist {
  readonly #queues = new Map<number, Promise<void>>()
  readonly #find: (terminal: number) => Shell | null

  /** `find`: the shell of the terminal with that number, if it runs. */
  constructor(find: (terminal: number) => Shell | null) {
    this.#find = find
  }

  /** Resolves when the line has been typed, or cannot be: the terminal is gone. Never rejects. */
  type(terminal: number, line: string): Promise<void> {
    const before = this.#queues.get(terminal) ?? Promise.resolve()
    const typed = before.then(() => this.#type(terminal, line)).catch(() => {})
    this.#queues.set(terminal, typed)
    return typed
  }

  async #type(terminal: number, line: string): Promise<void> {
    for (let look = 0; look < LOOKS; look++) {
      const shell = this.#find(terminal)
      if (!shell) return
      if ((await shell.isReady()) && shell.type(`${line}\r`)) return
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }
}
