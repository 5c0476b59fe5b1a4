/** One browser tab, as sandboxes see it, and the way to refuse what it asks. */
import type { ErrorCode, ServerMessage, TerminalFrame, Tier } from '../protocol/index.ts'

export interface Peer {
  readonly client: string
  /** What its lesson needs. */
  readonly tier: Tier
  send(message: ServerMessage): void
  sendBytes(frame: TerminalFrame): void
}

/** Thrown for what a tab asks in vain; becomes an `error` message and changes nothing. */
export class Refused extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, detail = '') {
    super(detail)
    this.code = code
  }
}
