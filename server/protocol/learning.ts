/** What a lesson asks of a machine beyond its check: fitting hints, a solution, progress kept, a word for the operator. */
import { z } from 'zod'
import { SandboxPath, Slug } from './ids.ts'

const request = z.number().int().min(0)
const Script = z.string().max(64 * 1024)

/** How many lessons and steps one learner's session remembers. */
export const MAX_LESSONS = 200
export const MAX_STEPS = 500
/** Length of a line of feedback, in characters. */
export const MAX_FEEDBACK = 500

/** Which of the step's hints fit the sandbox as it is? Answered by `hints`. */
export const AskHints = z.object({ type: z.literal('ask-hints'), request, lesson: Slug, step: Slug })
/** Do the step for the learner: prepare, edit, solve. Answered by `solved`. */
export const SolveStep = z.object({ type: z.literal('solve-step'), request, lesson: Slug, step: Slug })

/** What does the step's own hint script print, so many seconds after the page was opened? Answered by `script-hint`. */
export const AskScriptHint = z.object({
  type: z.literal('ask-script-hint'),
  request,
  lesson: Slug,
  step: Slug,
  seconds: z.number().int().min(0).max(1_000_000),
})

/** The steps passed and the one looked at last, by lesson; what the session knows is joined with it. Answered by `learned`. */
export const NoteProgress = z.object({
  type: z.literal('note-progress'),
  lesson: Slug,
  passed: z.array(Slug).max(MAX_STEPS),
  last: Slug.nullable(),
})
/** Forgets that a step is done, or with null the whole lesson. Answered by `learned`. */
export const ForgetProgress = z.object({
  type: z.literal('forget-progress'),
  lesson: Slug,
  step: Slug.nullable(),
})
/** What a learner says about a step; works without a sandbox. Answered by `feedback-kept`. */
export const Feedback = z.object({
  type: z.literal('feedback'),
  request,
  lesson: Slug,
  step: Slug,
  thumb: z.enum(['up', 'down']),
  line: z.string().max(MAX_FEEDBACK),
})

/** What the web process makes of `ask-hints`: shell conditions, in the order of the hints; null where there is none. */
export const RunHints = z.object({
  type: z.literal('run-hints'),
  request,
  conditions: z.array(z.string().max(4000).nullable()).max(50),
})
/** What the web process makes of `ask-script-hint`; null if the step has none. */
export const RunScriptHint = z.object({
  type: z.literal('run-script-hint'),
  request,
  script: Script.nullable(),
  seconds: z.number().int(),
})
/** What the web process makes of `solve-step`. Patches are checked where they are applied. */
export const RunSolution = z.object({
  type: z.literal('run-solution'),
  request,
  prepare: Script.nullable(),
  edits: z.array(z.object({ file: SandboxPath, patch: z.array(z.unknown()).max(200) })).max(50),
  solution: Script.nullable(),
})

export const Hints = z.object({ type: z.literal('hints'), request, fits: z.array(z.boolean()) })
/** `output`: what the script printed, or why it failed. */
/** `text`: what it printed, of which the sandbox is free to make anything; empty for no hint. */
export const ScriptHint = z.object({ type: z.literal('script-hint'), request, text: z.string() })
export const Solved = z.object({
  type: z.literal('solved'),
  request,
  done: z.boolean(),
  output: z.string(),
})
export const Learned = z.object({
  type: z.literal('learned'),
  lesson: Slug,
  passed: z.array(Slug),
  last: Slug.nullable(),
})
/** `kept` is false if there is no room for more. */
export const FeedbackKept = z.object({ type: z.literal('feedback-kept'), request, kept: z.boolean() })
