/** What the host process needs of lessons, looked up by their addresses. */
import { isChecked, type Lesson, type Page, pagesOf } from '../lessons/lesson.ts'
import { loadLesson } from '../lessons/library.ts'
import { LessonError } from '../lessons/load.ts'
import type { Assets, HostMessage } from '../protocol/index.ts'
import { archiveParts, openPage, watchCheck } from './lesson-messages.ts'

/** What `watch-step` means to the host process: the page is opened, and its check begins. */
export function stepMessages(lesson: string, step: string): HostMessage[] {
  const found = find(lesson, step)
  const none = {
    type: 'watch-check',
    lesson,
    step,
    script: null,
    rule: 'exit',
    checks: [],
    file: '/',
  } as const
  if (!found) return [{ ...none, checks: [] }]
  const { page, from } = found
  return [openPage(from, page), isChecked(page) ? watchCheck(from, page) : { ...none, checks: [] }]
}

/** The lesson's files for the sandbox, in parts; one empty part if they cannot be read. */
export async function assetMessages(lesson: string): Promise<Assets[]> {
  try {
    return await archiveParts(loadLesson(lesson))
  } catch {
    return [{ type: 'assets', lesson, part: 0, of: 0, data: '' }]
  }
}

function find(lesson: string, step: string): { from: Lesson; page: Page } | null {
  try {
    const from = loadLesson(lesson)
    const page = pagesOf(from).find(({ slug }) => slug === step)
    return page ? { from, page } : null
  } catch (error) {
    if (error instanceof LessonError) return null
    throw error
  }
}
