/** Every error a browser can be told, in words that say what to do next. */

export const ERROR_CODES = [
  'malformed',
  'unknown-message',
  'version',
  'not-ready',
  'no-such-terminal',
  'too-many-terminals',
  'input-gap',
  'file',
  'host-unavailable',
  'host-version',
  'too-many',
  'full',
  'internal',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** What went wrong and what to do about it. */
export const ERROR_WORDS: Record<ErrorCode, { message: string; hint: string }> = {
  malformed: { message: 'The lab did not understand a message of this page.', hint: 'Reload the page.' },
  'unknown-message': {
    message: 'The lab does not know a message of this page.',
    hint: 'Reload the page: it may be older than the lab.',
  },
  version: { message: 'This page is from another version of the lab.', hint: 'Reload the page.' },
  'not-ready': { message: 'The sandbox is not ready yet.', hint: 'Wait until it is, then try again.' },
  'no-such-terminal': { message: 'That terminal is closed.', hint: 'Open a new one.' },
  'too-many-terminals': {
    message: 'All terminals of this sandbox are in use.',
    hint: 'Close one, then open another.',
  },
  'input-gap': { message: 'Some keys did not arrive in order and were not typed.', hint: 'Reload the page.' },
  file: {
    message: 'The file could not be written.',
    hint: 'See the reason, mend it in the terminal, save again.',
  },
  'host-unavailable': {
    message: 'The process that runs the sandboxes does not answer.',
    hint: 'The page tries again by itself. If it stays so, the operator should look at its log.',
  },
  'host-version': {
    message: 'The two processes of this lab are of different versions.',
    hint: 'The operator has to restart one of them; the log and /api/health say which. This page tries again by itself.',
  },
  'too-many': {
    message: 'Your address has asked for very many sandboxes just now.',
    hint: 'Wait a minute, then try again.',
  },
  full: {
    message: 'All sandboxes of this lab are in use.',
    hint: 'Try again in a few minutes; the page keeps trying by itself.',
  },
  internal: { message: 'Something went wrong inside the lab.', hint: 'Try again; the log has the details.' },
}
