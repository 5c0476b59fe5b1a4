/** What is typed into a terminal while there is no connection: kept in order, within a bound, and told in words. Pure. */

/** More than anyone types blindly; a longer paste is refused whole, so that no half of it is typed. */
export const HELD_BYTES = 4096

/** Mouse and focus reports: the screen says them by itself, and later they would be wrong. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const REPORT = /^\x1b\[(?:[IO]|<[\d;]+[Mm]|M.{3}|[\d;]+M)$/s
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const KEY = /\x1b\[[\d;?]*[ -/]*[@-~]|\x1bO.|\x1b.|./gsu
const NAMES: Record<string, string> = {
  '\r': '↵',
  '\n': '↵',
  '\t': '⇥',
  '\x7f': '⌫',
  '\x1b': 'Esc',
  '\x1b[A': '↑',
  '\x1b[B': '↓',
  '\x1b[C': '→',
  '\x1b[D': '←',
  '\x1bOA': '↑',
  '\x1bOB': '↓',
  '\x1bOC': '→',
  '\x1bOD': '←',
  '\x1b[3~': 'Del',
  '\x1b[H': 'Home',
  '\x1b[F': 'End',
}
/** Marks of a bracketed paste: nobody has pressed them. */
const MARKS = ['\x1b[200~', '\x1b[201~']

export interface Held {
  /** How many keys, counting an arrow as one and a paste by its characters. */
  keys: number
  /** The keys, with nothing in it that is not visible. */
  text: string
  /** Something was typed for which there was no room. */
  full: boolean
}

export const NOTHING_HELD: Held = { keys: 0, text: '', full: false }

export class HeldInput {
  #chunks: Uint8Array[] = []
  #size = 0
  #full = false

  get isEmpty(): boolean {
    return this.#size === 0
  }

  /** Keeps it; or, if there is no room, nothing of it. */
  add(bytes: Uint8Array): void {
    if (bytes.length < 32 && REPORT.test(new TextDecoder().decode(bytes))) return
    // After a gap nothing more: a command with a hole in it is another command.
    if (this.#full || this.#size + bytes.length > HELD_BYTES) {
      this.#full = true
      return
    }
    this.#chunks.push(bytes)
    this.#size += bytes.length
  }

  /** All of it, which is then held no more. */
  take(): Uint8Array[] {
    const chunks = this.#chunks
    this.#chunks = []
    this.#size = 0
    this.#full = false
    return chunks
  }

  describe(): Held {
    if (this.#size === 0 && !this.#full) return NOTHING_HELD
    const all = new Uint8Array(this.#size)
    let at = 0
    for (const chunk of this.#chunks) {
      all.set(chunk, at)
      at += chunk.length
    }
    return { ...spell(new TextDecoder().decode(all)), full: this.#full }
  }
}

/** Typed text as something to read: control characters and keys by their names. */
export function spell(text: string): { keys: number; text: string } {
  const keys = (text.match(KEY) ?? []).filter((key) => !MARKS.includes(key))
  return { keys: keys.length, text: keys.map(name).join('') }
}

function name(key: string): string {
  const known = NAMES[key]
  if (known) return known
  return key.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => {
    const code = char.codePointAt(0)!
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`
    return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  })
}
