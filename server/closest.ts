/** "Did you mean": the known word nearest to one that somebody has mistyped. */

/** The word of `words` with the fewest letters to change, add or drop (at most a third of it), or null. */
export function closest(typed: string, words: string[]): string | null {
  const ranked = words
    .map((word) => ({ word, far: distance(typed, word) }))
    .sort((a, b) => a.far - b.far || (a.word < b.word ? -1 : 1))
  const [best] = ranked
  return best && best.far <= Math.max(2, Math.floor(typed.length / 3)) ? best.word : null
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
