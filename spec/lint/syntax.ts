/** Findings about the JSON itself: where Go's decoder stops, and what it silently leaves unread. */
import { createScanner } from 'jsonc-parser'
import type { SyntaxProblem } from '../go/scan.ts'
import type { Lines, Range, TextEdit } from '../text.ts'
import { type Diagnostic, failed } from './diagnostic.ts'

/** Of jsonc-parser's SyntaxKind, whose enum is lost when files are compiled one by one. */
const Token = {
  closeBrace: 2,
  closeBracket: 4,
  comma: 5,
  lineComment: 12,
  blockComment: 13,
  lineBreak: 14,
  blank: 15,
  end: 17,
}

interface Comma extends Range {
  twice: boolean
}

/** Comments, and commas with no value behind them, of the whole text. */
function strays(text: string): { comments: Range[]; commas: Comma[] } {
  const scanner = createScanner(text, false)
  const comments: Range[] = []
  const commas: Comma[] = []
  let comma: Range | null = null
  for (;;) {
    const kind: number = scanner.scan()
    const range = { from: scanner.getTokenOffset(), to: scanner.getTokenOffset() + scanner.getTokenLength() }
    if (kind === Token.end) break
    if (kind === Token.lineComment || kind === Token.blockComment) comments.push(range)
    else if (kind !== Token.blank && kind !== Token.lineBreak) {
      const closes = kind === Token.closeBrace || kind === Token.closeBracket
      const twice = kind === Token.comma
      if (comma && (closes || twice)) commas.push({ ...comma, twice })
      comma = twice ? range : null
    }
  }
  return { comments, commas }
}

/** What the problem is, in words for people, and a fix where one is plain. */
function explain(
  text: string,
  { offset, message }: SyntaxProblem,
): Pick<Diagnostic, 'id' | 'message' | 'why' | 'fix'> {
  const char = text[offset] ?? ''
  const before = text.slice(0, offset).trimEnd()
  const replace = (title: string, from: number, to: number, by: string) => ({
    title,
    edits: [{ from, to, text: by }] as TextEdit[],
  })
  if (message === 'EOF')
    return {
      id: 'json-empty',
      message: 'The file is empty.',
      why: 'runc needs one JSON object. `runc spec` writes a first one.',
      fix: null,
    }
  if (message === 'unexpected EOF') {
    return {
      id: 'json-unfinished',
      message: 'The file ends in the middle: a closing }, ] or " is missing.',
      why: 'Every { needs a }, every [ a ], and every string a closing ".',
      fix: null,
    }
  }
  if (message === 'exceeded max depth')
    return {
      id: 'json-depth',
      message: 'Nested too deeply.',
      why: 'Go reads at most 10,000 levels.',
      fix: null,
    }
  if (char === "'") {
    const end = text.indexOf("'", offset + 1)
    const inner = end > 0 ? text.slice(offset + 1, end) : null
    return {
      id: 'json-single-quotes',
      message: 'JSON strings stand in double quotes.',
      why: 'Single quotes mean nothing in JSON.',
      fix:
        inner !== null && !/["\\\n]/.test(inner)
          ? replace('Use double quotes', offset, end + 1, `"${inner}"`)
          : null,
    }
  }
  if (message.includes('in string literal'))
    return {
      id: 'json-string-newline',
      message: 'A line break or control character inside a string.',
      why: 'A string must be closed on its own line; write \\n for a line break and \\t for a tab. Often the closing " is missing.',
      fix: null,
    }
  if (message.includes('escape'))
    return {
      id: 'json-escape',
      message: 'A backslash followed by something JSON does not know.',
      why: 'After a backslash only " \\ / b f n r t and u with four hexadecimal digits may stand. A backslash itself is written \\\\.',
      fix: message.includes('string escape')
        ? replace('Double the backslash', offset - 1, offset, '\\\\')
        : null,
    }
  const number = /(-?)(0[0-9a-zA-Z]+)$/.exec(
    text.slice(0, offset) + (/^[\w]+/.exec(text.slice(offset))?.[0] ?? ''),
  )
  if (number && /\d/.test(text[offset - 1] ?? '') && /[0-9xobXOB]/.test(char)) {
    const from = offset - 1
    const written = /^0\w*/.exec(text.slice(from))?.[0] ?? ''
    const value = /^0[0-7]+$/.test(written)
      ? Number.parseInt(written, 8)
      : Number(written.replace(/^0+(?=\d)/, ''))
    return {
      id: 'json-number-octal',
      message: 'JSON knows decimal numbers only, without a leading zero.',
      why: `Go stops reading after the 0.${/^0[0-7]+$/.test(written) ? ` Octal ${written} is ${value} in decimal.` : ''}`,
      fix: Number.isSafeInteger(value)
        ? replace(`Write ${value}`, from, from + written.length, String(value))
        : null,
    }
  }
  if (/[-+*/%<]/.test(char) && /\d$/.test(before) && message.includes('after')) {
    const from = before.length - /[\d\s*+\-/]*$/.exec(before)![0].length
    const written = /^[\d\s*+\-/<]+/.exec(text.slice(from))?.[0].trim() ?? ''
    const factors = /^\d+(\s*\*\s*\d+)+$/.test(written)
      ? written.split('*').map((n) => BigInt(n.trim()))
      : null
    const product = factors?.reduce((a, b) => a * b, 1n)
    const start = text.indexOf(written, from)
    return {
      id: 'json-expression',
      message: 'JSON does no sums: write the result.',
      why: 'A value is one number; an operator behind it is a syntax error.',
      fix:
        product !== undefined
          ? replace(`Write ${product}`, start, start + written.length, String(product))
          : null,
    }
  }
  if (/[}\]]/.test(char) && before.endsWith(','))
    return {
      id: 'json-trailing-comma',
      message: 'A comma before the closing bracket.',
      why: 'In JSON a comma only stands between two entries.',
      fix: replace('Delete the comma', before.length - 1, before.length, ''),
    }
  if (char === ',' && /[,[{]$/.test(before))
    return {
      id: 'json-trailing-comma',
      message: 'One comma too many.',
      why: 'In JSON a comma only stands between two entries.',
      fix: replace('Delete the comma', offset, offset + 1, ''),
    }
  if (/after (object key:value pair|array element)/.test(message) && /["{[\-\dtfn]/.test(char))
    return {
      id: 'json-missing-comma',
      message: 'A comma is missing before this.',
      why: 'Entries of a list and keys of an object are separated by commas.',
      fix: replace('Insert a comma', before.length, before.length, ','),
    }
  if (message.includes('after object key') && !message.includes('pair'))
    return {
      id: 'json-missing-colon',
      message: 'A colon is missing between key and value.',
      why: 'It must be "key": value.',
      fix: /[=]/.test(char) ? replace('Write a colon', offset, offset + 1, ':') : null,
    }
  const word = /^[A-Za-z_$][\w$.-]*/.exec(text.slice(offset))?.[0] ?? ''
  if (word && message.includes('beginning')) {
    const known: Record<string, string> = {
      True: 'true',
      TRUE: 'true',
      yes: 'true',
      on: 'true',
      False: 'false',
      FALSE: 'false',
      no: 'false',
      off: 'false',
      None: 'null',
      nil: 'null',
      undefined: 'null',
      NULL: 'null',
      Null: 'null',
    }
    const better = message.includes('object key') ? `"${word}"` : (known[word] ?? `"${word}"`)
    return {
      id: message.includes('object key') ? 'json-bare-key' : 'json-bare-word',
      message: message.includes('object key') ? 'Keys stand in double quotes.' : `${word} is no JSON value.`,
      why: 'Outside of strings JSON knows only true, false, null and numbers.',
      fix: replace(`Write ${better}`, offset, offset + word.length, better),
    }
  }
  if (
    message.includes('numeric literal') ||
    message.includes('decimal point') ||
    message.includes('exponent')
  )
    return {
      id: 'json-number',
      message: 'Not a number as JSON writes them.',
      why: 'Digits must stand before and after a decimal point and after e.',
      fix: null,
    }
  return {
    id: 'json-syntax',
    message: 'Not valid JSON here.',
    why: 'runc stops reading at this character.',
    fix: null,
  }
}

/** The findings; `end` is where runc stops reading. */
export function syntax(text: string, problem: SyntaxProblem | null, end: number, lines: Lines): Diagnostic[] {
  const found: Diagnostic[] = []
  const add = (
    id: string,
    severity: Diagnostic['severity'],
    range: Range,
    message: string,
    runc: string | null,
    why: string,
    fix: Diagnostic['fix'],
  ) => found.push({ id, severity, pointer: '', ...range, ...lines.at(range.from), message, runc, why, fix })
  if (!problem) {
    const rest = /\S[\s\S]*/.exec(text.slice(end))
    if (rest) {
      const from = end + rest.index
      const to = text.trimEnd().length
      add(
        'json-trailing-text',
        'no-effect',
        { from, to },
        'Text behind the end of the JSON value.',
        null,
        'runc reads one value and leaves the rest of the file unread, so nothing here counts.',
        { title: 'Delete it', edits: [{ from: end, to, text: '' }] },
      )
    }
    return found
  }
  const runc = failed(problem.message)
  if (text.startsWith('\ufeff')) {
    add(
      'json-bom',
      'refused',
      { from: 0, to: 1 },
      'The file begins with an invisible byte-order mark.',
      failed("invalid character 'ï' looking for beginning of value"),
      'Some Windows editors write one. Save as UTF-8 without BOM.',
      { title: 'Delete the mark', edits: [{ from: 0, to: 1, text: '' }] },
    )
    return found
  }
  const { comments, commas } = strays(text)
  for (const range of comments) {
    const alone = /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', range.from - 1) + 1, range.from))
    const lineEnd = text.indexOf('\n', range.to)
    const cut =
      alone && lineEnd >= 0 && text.slice(range.to, lineEnd).trim() === ''
        ? { from: text.lastIndexOf('\n', range.from - 1) + 1, to: lineEnd + 1 }
        : range
    add(
      'json-comment',
      'refused',
      range,
      'JSON has no comments.',
      runc,
      'Go stops reading at the comment. Notes can go into "annotations".',
      { title: 'Delete the comment', edits: [{ ...cut, text: '' }] },
    )
  }
  for (const { twice, ...range } of commas)
    add(
      'json-trailing-comma',
      'refused',
      range,
      twice ? 'One comma too many.' : 'A comma before the closing bracket.',
      runc,
      'In JSON a comma only stands between two entries.',
      { title: 'Delete the comma', edits: [{ ...range, text: '' }] },
    )
  // Is anything left once these are gone?
  const covered = (offset: number) =>
    comments.some(({ from, to }) => from <= offset && offset < to) ||
    commas.some(({ from, to }) => /^[\s,]*$/.test(text.slice(from, offset)) && to <= offset + 1)
  if (covered(problem.offset)) return found
  const place = { from: Math.min(problem.offset, text.length), to: Math.min(problem.offset + 1, text.length) }
  const { id, message, why, fix } = explain(text, problem)
  add(id, 'refused', place, message, runc, why, fix)
  return found
}
