/** A learner's files beyond one sandbox: what the page is told about those that were put back, and where it gets and sends them. */
import { z } from 'zod'

/**
 * This sandbox took the place of one that has ended, and the files that were kept of that one were put into it; or, if
 * `ok` is false, could not be. `savedAt`: when they were kept, milliseconds since 1970. null: nothing of the kind.
 */
export const Restored = z.object({ savedAt: z.number(), ok: z.boolean() })
export type Restored = z.infer<typeof Restored>

export const Work = z.object({ type: z.literal('work'), restored: Restored.nullable() })
