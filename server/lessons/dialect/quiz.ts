/** Katacoda's questions in Markdown: `>>Which?<<`, and below it answers to choose from or a text to be typed. */

export interface Quiz {
  ask: string
  /** `one` or `several` answers are right, or a text is: exactly this one, or any that contains it. */
  kind: 'one' | 'several' | 'exact' | 'contains'
  answers: { text: string; right: boolean }[]
}

const ASK = /^\s{0,3}>>\s?(.*?)\s?<<\s*$/
const CHOICE = /^\s{0,3}(\(([* xX]?)\)|\[([* xX]?)\])\s*(.*)$/
const TYPED = /^\s{0,3}(===|=~=)\s*(.*)$/

/** The question that begins on line `at`, and how many lines it takes; null if none begins there. */
export function readQuiz(lines: string[], at: number): { quiz: Quiz; length: number } | null {
  const ask = ASK.exec(lines[at] ?? '')?.[1]
  if (ask === undefined) return null
  const quiz: Quiz = { ask, kind: 'one', answers: [] }
  let next = at + 1
  let last = at
  for (; next < lines.length; next++) {
    const line = lines[next]!
    const choice = CHOICE.exec(line)
    const typed = TYPED.exec(line)
    if (choice) {
      const mark = choice[2] ?? choice[3] ?? ''
      if (choice[1]!.startsWith('[')) quiz.kind = 'several'
      quiz.answers.push({ text: choice[4]!.trim(), right: /[*x]/i.test(mark) })
    } else if (typed) {
      quiz.kind = typed[1] === '===' ? 'exact' : 'contains'
      quiz.answers.push({ text: typed[2]!.trim(), right: true })
    } else if (line.trim() !== '' || quiz.answers.length > 0) break
    if (choice || typed) last = next
  }
  return { quiz, length: last - at + 1 }
}
