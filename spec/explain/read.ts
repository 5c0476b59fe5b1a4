/** Finds runc's messages in what a terminal shows: colours, prompts, logrus' two forms and escaped quotes taken away. */

export interface Message {
  level: 'error' | 'warning' | 'info'
  /** The message alone, such as `runc run failed: args must not be empty`. */
  text: string
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences are made of control characters
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[()][A-Z0-9]|\x1b[=>A-Z78]/g

const LEVELS: Record<string, Message['level']> = {
  PANI: 'error',
  FATA: 'error',
  ERRO: 'error',
  WARN: 'warning',
  INFO: 'info',
  DEBU: 'info',
  panic: 'error',
  fatal: 'error',
  error: 'error',
  warning: 'warning',
  info: 'info',
  debug: 'info',
  trace: 'info',
}

/** More of a flood is not looked at: patterns take longer than linear time, and it is all a learner's. */
const MAX_MESSAGES = 100
const MAX_LENGTH = 2000

/** Reads the text of a string as Go and logrus quote it. */
function unquote(quoted: string): string {
  return quoted.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gs, (_, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return { n: '\n', t: '\t', r: '\r' }[code] ?? code
  })
}

/** Takes terminal sequences away; of a line that was drawn over, the last state stays. */
export function plain(bytes: string): string {
  return bytes
    .replace(SEQUENCES, '')
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r', line.length - 2) + 1).replace(/\r$/, ''))
    .join('\n')
}

/** The messages of a piece of terminal output, in order. A line that is in none of the known forms is an error of its own. */
export function messages(output: string): Message[] {
  const text = plain(output)
  const found: Message[] = []
  const form =
    /time=(?:"[^"\n]*"|\S+) level=(\w+) msg=(?:"((?:\\.|[^"\\])*)"|(\S+))([^\n]*)|\b(PANI|FATA|ERRO|WARN|INFO|DEBU)\[[^\]\n]*\] ?([^\n]*)|([^\n]+)/gs
  for (const [, level, quoted, bare, fields, short, rest, line] of text.matchAll(form)) {
    if (level)
      found.push({
        level: LEVELS[level] ?? 'error',
        text: [unquote(quoted ?? bare ?? ''), unquote(fields ?? '').trim()].filter(Boolean).join(' '),
      })
    else if (short) found.push({ level: LEVELS[short] ?? 'error', text: rest!.trim() })
    else if (line?.trim()) {
      const warning = /^\[warning\] /.test(line)
      found.push({
        level: warning ? 'warning' : 'error',
        text: line.replace(/^\[(warning|fatal|error)\] /, '').trim(),
      })
    }
  }
  return found.slice(-MAX_MESSAGES).map(({ level, text }) => {
    // containerd and docker put an error class behind what runc has said.
    const said = text.replace(/: unknown\.?$/, '')
    // The reason stands at the end, what was tried at the beginning.
    return {
      level,
      text: said.length > MAX_LENGTH ? said.slice(0, MAX_LENGTH / 2) + said.slice(-MAX_LENGTH / 2) : said,
    }
  })
}
