/** What becomes of pasted text before a terminal gets it. Pure. */
import { spell } from '../session/held-input.ts'

const PREVIEW_LINES = 5
const PREVIEW_WIDTH = 100

/** Text that would be run line by line as it arrives. */
export interface PasteQuestion {
  text: string
  lines: number
  /** The first lines, with nothing in them that is not visible. */
  preview: string[]
}

/**
 * Without control characters, which no one wants to paste: the sequence that ends a bracketed paste could be among them,
 * and what follows it would be taken for keys.
 */
export function cleanPaste(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
}

/** Null if nothing has to be asked: the program knows a paste from keys, or there is no Enter in it. */
export function pasteQuestion(text: string, bracketed: boolean): PasteQuestion | null {
  if (bracketed || !text.includes('\n')) return null
  const lines = text.replace(/\n$/, '').split('\n')
  return {
    text,
    lines: lines.length,
    preview: lines.slice(0, PREVIEW_LINES).map((line) => {
      const { text } = spell(line.slice(0, PREVIEW_WIDTH))
      return line.length > PREVIEW_WIDTH ? `${text}…` : text
    }),
  }
}
