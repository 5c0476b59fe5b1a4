/** How progress is written down: a small versioned JSON text, read with care because anything may be in there. */

export const VERSION = 1
/** The steps passed, by lesson. */
export type Progress = Record<string, string[]>

export interface Stored {
  passed: Progress
  /** The page looked at last, by lesson. */
  last: Record<string, string>
}

export const NOTHING: Stored = { passed: {}, last: {} }

/** What is stored. Null for text of another version, which must not be overwritten. */
export function parseProgress(text: string | null): Stored | null {
  if (text === null) return NOTHING
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return NOTHING
  }
  if (!isRecord(data)) return NOTHING
  if (typeof data.version === 'number' && data.version > VERSION) return null
  if (data.version !== VERSION) return NOTHING
  const passed = Object.entries(isRecord(data.passed) ? data.passed : {}).map(([lesson, steps]) => [
    lesson,
    Array.isArray(steps) ? steps.filter((step) => typeof step === 'string') : [],
  ])
  const last = Object.entries(isRecord(data.last) ? data.last : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return { passed: Object.fromEntries(passed), last: Object.fromEntries(last) }
}

/** The same progress with these steps passed, too. */
export function withPassed(stored: Stored, lesson: string, steps: readonly string[]): Stored {
  const known = stored.passed[lesson] ?? []
  return { ...stored, passed: { ...stored.passed, [lesson]: [...new Set([...known, ...steps])] } }
}

/** The same, and this page was looked at last. */
export function withLast(stored: Stored, lesson: string, page: string): Stored {
  return { ...stored, last: { ...stored.last, [lesson]: page } }
}

/** The same without one step, or without the whole lesson. */
export function without(stored: Stored, lesson: string, step: string | null): Stored {
  const { [lesson]: steps = [], ...passed } = stored.passed
  if (step !== null)
    return { ...stored, passed: { ...passed, [lesson]: steps.filter((each) => each !== step) } }
  const { [lesson]: _, ...last } = stored.last
  return { passed, last }
}

/** The text to store. */
export function serialize(stored: Stored): string {
  return JSON.stringify({ version: VERSION, ...stored })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
