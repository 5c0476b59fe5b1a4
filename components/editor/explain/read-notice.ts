/** What is to be said about something that a terminal showed. Pure. */
import { explainAll } from '../../../spec/explain/index.ts'
import { messages, plain } from '../../../spec/explain/read.ts'
import { type Fix, lint } from '../../../spec/lint/index.ts'
import type { Notice } from '../../session/command-log.ts'

export interface Reading {
  /** Null if the message is not known. */
  id: string | null
  title: string
  explanation: string
  /** What to do, in words. */
  fix: string | null
  pointer: string | null
  /** As it was printed, without colours. */
  message: string
}

/** Null if there is nothing to say. */
export function readNotice({ text, command }: Notice): Reading | null {
  const known = explainAll(text)[0]
  if (known) return known
  const told = messages(text).filter(({ level }) => level !== 'info')
  const error = told.findLast(({ level }) => level === 'error') ?? told.at(-1)
  const isLog = /\b(?:ERRO|FATA|WARN|PANI)\[\d|\blevel=/.test(plain(text))
  // Of programs that are not runc, nothing is said unless it is known.
  if (!error || !isLog || (error.level === 'warning' && !/\brunc\b/.test(command))) return null
  return {
    id: null,
    title: 'A message that this lab does not know',
    explanation:
      'It is shown as it was printed, and nothing is guessed. Its last part, behind the last colon, mostly says what the kernel answered; the parts before it say what runc was doing.',
    fix: null,
    pointer: null,
    message: error.text,
  }
}

/** The linter's fix for what the explanation points at; null if it has none. */
export function fixFor(text: string, pointer: string | null): Fix | null {
  if (pointer === null) return null
  const related = lint(text).filter(
    (found) =>
      found.fix && (isWithin(found.pointer, pointer) || (pointer !== '' && isWithin(pointer, found.pointer))),
  )
  return (related.find(({ severity }) => severity === 'refused') ?? related[0])?.fix ?? null
}

const isWithin = (pointer: string, around: string) => pointer === around || pointer.startsWith(`${around}/`)
