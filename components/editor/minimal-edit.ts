/** The smallest replacement that turns one text into another: what an editor is given, so that cursor and undo survive. Pure. */

/** Replace the characters from `start` to `end` with `text`. */
export interface Replacement {
  start: number
  end: number
  text: string
}

export function minimalEdit(before: string, after: string): Replacement {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let tail = 0
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) }
}
