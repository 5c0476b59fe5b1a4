/** A lesson as the rest of the lab sees it: plain data, whatever dialect it was written in. */
import type { StepCheck } from '../protocol/step-check.ts'
import type { Tier } from '../protocol/tier.ts'
import type { Edit, Hint, LessonExtras, Question, StepExtras } from './lab-schema.ts'
import type { Problem } from './problems.ts'
import type { Asset } from './schema.ts'

/** How a verify script says that the step is done: by exit status 0, or by `done` as the last line it prints. */
export type PassRule = 'exit' | 'done'

/** A page of text: intro, step, finish, challenge. */
export interface Page {
  slug: string
  title: string
  /** Where its Markdown is, relative to the lesson's folder; empty if there is none. */
  file: string
  markdown: string
  credits: string
  /** Scripts that run when the page is first opened in a sandbox; null if there are none. */
  foreground: string | null
  background: string | null
  /** What `bash` runs in the sandbox to check it; null for a page that is only read. */
  verifyScript: string | null
  passRule: PassRule
  checks: StepCheck[]
  /** Where its scripts are, relative to the lesson's folder. */
  scriptFiles: { foreground?: string; background?: string; verify?: string }
}

export interface Step extends Page {
  goal: string
  /** Minutes; 0 if not said. */
  minutes: number
  edits: Edit[]
  hints: Hint[]
  /** A script that prints a hint, called with the seconds since the step began; null if there is none. */
  hintScript: string | null
  /** Markdown; empty if there is none. */
  mistake: string
  answer: string
  questions: Question[]
  deeper: { title: string; url: string }[]
  /** Script that makes what the edits change, before a solution is applied; null if there is none. */
  prepare: string | null
  /** Script that does the step after its edits; null if there is none. */
  solution: string | null
}

/** What is on the screen when the lesson is opened. */
export interface Layout {
  /** Which panes of the machine are shown at first: at least one. */
  editor: boolean
  terminal: boolean
  /** What the terminals are called that are open at first; empty for one without a name. At least one. */
  terminals: string[]
  /** Folder that names of files in the text are relative to. */
  home: string
  /** Files opened in the editor, absolute. */
  files: string[]
  /** Printed in terminal 1 first; may hold escape sequences. Empty if there is none. */
  message: string
  /** Typed into terminals 1, 2, … when the lesson is first opened; empty for none. */
  commands: string[]
}

export interface Lesson {
  slug: string
  title: string
  description: string
  time: string
  difficulty: string
  /** The course it belongs to, and where the lists show it; empty if it stands alone. */
  course: string
  hidden: boolean
  intro: Page | null
  steps: Step[]
  finish: Page | null
  challenge: (Page & { minutes: number; solution: string | null }) | null
  takeHome: Page | null
  chapters: NonNullable<LessonExtras['chapters']>
  glossary: NonNullable<LessonExtras['glossary']>
  /** The file that edits and checks mean. */
  file: string
  /** What edited files hold before the first edit, by their path in the sandbox. */
  starts: Record<string, string>
  /** What its sandbox may do. */
  tier: Tier
  layout: Layout
  /** `line`: where it stands in index.json. */
  assets: (Asset & { line: number })[]
  /** What kind of scenario the author says it is, such as `challenge@1.0`; empty if not said. */
  type: string
  /** The machine that the author meant; its name is empty if not said. */
  image: { name: string; line: number }
  /** Web pages that the author wants beside the terminal, which are not there. */
  dashboards: { what: string; line: number }[]
  /** Files for a second host, which is not there: how many. */
  secondHostAssets: { count: number; line: number }
  /** The file that all this stands in: index.json, as it is called. */
  index: string
  problems: Problem[]
  /** The files and folders that it was read from, relative to its folder; among them some that were not there. */
  sources: string[]
  /** The lesson's folder, and the folder that its files may not lead out of. */
  folder: string
  boundary: string
}

/** Every page, in the order in which they are read. */
export function pagesOf(lesson: Lesson): Page[] {
  const { intro, steps, challenge, takeHome, finish } = lesson
  return [intro, ...steps, challenge, takeHome, finish].filter((page) => page !== null)
}

/** Whether something in the sandbox tells that the page is done. */
export const isChecked = (page: Page): boolean => page.verifyScript !== null || page.checks.length > 0

export const NO_EXTRAS: StepExtras = {}
