/** Remembers how each line of a file ends, because Monaco knows one kind of line end for a whole text. Pure. */

const ENDS = /\r\n|\r|\n/g

/** A change of the text between two lines, which count from 1. */
export interface LineChange {
  startLine: number
  endLine: number
  text: string
}

/** The text as Monaco has it: every line ends with a line feed. */
export const unify = (text: string): string => (text.includes('\r') ? text.replace(ENDS, '\n') : text)

export class LineEnds {
  /** How each line but the last ends; null while all end with a line feed. */
  #ends: string[] | null = null

  /** From now on these are the ends of `text`. */
  take(text: string): void {
    this.#ends = text.includes('\r') ? (text.match(ENDS) ?? []) : null
  }

  /** Changes of one moment: each speaks of the lines before all of them. New lines end like their neighbours. */
  change(changes: readonly LineChange[]): void {
    const ends = this.#ends
    if (!ends) return
    for (const { startLine, endLine, text } of [...changes].sort((a, b) => b.startLine - a.startLine)) {
      const own = ends[startLine - 1] ?? ends[startLine - 2] ?? '\n'
      const added = (text.match(ENDS) ?? []).map(() => own)
      ends.splice(startLine - 1, endLine - startLine, ...added)
    }
  }

  /** The text with the ends that belong to its lines. */
  restore(unified: string): string {
    const ends = this.#ends
    if (!ends) return unified
    return unified
      .split('\n')
      .map((line, index, { length }) => (index === length - 1 ? line : line + (ends[index] ?? '\n')))
      .join('')
  }
}
