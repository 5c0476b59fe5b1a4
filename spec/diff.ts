/** What differs between two texts, line by line: hunks with a little of what is around them, as people read a diff. */

export interface DiffLine {
  kind: 'same' | 'removed' | 'added'
  /** Without its end. */
  text: string
  /** Number of the line, counted from 1, in the text that has it; of the old one for those that are the same. */
  line: number
}

/** Files of the lab have hundreds of lines; beyond this the two are called all different rather than compared for long. */
const MAX_CELLS = 4_000_000

/** Every line of both texts, in order: removed lines stand before the added ones that take their place. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail++
  const lines: DiffLine[] = []
  for (let i = 0; i < head; i++) lines.push({ kind: 'same', text: a[i]!, line: i + 1 })
  lines.push(...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), head))
  for (let i = a.length - tail; i < a.length; i++) lines.push({ kind: 'same', text: a[i]!, line: i + 1 })
  return lines
}

/** By the longest common subsequence of the lines. */
function middle(a: string[], b: string[], offset: number): DiffLine[] {
  const removed = (i: number): DiffLine => ({ kind: 'removed', text: a[i]!, line: offset + i + 1 })
  const added = (j: number): DiffLine => ({ kind: 'added', text: b[j]!, line: offset + j + 1 })
  if (a.length * b.length > MAX_CELLS)
    return [...a.map((_, index) => removed(index)), ...b.map((_, index) => added(index))]
  const width = b.length + 1
  const length = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i * width + j] =
        a[i] === b[j]
          ? length[(i + 1) * width + j + 1]! + 1
          : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!)
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i]!, line: offset + i + 1 })
      i++
      j++
    } else if (length[(i + 1) * width + j]! >= length[i * width + j + 1]!) lines.push(removed(i++))
    else lines.push(added(j++))
  }
  while (i < a.length) lines.push(removed(i++))
  while (j < b.length) lines.push(added(j++))
  return lines
}

/** Only what changed, with at most `context` lines around it; null stands for lines left out between two hunks. */
export function hunks(lines: DiffLine[], context = 2): (DiffLine | null)[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== 'same'),
  )
  const shown: (DiffLine | null)[] = []
  for (const [index, line] of lines.entries()) {
    if (near[index]) shown.push(line)
    else if (shown.length > 0 && shown.at(-1) !== null) shown.push(null)
  }
  if (shown.at(-1) === null) shown.pop()
  return shown
}

const SIGNS = { same: ' ', removed: '-', added: '+' }

/** A diff as text, as it stands in a lesson: a sign before each line, `@@` between hunks. Empty if nothing differs. */
export function diffText(before: string, after: string, context = 2): string {
  return hunks(diffLines(before, after), context)
    .map((line) => (line ? SIGNS[line.kind] + line.text : '@@'))
    .join('\n')
}
