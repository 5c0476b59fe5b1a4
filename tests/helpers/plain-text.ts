/** What a terminal has printed, as a person reads it. */
import { stripVTControlCharacters } from 'node:util'

const [ESC, BEL] = [String.fromCharCode(27), String.fromCharCode(7)]
const MARKS = new RegExp(`${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)`, 'g')

/** Without colours, carriage returns, and the marks that the sandbox's shell makes around commands (OSC 133 and 633). */
export function plainText(printed: string): string {
  // Node strips such a sequence only as far as its first semicolon.
  return stripVTControlCharacters(printed.replace(MARKS, '')).replaceAll('\r', '')
}
