/** The contract between browser, web process and host process: every message, both ways, and the version of it all. */
import { z } from 'zod'
import { Bundles, EditorAnswer, EditorAsk, UnwatchFile, WatchBundles } from './editor.ts'
import { ERROR_CODES } from './errors.ts'
import {
  ClientId,
  Columns,
  Hash,
  MAX_FILE_BYTES,
  Offset,
  Rows,
  SandboxPath,
  Slug,
  TerminalId,
  TerminalNumber,
  TierName,
} from './ids.ts'
import {
  AskHints,
  AskScriptHint,
  Feedback,
  FeedbackKept,
  ForgetProgress,
  Hints,
  Learned,
  NoteProgress,
  RunHints,
  RunScriptHint,
  RunSolution,
  ScriptHint,
  Solved,
  SolveStep,
} from './learning.ts'
import { LensEvents, LensReadings, LensView, WatchLens } from './lens.ts'
import { Life, Presence, Stay, Waiting } from './life.ts'
import { Limits } from './limits.ts'
import { Assets, Opening, OpenPage, WantAssets } from './opening.ts'
import { StepCheck } from './step-check.ts'
import { RenameTerminal, TerminalName } from './terminal-names.ts'
import { DEFAULT_TIER } from './tier.ts'
import { Work } from './work.ts'

/** First message of every connection: who is asking. Answered by `welcome`. */
const Hello = z.object({ type: z.literal('hello'), version: z.number().int(), client: ClientId })
/** `lesson`: the one on the page, whose tier the sandbox gets if one has to be made. */
const ClientHello = Hello.extend({ lesson: Slug.optional() })
/** The host process knows no lessons: it gets the tier. */
const HostHello = Hello.extend({ tier: TierName.default(DEFAULT_TIER) })
/** Makes sure that terminal `number` is there and its shell runs; every viewer then gets `terminals`. */
const OpenTerminal = z.object({
  type: z.literal('open-terminal'),
  number: TerminalNumber,
  cols: Columns,
  rows: Rows,
})
/** Asks for a terminal's output from an offset on. Answered by `attached`, then binary frames. */
const Attach = z.object({
  type: z.literal('attach'),
  terminal: TerminalId,
  from: Offset,
  cols: Columns,
  rows: Rows,
})
/** The pane has changed its size. */
const Resize = z.object({ type: z.literal('resize'), terminal: TerminalId, cols: Columns, rows: Rows })
/** Everything before this output offset is on the screen: the flow control of the terminal. */
const Ack = z.object({ type: z.literal('ack'), terminal: TerminalId, offset: Offset })
/** Which program would read what is typed into the terminal now? Answered by `foreground`. */
const AskForeground = z.object({
  type: z.literal('ask-foreground'),
  terminal: TerminalId,
  request: z.number().int().min(0),
})
/** Ends the terminal's shell and forgets the terminal. */
const CloseTerminal = z.object({ type: z.literal('close-terminal'), terminal: TerminalId })
/** Follow one file of the sandbox: answered by `file`, now and after every change. */
const WatchFile = z.object({ type: z.literal('watch-file'), path: SandboxPath })
/** Writes the file if it still is what `base` names (null: it does not exist). Answered by `saved` or `save-conflict`. */
const SaveFile = z.object({
  type: z.literal('save-file'),
  request: z.number().int().min(0),
  path: SandboxPath,
  base: Hash.nullable(),
  text: z.string().max(MAX_FILE_BYTES),
})
/** The step on the screen: its check is run whenever something may have changed, until it passes. */
const WatchStep = z.object({ type: z.literal('watch-step'), lesson: Slug, step: Slug })
/** Throws the sandbox away and makes a fresh one. */
const Reset = z.object({ type: z.literal('reset') })

/** What means the same to the web process and to the host process. */
const COMMON = [
  OpenTerminal,
  Attach,
  Resize,
  Ack,
  AskForeground,
  CloseTerminal,
  RenameTerminal,
  WatchFile,
  UnwatchFile,
  SaveFile,
  WatchLens,
  WatchBundles,
  EditorAsk,
  Reset,
  Presence,
  Stay,
  NoteProgress,
  ForgetProgress,
  Feedback,
] as const

/** What a browser may say. */
export const ClientMessage = z.discriminatedUnion('type', [
  ClientHello,
  ...COMMON,
  WatchStep,
  AskHints,
  AskScriptHint,
  SolveStep,
])
export type ClientMessage = z.infer<typeof ClientMessage>

/** What the web process makes of `watch-step`: the host knows no lessons, only a script to run in the sandbox. */
const WatchCheck = z.object({
  type: z.literal('watch-check'),
  lesson: Slug,
  step: Slug,
  script: z
    .string()
    .max(64 * 1024)
    .nullable(),
  /** How the script says that the step is done: by its exit status, or by `done` as its last line. */
  rule: z.enum(['exit', 'done']).default('exit'),
  /** On meaning, after the script; `file` is the one that they mean if they name none. */
  checks: z.array(StepCheck).max(100).default([]),
  file: SandboxPath.default('/tmp/mycontainer/config.json'),
})

/** What the web process may say to the host process. */
export const HostMessage = z.discriminatedUnion('type', [
  HostHello,
  ...COMMON,
  WatchCheck,
  OpenPage,
  Assets,
  RunHints,
  RunScriptHint,
  RunSolution,
])
export type HostMessage = z.infer<typeof HostMessage>

/** The learner's machine as a whole. `startedMs`: how long its creation took, in milliseconds. */
export const SandboxView = z.discriminatedUnion('state', [
  Waiting,
  z.object({ state: z.literal('creating'), doing: z.string() }),
  z.object({ state: z.literal('ready'), id: z.string(), startedMs: z.number(), tier: TierName }),
  z.object({ state: z.literal('ended'), reason: z.string() }),
  z.object({ state: z.literal('failed'), message: z.string(), hint: z.string() }),
])
export type SandboxView = z.infer<typeof SandboxView>

/** One terminal. `number` is what commands of lessons call it, `name` what its tab says, if it is not empty; `exit` is null while its shell runs; otherwise the exit code, 128 + n for signal n, -1 if nobody knows. */
export const TerminalView = z.object({
  id: TerminalId,
  number: TerminalNumber,
  name: TerminalName,
  exit: z.number().int().nullable(),
})
export type TerminalView = z.infer<typeof TerminalView>

/** One file as it is in the sandbox now. */
export const FileView = z.discriminatedUnion('state', [
  z.object({ state: z.literal('absent'), path: SandboxPath }),
  /** `readOnly`: not even root of the sandbox can write it. */
  z.object({
    state: z.literal('text'),
    path: SandboxPath,
    hash: Hash,
    text: z.string(),
    readOnly: z.boolean().optional(),
  }),
  /** There, but not to be edited here: a sentence says why (too large, not text, a directory …). */
  z.object({ state: z.literal('unreadable'), path: SandboxPath, why: z.string() }),
])
export type FileView = z.infer<typeof FileView>

export const ServerMessage = z.discriminatedUnion('type', [
  /** The full view, first after `hello`; everything later is an idempotent update of it. */
  z.object({
    type: z.literal('welcome'),
    version: z.number().int(),
    sandbox: SandboxView,
    terminals: z.array(TerminalView),
    /** How many terminals there may be. */
    maxTerminals: TerminalNumber,
  }),
  z.object({ type: z.literal('sandbox'), sandbox: SandboxView }),
  Life,
  Limits,
  Work,
  z.object({ type: z.literal('terminals'), terminals: z.array(TerminalView) }),
  /**
   * Output follows from offset `from`; up to `live` it is history, which the screen must not answer.
   * `dropped`: the log no longer reaches back to what was asked for, so the screen starts afresh; with `screen`, bytes in
   * base64 that bring a screen, whatever it shows, to its state at `from`.
   * `inputApplied`: how many bytes of this client's input have reached the terminal.
   */
  z.object({
    type: z.literal('attached'),
    terminal: TerminalId,
    from: Offset,
    live: Offset,
    dropped: z.boolean(),
    screen: z.base64().optional(),
    inputApplied: Offset,
  }),
  /** This client's input has been applied up to this offset and need not be kept any longer. */
  z.object({ type: z.literal('input-applied'), terminal: TerminalId, offset: Offset }),
  /**
   * `isShell`: a shell of the sandbox reads what is typed; no editor, no script, nothing in a container. `program` is
   * what the kernel calls it; empty if that cannot be found out.
   */
  z.object({
    type: z.literal('foreground'),
    request: z.number().int(),
    program: z.string(),
    isShell: z.boolean(),
  }),
  z.object({ type: z.literal('file'), file: FileView }),
  LensView,
  LensReadings,
  LensEvents,
  z.object({ type: z.literal('saved'), request: z.number().int(), path: SandboxPath, hash: Hash }),
  z.object({ type: z.literal('save-conflict'), request: z.number().int(), file: FileView }),
  Bundles,
  EditorAnswer,
  WantAssets,
  Opening,
  Hints,
  ScriptHint,
  Solved,
  Learned,
  FeedbackKept,
  /** Verdict on the watched step: what the check printed or misses, and of one that passes what it has found. */
  z.object({
    type: z.literal('check'),
    lesson: Slug,
    step: Slug,
    passed: z.boolean(),
    message: z.string(),
    seen: z.array(z.string()).optional(),
  }),
  /** Something was refused and nothing was changed; `re` is the type of the message it answers. */
  z.object({
    type: z.literal('error'),
    code: z.enum(ERROR_CODES),
    message: z.string(),
    hint: z.string(),
    re: z.string().optional(),
  }),
])
export type ServerMessage = z.infer<typeof ServerMessage>
