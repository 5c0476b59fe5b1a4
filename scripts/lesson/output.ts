/** Whether what a lesson shows as output is what a sandbox prints, as far as that is the same each time. */

/** What differs from run to run: numbers of processes, times, sizes, ids, addresses. */
export function normal(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/\b[0-9a-f]{12,}\b/gi, '<id>')
        .replace(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/gi, '<mac>')
        .replace(
          /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/g,
          '<date>',
        )
        .replace(/\d+(?:[.,:]\d+)*/g, '0')
        .replace(/0(?:\s*(?:[kMGT]i?B?|B|bytes|ms|s|seconds?|minutes?))\b/g, '0')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter(Boolean)
}

/** Null if they agree, line by line in their order; otherwise what is wrong. A line `…` or `...` stands for any lines. */
export function agrees(shown: string, printed: string): string | null {
  const actual = normal(printed)
  const isExcerpt = shown.split('\n').some((line) => /^\s*(…|\.\.\.)\s*$/.test(line))
  const wanted = normal(shown).filter((line) => line !== '…' && line !== '...')
  let at = 0
  for (const line of wanted) {
    const found = actual.indexOf(line, at)
    if (found < 0)
      return `the output shown has drifted: nothing printed ${at > 0 ? `behind "${actual[at - 1]!.slice(0, 60)}" ` : ''}is like "${line.slice(0, 120)}"; printed was "${printed.slice(0, 200)}"`
    at = found + 1
  }
  if (!isExcerpt && wanted.length !== actual.length)
    return `the output shown has ${wanted.length} lines, and ${actual.length} were printed: "${printed.slice(0, 200)}"; a line … stands for others`
  return null
}
