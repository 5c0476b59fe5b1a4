/** Prepares a lesson's Markdown for a CommonMark parser: suffixes of closing fences, sloppy fences, questions. Keeps count of lines. */
import { withAddresses } from './hosts.ts'
import { type Quiz, readQuiz } from './quiz.ts'

export interface Prepared {
  text: string
  /** The line in the author's file of each line of `text`, both from 1; index 0 is unused. */
  lines: number[]
  quizzes: Quiz[]
  /** Lines on which a code block begins that does not end. */
  openFences: number[]
}

/** The info string of a question's place in the prepared text. */
export const QUIZ = 'lab-quiz'

// Block quote marks and list bullets may stand before a fence.
const OPEN = /^((?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])(?=[ \t]|$))*[ \t]*)(`{3,}|~{3,})(.*)$/
const CLOSE = /^([ \t>]*)(`{3,}|~{3,})[ \t]*((?:\{\{?[^{}]*\}\}[ \t]*)*)(?:[.,;:]|<br ?\/?>|\\)?[ \t]*$/
/** A closing fence with an order, and something behind it that no platform shows. */
const CLOSE_AND_MORE = /^([ \t>]*)(`{3,}|~{3,})[ \t]*(\{\{?\s*(?:exec|execute|copy|open)\b[^{}]*\}\})[^`]*$/i
/** A closing fence behind the last line of code. */
const CLOSE_LATE = /^(.*?\S)[ \t]*(`{3,}|~{3,})[ \t]*(\{\{?\s*(?:exec|execute|copy|open)\b[^{}]*\}\})[ \t]*$/i
const ITEM = /^([ \t]*)(?:[-*+]|\d{1,9}[.)])([ \t]+|$)/
const RAW = /^[ \t]{0,3}<(pre|script|style|textarea)(?=[\s>]|$)/i
const HTML =
  /^[ \t]{0,3}<\/?(?:details|summary|div|p|section|center|table|tbody|tr|td|th|ul|ol|li|blockquote|h[1-6]|br|hr|dl|dt|dd)(?=[\s/>]|$)/i

/** Quotes and lists within each other, on one line: many times more than anybody reads, and few enough for the parser. */
const MAX_LEVELS = 100
const CONTAINERS = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t])))+/
const RULE = /^[ \t]*([-*])(?:[ \t]*\1)*[ \t]*$/

/** A text that the parser would take minutes for, or that would be the end of it. */
export class TooDeep extends Error {
  override name = 'TooDeep'
  readonly line: number

  constructor(line: number) {
    super(`Line ${line} is nested too deeply.`)
    this.line = line
  }
}

const isTooDeep = (line: string) =>
  line.length > MAX_LEVELS &&
  (CONTAINERS.exec(line)?.[0].match(/>|[-*+]|\d+/g)?.length ?? 0) > MAX_LEVELS &&
  !RULE.test(line)

/** Columns of white space at the start; a tab goes to the next multiple of 4. */
function indentOf(line: string): number {
  let column = 0
  for (const letter of line) {
    if (letter === ' ') column++
    else if (letter === '\t') column += 4 - (column % 4)
    else break
  }
  return column
}

/** Throws TooDeep. */
export function prepare(markdown: string): Prepared {
  return new Scanner(withAddresses(markdown).split(/\r\n?|\n/)).run()
}

class Scanner {
  readonly #source: string[]
  readonly #out: string[] = []
  readonly #lines: number[] = [0]
  readonly #quizzes: Quiz[] = []
  readonly #openFences: number[] = []
  /** Columns at which the content of the list items around begins, outermost first. */
  #items: number[] = []
  /** Lines of raw HTML, which a blank line ends. */
  #html = false

  constructor(lines: string[]) {
    this.#source = lines
  }

  run(): Prepared {
    for (let at = 0; at < this.#source.length; ) at = this.#step(at)
    return {
      text: this.#out.join('\n'),
      lines: this.#lines,
      quizzes: this.#quizzes,
      openFences: this.#openFences,
    }
  }

  #emit(line: string, at: number): void {
    this.#out.push(line)
    this.#lines.push(at + 1)
  }

  /** Deals with what begins on this line. Returns the line to go on with. */
  #step(at: number): number {
    const line = this.#source[at]!
    if (isTooDeep(line)) throw new TooDeep(at + 1)
    const raw = RAW.exec(line)?.[1]
    // What stands in there is text, fences and all.
    if (raw) return this.#through(at, new RegExp(`</${raw}>`, 'i'))
    if (/^[ \t]{0,3}<!--/.test(line)) return this.#through(at, /-->/)
    const quiz = readQuiz(this.#source, at)
    if (quiz) return this.#quiz(at, quiz)
    const [, before = '', fence, info = ''] = OPEN.exec(line) ?? []
    if (fence && !(fence[0] === '`' && info.includes('`'))) return this.#fence(at, before, fence, info)
    this.#follow(line)
    this.#emit(line, at)
    return at + 1
  }

  #through(at: number, end: RegExp): number {
    for (; at < this.#source.length; at++) {
      this.#emit(this.#source[at]!, at)
      if (end.test(this.#source[at]!)) return at + 1
    }
    return at
  }

  #quiz(at: number, { quiz, length }: { quiz: Quiz; length: number }): number {
    // A block of its own, whatever stands around it.
    for (const line of ['', `\`\`\`${QUIZ} ${this.#quizzes.length}`, '```', '']) this.#emit(line, at)
    this.#quizzes.push(quiz)
    return at + length
  }

  #follow(line: string): void {
    if (line.trim() === '') {
      this.#html = false
      return
    }
    const indent = indentOf(line)
    this.#items = this.#items.filter((column) => column <= indent)
    const item = ITEM.exec(line)
    if (item) this.#items.push(indentOf(item[0].replace(/\S/g, ' ')))
    if (HTML.test(line)) this.#html = true
  }

  #fence(at: number, before: string, fence: string, info: string): number {
    const end = this.#findClose(at, before, fence)
    const suffixAlone = /^\s*\{\{?[^{}]*\}\}\s*$/.test(info)
    if (end === null) {
      // A closing fence without a beginning would swallow the rest of the page.
      if (suffixAlone) return at + 1
      this.#openFences.push(at + 1)
      for (const line of this.#source.slice(at)) this.#emit(line, at++)
      return at
    }
    this.#follow(before.trim() === '' ? `${before}x` : before.replace(/\S\s*$/, '$&x'))
    const quoted = before.includes('>')
    const column = indentOf(before.replace(/[^\s]/g, ' '))
    const around = this.#items.filter((each) => each <= column).at(-1) ?? 0
    // Four columns more than its place make CommonMark see indented code.
    const place = !quoted && before.trim() === '' && column - around >= 4 ? around : column
    const shift = quoted ? 0 : place - column
    const opened = quoted || shift === 0 ? before : ' '.repeat(place)
    if (this.#html) this.#emit('', at)
    this.#emit(`${opened}${fence}${infoWith(info, end.suffix)}`, at)
    const content = this.#source.slice(at + 1, end.line)
    if (end.late !== null) content.push(end.late)
    const least = Math.min(...content.filter((line) => line.trim() !== '').map(indentOf))
    // Code with less indentation than its fence would end the list, and the block with it.
    const pad =
      quoted || shift < 0 || !Number.isFinite(least) || around === 0 ? 0 : Math.max(0, around - least)
    for (const [index, line] of content.entries()) {
      const moved = pad > 0 && line.trim() !== '' ? ' '.repeat(pad) + line : line
      this.#emit(shift < 0 ? unindent(moved, -shift) : moved, Math.min(at + 1 + index, end.line))
    }
    const closing = quoted ? end.before : ' '.repeat(place)
    this.#emit(`${closing}${fence}`, end.line)
    if (this.#html) this.#emit('', end.line)
    return end.line + 1
  }

  /** Where the block that is opened on line `at` ends. `late`: the code that stands before the closing fence. */
  #findClose(at: number, before: string, fence: string) {
    const column = indentOf(before.replace(/\S/g, ' '))
    const quoted = before.includes('>')
    for (let line = at + 1; line < this.#source.length; line++) {
      const text = this.#source[line]!
      // A block quote ends where its marks end, and the code in it does, too.
      if (quoted && !text.trimStart().startsWith('>')) return null
      const close = CLOSE.exec(text) ?? CLOSE_AND_MORE.exec(text)
      const late = close ? null : CLOSE_LATE.exec(text)
      const marks = close?.[2] ?? late?.[2]
      if (!marks || marks[0] !== fence[0] || marks.length < fence.length) continue
      // A fence that is shown as an example within the code.
      if (close && !close[3] && !quoted && indentOf(text) >= column + 4) continue
      const suffix = (close?.[3] ?? late?.[3] ?? '').trim()
      return { line, before: close?.[1] ?? '', suffix, late: late?.[1] ?? null }
    }
    return null
  }
}

/** The opening fence's info string, with the suffix of the closing one. */
function infoWith(info: string, suffix: string): string {
  const own = /\{\{?[^{}]*\}\}/.exec(info)?.[0] ?? ''
  const braces = suffix || (/\{\{?\s*(?:exec|execute|copy|open)\b/i.test(own) ? own : '')
  if (!braces) return info
  const language = info.replace(own && braces === own ? own : '', '').trim()
  // The first word of an info string is the language, so a bare fence needs one.
  const unnamed = /exec/i.test(braces) ? 'bash' : 'text'
  return `${language || unnamed} ${braces.replace(/^\{(?!\{)/, '{{')}`
}

function unindent(line: string, columns: number): string {
  const own = indentOf(line)
  return ' '.repeat(Math.max(0, own - columns)) + line.trimStart()
}
