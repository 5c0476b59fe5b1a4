/**
 * Reads along one terminal's output: which command began, how it ended, and what looks like a message of runc. Pure; the
 * bytes themselves go their way untouched.
 *
 * The sandbox's bash says where commands begin and end in sequences that terminals do not show: OSC 633;E and 633;P as
 * VS Code knows them, OSC 133;C and 133;D as most do. Elsewhere, such as in a container, there are only the lines.
 */

/** `offset` counts bytes of the terminal's output, so that the same thing has the same place after every reload. */
export type TapEvent =
  | { kind: 'begin'; offset: number; command: string; cwd: string }
  /** `output`: the last of what the command printed, if the command was watched. */
  | { kind: 'end'; offset: number; exit: number; output: string }
  /** A line in one of the forms of runc's log. */
  | { kind: 'message'; offset: number; text: string }

/** Longer lines are looked at from their beginning on only. */
const MAX_LINE = 8 * 1024
const MAX_OUTPUT = 16 * 1024
/** Commands whose whole output may hold something to explain. */
const WATCHED = /\b(runc|docker|crun|ctr|containerd|unshare)\b/
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are made of control characters
const PIECES = /\x1b\](133|633);([^\x07\x1b\n]*)(?:\x07|\x1b\\)|\n/g
// On a terminal the level has a colour of its own.
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are made of control characters
const MESSAGE = /(?:ERRO|FATA|WARN|PANI)(?:\x1b\[[\d;]*m)?\[\d|\blevel=(?:error|fatal|warning|panic)\b/
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are made of control characters
const MARKS = /\x1b\](?:133|633);[^\x07\x1b\n]*(?:\x07|\x1b\\)/g

const latin1 = new TextDecoder('latin1')
const utf8 = new TextDecoder()

export class OutputTap {
  /** Output before this offset has been read. */
  #at = 0
  /** Marks before this offset have been heard: the line that they stand in is read again as it grows. */
  #heard = 0
  /** The line that has begun, or its last part. */
  #line: Uint8Array = new Uint8Array()
  #command = ''
  #cwd = ''
  #isRunning = false
  #output: string | null = null

  /** Reads a piece of output that begins at `offset`; what has been read before is skipped. */
  read(offset: number, bytes: Uint8Array): TapEvent[] {
    if (offset > this.#at) this.#lose(offset)
    const fresh = bytes.subarray(this.#at - offset)
    if (fresh.length === 0) return []
    const start = this.#at - this.#line.length
    this.#at += fresh.length
    const data = join(this.#line, fresh)
    // One character for each byte: places in it are places in the output.
    const text = latin1.decode(data)
    const events: TapEvent[] = []
    let from = 0
    for (const found of text.matchAll(PIECES)) {
      const end = found.index + found[0].length
      if (found[1]) {
        if (start + found.index < this.#heard) continue
        this.#heard = start + end
        if (found[2]!.startsWith('D;') && this.#output !== null)
          this.#output += decodeText(data, from, found.index)
        this.#mark(found[1], decode(data, found.index + 6, end), start + found.index, events)
      } else {
        this.#take(data, text, from, end, start, events)
        from = end
      }
    }
    this.#line = data.slice(Math.max(from, data.length - MAX_LINE))
    return events
  }

  #lose(offset: number): void {
    this.#at = this.#heard = offset
    this.#line = new Uint8Array()
    this.#isRunning = false
    this.#output = null
  }

  /** A line that is complete. */
  #take(data: Uint8Array, text: string, from: number, end: number, start: number, events: TapEvent[]): void {
    if (this.#output !== null) this.#output = (this.#output + decodeText(data, from, end)).slice(-MAX_OUTPUT)
    // Looked for in the bytes first: most output is not ours.
    const line = text.slice(from, Math.min(end, from + MAX_LINE))
    if (MESSAGE.test(line))
      events.push({
        kind: 'message',
        offset: start + from,
        text: decodeText(data, from, from + line.length).trim(),
      })
  }

  #mark(family: string, piece: string, offset: number, events: TapEvent[]): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the end of a terminal sequence
    const body = piece.replace(/(\x07|\x1b\\)$/, '')
    if (family === '633') {
      if (body.startsWith('E;')) this.#command = decodeMark(body.slice(2))
      if (body.startsWith('P;Cwd=')) this.#cwd = decodeMark(body.slice(6))
      return
    }
    if (body === 'C') {
      this.#isRunning = true
      this.#output = WATCHED.test(this.#command) ? '' : null
      events.push({ kind: 'begin', offset, command: this.#command, cwd: this.#cwd })
    }
    const exit = /^D;(\d{1,3})$/.exec(body)?.[1]
    if (exit === undefined || !this.#isRunning) return
    this.#isRunning = false
    events.push({ kind: 'end', offset, exit: Number(exit), output: this.#output ?? '' })
    this.#output = null
    this.#command = ''
  }
}

/** Text without the marks in it. */
const decodeText = (data: Uint8Array, from: number, end: number) => decode(data, from, end).replace(MARKS, '')
const decode = (data: Uint8Array, from: number, end: number) => utf8.decode(data.subarray(from, end))

/** As bash wrote it: `\xHH` for what would end the sequence. */
const decodeMark = (text: string) =>
  text.replace(/\\x([0-9a-f]{2})|\\\\/g, (whole, code) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : whole[0]!,
  )

function join(before: Uint8Array, after: Uint8Array): Uint8Array {
  if (before.length === 0) return after
  const joined = new Uint8Array(before.length + after.length)
  joined.set(before)
  joined.set(after, before.length)
  return joined
}
