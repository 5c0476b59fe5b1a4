/** The smallest replacement that turns one text into another: what an editor is given, so that cursor and undo survive. Pure. */

/** Replace the characters from `start` to `end` with `text`. */
export interface Replacement {
  start: number
  end: number
  text: string
}

/** Two UTF-16 units that are one character stay together: an editor has no place between them. */
const splits = (text: string, at: number) =>
  /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '')

export function minimalEdit(before: string, after: string): Replacement {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  if (splits(before, start) || splits(after, start)) start--
  let tail = 0
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  if (splits(before, before.length - tail) || splits(after, after.length - tail)) tail--
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) }
}
