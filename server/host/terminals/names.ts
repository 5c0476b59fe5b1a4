/** What the terminals of one sandbox are called. A name belongs to a number: a new shell there has it, too. */

/** `own`: the learner has given it. */
export interface ToldName {
  text: string
  own: boolean
}

export class TerminalNames {
  readonly #names = new Map<number, ToldName>()

  /** Empty if it goes by its number. */
  of(number: number): string {
    return this.#names.get(number)?.text ?? ''
  }

  /** The learner's word; an empty one takes the name away. */
  rename(number: number, text: string): void {
    this.#names.set(number, { text: text.trim(), own: true })
  }

  /** A lesson's names of terminals 1, 2, …: they hold where the learner has given none. */
  suggest(names: readonly string[]): void {
    for (const [index, name] of names.entries()) {
      const text = name.replace(/\p{Cc}/gu, '').trim()
      if (text && !this.#names.get(index + 1)?.own) this.#names.set(index + 1, { text, own: false })
    }
  }

  /** For the next host process, and from the one before. */
  told(number: number): ToldName | undefined {
    return this.#names.get(number)
  }

  recall(number: number, name: ToldName | undefined): void {
    if (name) this.#names.set(number, name)
  }
}
