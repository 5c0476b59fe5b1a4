/** What happens when a page of a lesson is opened in a sandbox for the first time: files are copied, scripts run. */
import { z } from 'zod'
import { SandboxPath, Slug } from './ids.ts'

/** Bytes of one part of a lesson's files, before base64. */
export const PART_BYTES = 1024 * 1024
/** So many parts make up the largest lesson. */
export const MAX_PARTS = 80

const Script = z
  .string()
  .max(64 * 1024)
  .nullable()

/** The web process asks the host process to do it, if it was not done. Answered by `opening` while it takes time. */
export const OpenPage = z.object({
  type: z.literal('open-page'),
  lesson: Slug,
  page: Slug,
  /** Whether the lesson has files for the sandbox: the host then asks with `want-assets`. */
  assets: z.boolean(),
  /** Folders that the lesson's texts write files into: they are made, as an author expects them to be there. */
  folders: z.array(SandboxPath).max(50),
  /** For the lesson as a whole, before anything of a page: those of its first page, or none. */
  intro: z.object({ foreground: Script, background: Script }).nullable(),
  foreground: Script,
  background: Script,
  /** Printed in terminal 1 first. */
  message: z.string().max(4096),
  /** The terminals that are open at first, by their names, which may be empty; and what is typed into each. */
  terminals: z.array(z.string().max(40)).min(1).max(32),
  commands: z.array(z.string().max(4096)).max(32),
})
export type OpenPage = z.infer<typeof OpenPage>

/** From the host process to the web process alone: send the lesson's files. */
export const WantAssets = z.object({ type: z.literal('want-assets'), lesson: Slug })

/** One part of a gzipped tar archive, whose paths are those in the sandbox without the first slash. No part: they cannot be had. */
export const Assets = z.object({
  type: z.literal('assets'),
  lesson: Slug,
  part: z.number().int().min(0).max(MAX_PARTS),
  of: z.number().int().min(0).max(MAX_PARTS),
  data: z.base64().max(Math.ceil(PART_BYTES / 3) * 4 + 4),
})
export type Assets = z.infer<typeof Assets>

/** How far it is. `failed`: `message` says what went wrong, for the learner. */
export const Opening = z.object({
  type: z.literal('opening'),
  lesson: Slug,
  page: Slug,
  state: z.enum(['copying', 'done', 'failed']),
  message: z.string(),
})
export type Opening = z.infer<typeof Opening>
