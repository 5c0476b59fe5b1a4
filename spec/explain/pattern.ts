/** One family of messages, and what is said about it. */

/** Parts of the message by name, as the pattern's groups caught them; missing ones are ''. */
export type Parts = Record<string, string>

type Words = string | ((parts: Parts) => string)

export interface Pattern {
  /** Stable; the linter's id where it finds the same mistake. */
  id: string
  /** Matched against one message without its prefix; groups are named. */
  match: RegExp
  title: Words
  /** What it means and why, in plain words. */
  explanation: Words
  /** What to do. */
  fix: Words
  /** JSON pointer of the field of config.json that it is about; null if it is about none. */
  pointer: string | null | ((parts: Parts) => string | null)
}

export const say = (words: Words, parts: Parts): string => (typeof words === 'string' ? words : words(parts))
