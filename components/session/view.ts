/** What a browser tab knows of its machine, and how each message of the server changes that. Pure: also used by tests. */
import type { FileView, SandboxView, ServerMessage, TerminalView } from '../../server/protocol/index.ts'

export interface Problem {
  message: string
  hint: string
}

export interface Verdict {
  passed: boolean
  message: string
}

export interface View {
  /** 'away': the connection broke and is tried again. */
  connection: 'connecting' | 'open' | 'away'
  /** Null until the server has spoken for the first time. */
  sandbox: SandboxView | null
  terminals: TerminalView[]
  maxTerminals: number
  files: Readonly<Record<string, FileView>>
  /** By `lesson/step`. */
  checks: Readonly<Record<string, Verdict>>
  /** The last thing that was refused; null after it has been seen or a new connection. */
  problem: Problem | null
}

export const INITIAL_VIEW: View = {
  connection: 'connecting',
  sandbox: null,
  terminals: [],
  maxTerminals: 1,
  files: {},
  checks: {},
  problem: null,
}

const idOf = (sandbox: SandboxView | null) => (sandbox?.state === 'ready' ? sandbox.id : null)

/** The view after `message`. Applying the same message twice changes nothing more. */
export function reduce(view: View, message: ServerMessage): View {
  switch (message.type) {
    case 'welcome': {
      const { sandbox, terminals, maxTerminals } = message
      // Nothing that was true of another sandbox is true of this one.
      const same = idOf(view.sandbox) !== null && idOf(view.sandbox) === idOf(sandbox)
      const kept = same ? view : { files: {}, checks: {} }
      const { files, checks } = kept
      return { connection: 'open', sandbox, terminals, maxTerminals, files, checks, problem: null }
    }
    case 'sandbox': {
      const gone = message.sandbox.state !== 'ready'
      return { ...view, sandbox: message.sandbox, terminals: gone ? [] : view.terminals, problem: null }
    }
    case 'terminals':
      return { ...view, terminals: message.terminals }
    case 'file':
      return { ...view, files: { ...view.files, [message.file.path]: message.file } }
    case 'save-conflict':
      return { ...view, files: { ...view.files, [message.file.path]: message.file } }
    case 'check': {
      const { lesson, step, passed, message: text } = message
      return { ...view, checks: { ...view.checks, [`${lesson}/${step}`]: { passed, message: text } } }
    }
    case 'error':
      return { ...view, problem: { message: message.message, hint: message.hint } }
    // Of one terminal or one save; whoever asked has the answer.
    case 'attached':
    case 'input-applied':
    case 'saved':
      return view
  }
}
