/** The lens's messages: which containers there are, what was read about those that are looked at, and what happened. */
import { z } from 'zod'

/** A container's state directory in the sandbox: its name everywhere. */
const Dir = z
  .string()
  .max(600)
  .regex(/^\/[^\0]*$/)

/** What this tab wants to see; answered by `lens`, and by `lens-readings` for each container it looks at. */
export const WatchLens = z.object({
  type: z.literal('watch-lens'),
  /** Whether the lens is on the screen. Nothing is gathered while it is on nobody's. */
  open: z.boolean(),
  look: z.array(Dir).max(2),
})
export type WatchLens = z.infer<typeof WatchLens>

/** See `Container` in spec/lens/facts.ts. Texts come from the sandbox and may be anything. */
export const LensContainer = z.object({
  dir: z.string(),
  id: z.string(),
  owner: z.enum(['runc', 'docker', 'containerd']),
  phase: z.enum(['creating', 'created', 'running', 'paused', 'stopped', 'gone']),
  pid: z.number().int(),
  nspid: z.string(),
  created: z.string(),
  exit: z.number().int().nullable(),
  bundle: z.string(),
  namespaces: z.record(z.string(), z.string()),
  version: z.number().int(),
})

export const LensEvent = z.object({
  /** Counts up for the life of the host process: the same event may be told twice. */
  seq: z.number().int(),
  /** Milliseconds since 1970. */
  at: z.number(),
  /** Empty for commands, whose arguments tell. */
  dir: z.string(),
  what: z.string(),
  detail: z.string(),
})
export type LensEvent = z.infer<typeof LensEvent>

export const LensReading = z.union([
  z.object({ text: z.string(), cut: z.boolean().optional() }),
  z.object({ error: z.string() }),
])

/** The full view; each one replaces the one before. */
export const LensView = z.object({
  type: z.literal('lens'),
  /** off: the lens is closed in this tab. failed: what gathers the facts has ended; it is started again by itself. */
  state: z.enum(['off', 'starting', 'live', 'failed']),
  why: z.string(),
  containers: z.array(LensContainer),
  /** Containers beyond those that are followed. */
  more: z.number().int(),
  /** Namespace inodes of the machine that the sandbox is on, by type. */
  host: z.record(z.string(), z.string()),
  /** The lab's clock, in milliseconds since 1970: the page's may be another. */
  now: z.number(),
})
export type LensView = z.infer<typeof LensView>

/** Readings by plan entry; with `reset` they replace what was known of this container, otherwise they are merged into it. */
export const LensReadings = z.object({
  type: z.literal('lens-readings'),
  dir: z.string(),
  reset: z.boolean(),
  readings: z.record(z.string(), LensReading),
})

/** What has happened, to be merged by `seq`. */
export const LensEvents = z.object({ type: z.literal('lens-events'), events: z.array(LensEvent) })
