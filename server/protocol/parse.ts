/** Text from the other side, turned into a message or into the error that answers it. */
import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

/** `re` is the type that the sender gave, if there was one. */
export type Parsed<T> = { message: T } | { code: ErrorCode; re?: string }

export function parseMessage<T>(schema: z.ZodType<T>, text: string): Parsed<T> {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { code: 'malformed' }
  }
  const type = (data as { type?: unknown } | null)?.type
  const re = typeof type === 'string' ? type.slice(0, 64) : undefined
  const parsed = schema.safeParse(data)
  if (parsed.success) return { message: parsed.data }
  const unknown = parsed.error.issues.some((issue) => issue.path[0] === 'type')
  return { code: unknown && re !== undefined ? 'unknown-message' : 'malformed', re }
}
