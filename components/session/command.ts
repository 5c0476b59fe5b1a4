/** A command of a lesson, as it is typed into a terminal. */

export interface Command {
  text: string
  /** The terminal's number; it is opened if need be. Without it: the one in front. */
  terminal?: number
  /** Ctrl+C first. */
  interrupt?: boolean
  /** Enter afterwards; true if not given. */
  newline?: boolean
  /** Typed instead of the text: a control character, for instance. */
  send?: string
  /** Meant for whatever runs in the terminal, such as a shell in a container: typed without asking. */
  inside?: boolean
}
