/** What of a lesson this lab cannot offer, as its learners are told: of the whole lesson, and of one page. */
import { examine } from './examine/index.ts'
import { machineFit } from './examine/machine.ts'
import type { Lesson, Page } from './lesson.ts'
import type { Code, Problem } from './problems.ts'

export interface Limits {
  /** Why the lesson can be read only; empty if it can be played. */
  readOnly: string
  /** Sentences on what does not work on this page, each once. */
  here: string[]
}

/** Mistakes are the author's to mend; these are what the machine lacks. */
const LACKS: readonly Code[] = [
  'machine-differs',
  'second-host',
  'dashboard',
  'needs-internet',
  'needs-program',
]
const FATAL: readonly Code[] = ['needs-kubernetes', 'needs-other-machine']
const MAX_SAID = 12

/** Reading all pages of a lesson takes some milliseconds; it is the same lesson until its files change. */
const examined = new WeakMap<Lesson, Problem[]>()

export function limitsOf(lesson: Lesson, page: Page, hasInternet = operatorAllowsInternet()): Limits {
  const problems = examined.get(lesson) ?? examine(lesson)
  examined.set(lesson, problems)
  const files = [page.file, ...Object.values(page.scriptFiles)]
  const isFirst = page === (lesson.intro ?? lesson.steps[0])
  const here = problems
    .filter(({ code }) => LACKS.includes(code) && !(hasInternet && code === 'needs-internet'))
    .filter(({ file }) => files.includes(file) || (isFirst && file === lesson.index))
    .map(({ message }) => message)
  return {
    readOnly: problems.find(({ code }) => FATAL.includes(code))?.message ?? '',
    here: [...new Set(here)].slice(0, MAX_SAID),
  }
}

/** The same of a lesson that is only listed, from what its index says: nothing more is read for a list of a thousand. */
export const isReadOnly = ({ image }: Lesson): boolean =>
  ['cluster', 'other'].includes(machineFit(image.name))

const operatorAllowsInternet = () => (process.env.LAB_EGRESS ?? 'none') !== 'none'
