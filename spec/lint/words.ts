/** "Did you mean": the nearest of the known words. */

/** Edits needed to turn one word into the other, with swapped neighbours as one. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length]!
}

/** The word of the list that was probably meant; null if none is near. Case counts little. */
export function nearest(word: string, words: Iterable<string>): string | null {
  const lower = word.toLowerCase()
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: string | null = null
  let least = limit + 1
  for (const candidate of words) {
    const steps = distance(lower, candidate.toLowerCase(), limit)
    if (steps < least) {
      least = steps
      best = candidate
    }
  }
  if (best !== null || lower.length < 3) return best
  for (const candidate of words) {
    const other = candidate.toLowerCase()
    if (other.startsWith(lower) || (other.endsWith(lower) && lower.length > 3)) return candidate
  }
  return null
}

/** A sentence to be put behind others, or nothing. */
export const didYouMean = (word: string | null) => (word === null ? '' : ` Did you mean "${word}"?`)
