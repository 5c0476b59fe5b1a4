/** One logger for each process: JSON lines on standard error, so that standard output stays for people. */
import { pino } from 'pino'

export type Log = pino.Logger

/** Whatever is logged by mistake under one of these names, at the top or one level down, is not written. */
const SECRET = ['cookie', 'authorization', 'secret', 'token', 'password']

export function createLog(name: string, level: string): Log {
  const out = pino.destination({ dest: 2, sync: true })
  const redact = {
    paths: SECRET.flatMap((word) => [word, `*.${word}`, `*["set-${word}"]`]),
    censor: '(secret)',
  }
  return pino({ name, level, redact }, { write: (line: string) => out.write(escapeControls(line)) })
}

/**
 * A line of JSON in which no character can command a terminal or turn the text around. JSON escapes the C0 controls
 * itself; these are DEL, the C1 controls and the invisible and bidirectional ones.
 */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
