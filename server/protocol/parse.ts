/** Text from the other side, turned into a message or into the error that answers it. */
import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import { MAX_TERMINAL_ID } from './ids.ts'

/** `re` is the type that the sender gave, if there was one. */
export type Parsed<T> = { message: T } | { code: ErrorCode; re?: string }

/** As JSON.stringify writes it; of all messages this one comes most often, by far. */
const ACK = /^\{"type":"ack","terminal":([1-9]\d{0,9}),"offset":(\d{1,15})\}$/

/** The acknowledgement that the text is, in its usual spelling; null if it is anything else. */
export function parseAck(text: string): { type: 'ack'; terminal: number; offset: number } | null {
  const [, terminal, offset] = ACK.exec(text) ?? []
  if (offset === undefined || Number(terminal) > MAX_TERMINAL_ID) return null
  return { type: 'ack', terminal: Number(terminal), offset: Number(offset) }
}

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
