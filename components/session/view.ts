/** What a browser tab knows of its machine, and how each message of the server changes that. Pure: also used by tests. */
import type {
  Bundle,
  Ending,
  FileView,
  LimitNotice,
  Restored,
  SandboxView,
  ServerMessage,
  TerminalView,
} from '../../server/protocol/index.ts'

export interface Problem {
  message: string
  hint: string
}

export interface Verdict {
  passed: boolean
  /** What the check printed, or what it misses. */
  message: string
  /** What a check that passes has found, a sentence each. */
  seen: string[]
}

/** Shells that ran when the connection broke and did not when it was back. */
export interface Gone {
  /** Of their terminals. */
  numbers: number[]
  /** How many keys were typed for them meanwhile, in vain. */
  keys: number
}

export interface View {
  /** 'away': the connection broke and is tried again. */
  connection: 'connecting' | 'open' | 'away'
  /** Null until the server has spoken for the first time. */
  sandbox: SandboxView | null
  terminals: TerminalView[]
  maxTerminals: number
  files: Readonly<Record<string, FileView>>
  /** Null until they have been looked for. */
  bundles: readonly Bundle[] | null
  /** By `lesson/step`. */
  checks: Readonly<Record<string, Verdict>>
  /** The last thing that was refused; null after it has been seen or a new connection. */
  problem: Problem | null
  /** Null after it has been seen. */
  gone: Gone | null
  /** The end of the sandbox, if it is near, reckoned from the moment this was told. */
  ending: Ending | null
  /** Files of an earlier sandbox that were put into this one. */
  restored: Restored | null
  /** Limits of the sandbox that are near or reached. */
  limits: readonly LimitNotice[]
}

export const INITIAL_VIEW: View = {
  connection: 'connecting',
  sandbox: null,
  terminals: [],
  maxTerminals: 1,
  files: {},
  bundles: null,
  checks: {},
  problem: null,
  gone: null,
  ending: null,
  limits: [],
  restored: null,
}

const idOf = (sandbox: SandboxView | null) => (sandbox?.state === 'ready' ? sandbox.id : null)

/** An id is never given to another shell: one that is not there any more has ended. */
function missing(before: TerminalView[], after: TerminalView[]): Gone | null {
  const numbers = before
    .filter(({ id, exit }) => exit === null && !after.some((terminal) => terminal.id === id))
    .map(({ number }) => number)
  return numbers.length > 0 ? { numbers, keys: 0 } : null
}

/** The view after `message`. Applying the same message twice changes nothing more. */
export function reduce(view: View, message: ServerMessage): View {
  switch (message.type) {
    case 'welcome': {
      const { sandbox, terminals, maxTerminals } = message
      // Nothing that was true of another sandbox is true of this one.
      const same = idOf(view.sandbox) !== null && idOf(view.sandbox) === idOf(sandbox)
      const kept = same ? view : { files: {}, bundles: null, checks: {} }
      const { files, bundles, checks } = kept
      const gone = same ? (missing(view.terminals, terminals) ?? view.gone) : null
      return {
        connection: 'open',
        sandbox,
        terminals,
        maxTerminals,
        files,
        bundles,
        checks,
        problem: null,
        gone,
        // Both are told again after the welcome, if they still hold.
        ending: null,
        limits: [],
        restored: null,
      }
    }
    case 'sandbox': {
      const gone = message.sandbox.state !== 'ready'
      const terminals = gone ? [] : view.terminals
      const kept = gone ? { gone: null, ending: null, limits: [] } : {}
      return { ...view, sandbox: message.sandbox, terminals, problem: null, ...kept }
    }
    case 'life':
      return { ...view, ending: message.ending }
    case 'work':
      return { ...view, restored: message.restored }
    case 'limits':
      return { ...view, limits: message.limits }
    case 'terminals':
      return { ...view, terminals: message.terminals }
    case 'file':
      return { ...view, files: { ...view.files, [message.file.path]: message.file } }
    case 'save-conflict':
      return { ...view, files: { ...view.files, [message.file.path]: message.file } }
    case 'bundles':
      return { ...view, bundles: message.bundles }
    case 'check': {
      const { lesson, step, passed, message: text, seen = [] } = message
      return { ...view, checks: { ...view.checks, [`${lesson}/${step}`]: { passed, message: text, seen } } }
    }
    case 'error':
      return { ...view, problem: { message: message.message, hint: message.hint } }
    // For the web process alone.
    case 'want-assets':
    // Of a lesson's page, which keeps its own store.
    case 'opening':
    // Of one terminal or one save; whoever asked has the answer.
    case 'attached':
    // Of the lens, which keeps its own store.
    // Of the lesson's helps; whoever asked has the answer.
    case 'hints':
    case 'script-hint':
    case 'solved':
    case 'learned':
    case 'feedback-kept':
    case 'lens':
    case 'lens-readings':
    case 'lens-events':
    case 'input-applied':
    case 'foreground':
    case 'saved':
    case 'editor-answer':
      return view
  }
}
