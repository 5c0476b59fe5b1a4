/** What the linter reports, and how a report is put together from a pointer and words. */
import { EditError } from '../edit.ts'
import type { Range, TextEdit } from '../text.ts'

/**
 * `refused`: runc ends with an error before the program runs. `no-effect`: runc takes it and does nothing with it, or
 * something else than it says. `fails-later`: the container starts, then something in it fails, or it can fail for
 * reasons that lie outside of the file. `style`: works, but is easy to misread.
 */
export type Severity = 'refused' | 'no-effect' | 'fails-later' | 'style'

export interface Fix {
  /** An imperative for a button, such as `Use "args"`. */
  title: string
  /** Minimal edits of the text that was linted. */
  edits: TextEdit[]
}

export interface Diagnostic extends Range {
  /** Stable and made for machines, such as `mount-bind-no-option`. */
  id: string
  severity: Severity
  /** JSON pointer of what it is about, with the keys as they are written; `''` is the whole file. */
  pointer: string
  /** Both from 1. */
  line: number
  column: number
  /** One sentence: what is wrong. */
  message: string
  /** What runc 1.3 prints, without `time=… level=…`; null if it says nothing. */
  runc: string | null
  /** One to three sentences: why that is so. */
  why: string
  fix: Fix | null
}

/** What a rule says; the linter finds the place. */
export interface Report {
  id: string
  severity: Severity
  pointer: string
  message: string
  runc?: string | null
  why: string
  /** `key`: the place is the key, not the value. */
  on?: 'key' | 'value'
  fix?: { title: string; edits: () => TextEdit[] } | null
}

/** Makes the edits of a fix, or no fix if the text does not allow them. */
export function makeFix(fix: Report['fix']): Fix | null {
  if (!fix) return null
  try {
    const edits = fix.edits()
    return edits.length > 0 ? { title: fix.title, edits } : null
  } catch (error) {
    if (error instanceof EditError || error instanceof RangeError) return null
    throw error
  }
}

/** What `runc run` puts before its reasons. */
export const failed = (reason: string) => `runc run failed: ${reason}`
export const startFailed = (reason: string) => failed(`unable to start container process: ${reason}`)
export const initFailed = (reason: string) => startFailed(`error during container init: ${reason}`)
