/** How long a sandbox lives and who waits for one: what pages are told beforehand, and what a learner can answer. */
import { z } from 'zod'

const Milliseconds = z.number().int().min(0)

/**
 * The learner has no sandbox yet. `place` 1 is the next to be let in. `why`: every sandbox is in use; their network
 * address has as many as it may; the lab's disk is nearly full; the lab is being stopped. `limit`: the number that is
 * reached, 0 if none.
 */
export const Waiting = z.object({
  state: z.literal('waiting'),
  place: z.number().int().min(1),
  why: z.enum(['full', 'address', 'disk', 'stopping']),
  limit: z.number().int().min(0),
})

/** How a tab is looked at. `active`: somebody has typed, clicked or scrolled in it since the last one. */
export const Presence = z.object({
  type: z.literal('presence'),
  visible: z.boolean(),
  active: z.boolean(),
})

/** The answer to a warning: the learner is there and wants to go on, with more time if there is some. */
export const Stay = z.object({ type: z.literal('stay') })

/**
 * The sandbox will be destroyed `inMs` milliseconds from now. idle: nobody does anything in its pages; hidden: they are all
 * in background tabs; age: it has existed for as long as it may; restart: the lab is being started again, and
 * nothing is lost; stop: the lab will be stopped. `more`: how many milliseconds longer `stay` makes it last; 0 if it can do
 * nothing. `kept`: with stop, whether the learner's files are kept for their next sandbox.
 */
export const Ending = z.object({
  why: z.enum(['idle', 'hidden', 'age', 'restart', 'stop']),
  inMs: Milliseconds,
  more: Milliseconds,
  kept: z.boolean().optional(),
})
export type Ending = z.infer<typeof Ending>

/** Tells every tab what is to come; null: nothing soon. */
export const Life = z.object({ type: z.literal('life'), ending: Ending.nullable() })
