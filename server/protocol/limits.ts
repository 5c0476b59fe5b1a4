/** The limits of a sandbox, and of its machine, that its learner runs into, and what is told about each. */
import { z } from 'zod'

/** The last one is of the machine that all sandboxes are on. */
export const LIMITS = [
  'memory',
  'processes',
  'disk',
  'disk-speed',
  'inodes',
  'terminals',
  'open-files',
  'cpu',
  'output',
  'lab-disk',
] as const

/**
 * `reached`: something was refused or killed because of it; `near`: nothing was yet. `count` rises each time that
 * something new is refused or killed, so that a notice that was put away comes again. `what` and `hint` are sentences;
 * in a hint, commands are between backticks.
 */
export const LimitNotice = z.object({
  limit: z.enum(LIMITS),
  level: z.enum(['near', 'reached']),
  count: z.number().int().min(0),
  what: z.string(),
  hint: z.string(),
})
export type LimitNotice = z.infer<typeof LimitNotice>

/** All limits that are near or reached now; those not named are not. */
export const Limits = z.object({ type: z.literal('limits'), limits: z.array(LimitNotice) })
