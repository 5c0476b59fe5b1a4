/** How progress is written down: a small versioned JSON text, read with care because anything may be in there. */

export const VERSION = 1
export type Progress = Record<string, string[]>

/** The steps passed, by lesson. Null for text of another version, which must not be overwritten. */
export function parseProgress(text: string | null): Progress | null {
  if (text === null) return {}
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return {}
  }
  if (!isRecord(data)) return {}
  if (typeof data.version === 'number' && data.version > VERSION) return null
  if (data.version !== VERSION || !isRecord(data.passed)) return {}
  return Object.fromEntries(
    Object.entries(data.passed).map(([lesson, steps]) => [
      lesson,
      Array.isArray(steps) ? steps.filter((step) => typeof step === 'string') : [],
    ]),
  )
}

/** The same progress with one more step passed. */
export function withPassed(progress: Progress, lesson: string, step: string): Progress {
  return { ...progress, [lesson]: [...new Set([...(progress[lesson] ?? []), step])] }
}

/** The text to store. */
export function serialize(progress: Progress): string {
  return JSON.stringify({ version: VERSION, passed: progress })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
