/** What terminals are called: by the lesson, or by the learner, whose word counts. */
import { z } from 'zod'
import { TerminalId } from './ids.ts'
import { MAX_NAME_LENGTH } from './transport.ts'

/** One line of text; empty: the terminal goes by its number. */
export const TerminalName = z
  .string()
  .max(MAX_NAME_LENGTH)
  .regex(/^\P{Cc}*$/u)

/** The learner's name for a terminal. Every viewer then gets `terminals`. */
export const RenameTerminal = z.object({
  type: z.literal('rename-terminal'),
  terminal: TerminalId,
  name: TerminalName,
})
