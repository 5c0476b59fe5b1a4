/** What one host process tells the next about a terminal, beside its descriptor. */
import { z } from 'zod'

/** Raised when a host process could not go on with what an earlier version has written: shells end then, as before. */
export const HELD_VERSION = 1

export const HeldTerminal = z.object({
  id: z.number().int(),
  number: z.number().int(),
  name: z.object({ text: z.string(), own: z.boolean() }).optional(),
  exit: z.number().int().nullable(),
  size: z.object({ cols: z.number().int(), rows: z.number().int() }),
  /** Null if its shell has ended. `slot`: its place among the descriptors; `pending`: input not yet written, base64. */
  program: z
    .object({ slot: z.number().int(), pid: z.number().int(), startedAt: z.string(), pending: z.string() })
    .nullable(),
  /** The output log, base64, and the offset at which it begins. */
  log: z.object({ start: z.number().int(), bytes: z.string() }),
  /** Up to where a viewer who was there a moment ago has shown it. */
  seen: z.number().int().optional(),
  /** What brings a screen to its state at the beginning of the log, base64; null if that is not known or not needed. */
  screen: z.string().nullable(),
  /** How much input of each tab has been taken, the last to type last. */
  applied: z.array(z.tuple([z.string(), z.number().int()])),
  forgot: z.boolean(),
})
export type HeldTerminal = z.infer<typeof HeldTerminal>

/** All of one sandbox. */
export const HeldSandbox = z.object({ version: z.literal(HELD_VERSION), terminals: z.array(HeldTerminal) })
export type HeldSandbox = z.infer<typeof HeldSandbox>
