/** Go's JSON syntax: where and with which words encoding/json, and so runc, stops reading a text. */

export interface SyntaxProblem {
  /** Where the reading stopped. */
  offset: number
  /** As Go words it, such as `invalid character '}' looking for beginning of object key string`. */
  message: string
}

const MAX_DEPTH = 10_000
const LITERALS: Record<string, string> = { t: 'true', f: 'false', n: 'null' }

/** A byte of the text as Go quotes it: a rune of its first UTF-8 byte. */
function quoted(text: string, offset: number): string {
  const point = text.codePointAt(offset)!
  if (text[offset] === "'") return "'\\''"
  if (text[offset] === '"') return `'"'`
  const byte = point < 0x80 ? point : new TextEncoder().encode(String.fromCodePoint(point))[0]!
  const named: Record<number, string> = {
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    11: '\\v',
    12: '\\f',
    13: '\\r',
    92: '\\\\',
  }
  if (named[byte]) return `'${named[byte]}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  return byte >= 0x80 && byte < 0xa1 ? `'\\u00${byte.toString(16)}'` : `'${String.fromCharCode(byte)}'`
}

class Stop {
  readonly offset: number
  readonly message: string
  constructor(offset: number, message: string) {
    this.offset = offset
    this.message = message
  }
}

/** Reads one value; `end` is where it ends. What stands behind it does not matter to Go's decoder. */
class Scanner {
  readonly #text: string
  at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  #fail(context: string): never {
    if (this.at >= this.#text.length) throw new Stop(this.#text.length, 'unexpected EOF')
    throw new Stop(this.at, `invalid character ${quoted(this.#text, this.at)} ${context}`)
  }

  space(): void {
    while (' \t\r\n'.includes(this.#text[this.at] ?? 'x')) this.at++
  }

  value(): void {
    this.space()
    const first = this.#text[this.at] ?? ''
    if (first === '{') this.#object()
    else if (first === '[') this.#array()
    else if (first === '"') this.#string()
    else if (LITERALS[first]) this.#literal(LITERALS[first])
    else if (/[-0-9]/.test(first)) this.#number()
    else this.#fail('looking for beginning of value')
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new Stop(this.at, 'exceeded max depth')
    this.at++
    this.space()
  }

  #object(): void {
    this.#enter()
    if (this.#text[this.at] !== '}') {
      for (;;) {
        if (this.#text[this.at] !== '"') this.#fail('looking for beginning of object key string')
        this.#string()
        this.space()
        if (this.#text[this.at] !== ':') this.#fail('after object key')
        this.at++
        this.value()
        this.space()
        if (this.#text[this.at] === '}') break
        if (this.#text[this.at] !== ',') this.#fail('after object key:value pair')
        this.at++
        this.space()
      }
    }
    this.at++
    this.#depth--
  }

  #array(): void {
    this.#enter()
    if (this.#text[this.at] !== ']') {
      for (;;) {
        this.value()
        this.space()
        if (this.#text[this.at] === ']') break
        if (this.#text[this.at] !== ',') this.#fail('after array element')
        this.at++
      }
    }
    this.at++
    this.#depth--
  }

  #string(): void {
    for (this.at++; ; this.at++) {
      const char = this.#text[this.at] ?? ''
      if (char === '"') break
      if (char < ' ') this.#fail('in string literal')
      if (char !== '\\') continue
      this.at++
      if (this.#text[this.at] === 'u') {
        for (let i = 0; i < 4; i++) {
          this.at++
          if (!/[0-9a-fA-F]/.test(this.#text[this.at] ?? ''))
            this.#fail('in \\u hexadecimal character escape')
        }
      } else if (!/[bfnrt\\/"]/.test(this.#text[this.at] ?? '')) this.#fail('in string escape code')
    }
    this.at++
  }

  #literal(word: string): void {
    for (let i = 1; i < word.length; i++) {
      this.at++
      if (this.#text[this.at] !== word[i]) this.#fail(`in literal ${word} (expecting '${word[i]}')`)
    }
    this.at++
  }

  #number(): void {
    const digits = (context: string) => {
      if (!/\d/.test(this.#text[this.at] ?? '')) this.#fail(context)
      while (/\d/.test(this.#text[this.at] ?? '')) this.at++
    }
    if (this.#text[this.at] === '-') this.at++
    if (this.#text[this.at] === '0') this.at++
    else digits('in numeric literal')
    if (this.#text[this.at] === '.') {
      this.at++
      digits('after decimal point in numeric literal')
    }
    if (/[eE]/.test(this.#text[this.at] ?? '')) {
      this.at++
      if (/[-+]/.test(this.#text[this.at] ?? '')) this.at++
      digits('in exponent of numeric literal')
    }
  }
}

/** Reads a text as Go's decoder does. `end`: where the value ends that it reads, if it can. */
export function scan(text: string): { problem: SyntaxProblem | null; end: number } {
  const scanner = new Scanner(text)
  scanner.space()
  if (scanner.at >= text.length) return { problem: { offset: text.length, message: 'EOF' }, end: text.length }
  try {
    scanner.value()
    return { problem: null, end: scanner.at }
  } catch (stop) {
    if (stop instanceof Stop) return { problem: stop, end: scanner.at }
    if (stop instanceof RangeError) return { problem: { offset: 0, message: 'exceeded max depth' }, end: 0 }
    throw stop
  }
}
