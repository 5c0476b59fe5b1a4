/** The words between the braces behind a piece of code, such as `cmd`{{exec T2}}, and what they ask for. */

/** What a learner can do with a piece of code. */
export interface Action {
  kind: 'run' | 'copy' | 'open'
  terminal?: number
  interrupt?: boolean
  newline?: boolean
  send?: string
  inside?: boolean
  /** The host that it is meant for, if not the first: there is no other here. */
  host?: number
  /** It is meant to end with another status than 0. */
  fails?: boolean
}

/** Braces that mean something: a verb with words behind it, or nothing at all. One brace may have been forgotten. */
export const SUFFIX = /\{\{?\s*(?:(exec|execute|copy|open)\b([^{}]*)|)\}\}/i

/** How many terminals a lesson can name. */
const MAX_TERMINAL = 6

/** Understands the words in `{{…}}` behind `text`; null for those that ask for nothing this lab can do. */
export function parseAction(words: string, text = ''): Action | null {
  const [verb = '', ...modifiers] = words
    .trim()
    .toLowerCase()
    .split(/[\s,]+/)
  if (verb === 'copy') return { kind: 'copy' }
  if (verb === 'open') return { kind: 'open' }
  if (verb !== 'exec' && verb !== 'execute') return null
  const action: Action = { kind: 'run' }
  if (modifiers.includes('ctrl-seq')) {
    const send = controlKeys(text)
    // Typing "^C" letter by letter would be wrong.
    if (send === null) return null
    Object.assign(action, { send, newline: false, inside: true })
  }
  if (/^:[a-z!]+$/i.test(text.trim())) action.inside = true
  for (const modifier of modifiers) {
    const terminal = Number(/^t([1-9]\d?)$/.exec(modifier)?.[1])
    if (terminal && terminal <= MAX_TERMINAL) action.terminal = terminal
    const host = Number(/^host0?([1-9]\d?)$/.exec(modifier)?.[1])
    if (host > 1) action.host = host
    if (modifier === 'interrupt') action.interrupt = true
    // What is typed without Enter is typed into a program, such as vi; and so is what vi takes for a command.
    if (modifier === 'no-newline') Object.assign(action, { newline: false, inside: true })
    if (modifier === 'inside') action.inside = true
    if (modifier === 'fails') action.fails = true
  }
  return action
}

/** Words that look like modifiers and are none, such as `T9`. */
export function unusable(words: string): string[] {
  return words
    .trim()
    .split(/[\s,]+/)
    .slice(1)
    .filter((word) => Number(/^t(\d+)$/i.exec(word)?.[1] ?? 1) > MAX_TERMINAL)
}

const CONTROL_KEY = /\^(ESC|[@-_a-z?])\s*/gi

/** Keys written as `^C`, `^[` or `^ESC`, one or several, as the characters they send; null for any other text. */
export function controlKeys(text: string): string | null {
  const written = text.trim()
  if (written === '' || written.replace(CONTROL_KEY, '') !== '') return null
  return written.replace(CONTROL_KEY, (_, key: string) => {
    if (/^esc$/i.test(key)) return '\x1b'
    if (key === '?') return '\x7f'
    return String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f)
  })
}
