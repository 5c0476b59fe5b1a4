/** Places in a text: offsets are UTF-16 units from 0, as in JavaScript; lines and columns count from 1, as editors show them. */

/** A stretch of text: from `from` up to, not including, `to`. */
export interface Range {
  from: number
  to: number
}

/** Replaces what stands from `from` up to `to` by `text`. */
export interface TextEdit extends Range {
  text: string
}

/** Finds line and column of offsets; made once for a text. */
export class Lines {
  readonly #starts = [0]

  constructor(text: string) {
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#starts.push(i + 1)
  }

  at(offset: number): { line: number; column: number } {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 }
  }
}

/** The text after the edits, which must not overlap; each speaks of the text before all of them. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let done = 0
  for (const { from, to, text: added } of [...edits].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from < done || to < from || to > text.length) throw new RangeError(`edit ${from}-${to} does not fit`)
    result += text.slice(done, from) + added
    done = to
  }
  return result + text.slice(done)
}

/**
 * Adds `next`, an edit of the text that `edits` lead to, so that the result again speaks of the text before all of
 * them. Both lists are in the order of the text; edits that touch become one.
 */
export function composeEdits(edits: readonly TextEdit[], next: TextEdit): TextEdit[] {
  const before: TextEdit[] = []
  const after: TextEdit[] = []
  const merged = { ...next }
  /** How far the text behind the edits seen so far has moved. */
  let shift = 0
  let shiftAtStart = 0
  let touched = false
  let end = next.to
  let shiftAtEnd = 0
  for (const edit of edits) {
    const start = edit.from + shift
    const stop = start + edit.text.length
    const moved = shift + edit.text.length - (edit.to - edit.from)
    if (stop < next.from) {
      before.push(edit)
      shiftAtStart = shiftAtEnd = moved
    } else if (start > next.to) {
      after.push(edit)
    } else {
      if (!touched && start < next.from) {
        merged.from = start
        merged.text = edit.text.slice(0, next.from - start) + merged.text
      }
      if (stop > next.to) merged.text += edit.text.slice(next.to - start)
      end = Math.max(end, stop)
      shiftAtEnd = moved
      touched = true
    }
    shift = moved
  }
  return [...before, { from: merged.from - shiftAtStart, to: end - shiftAtEnd, text: merged.text }, ...after]
}
