/** What the host process needs of lessons, which it does not know: checks, scripts and files, read by the web process. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { assetFiles } from '../lessons/assets.ts'
import { isChecked, type Lesson, type Page, pagesOf } from '../lessons/lesson.ts'
import { loadLesson } from '../lessons/library.ts'
import { LessonError } from '../lessons/load.ts'
import { type Assets, type HostMessage, type OpenPage, PART_BYTES } from '../protocol/index.ts'

type WatchCheck = Extract<HostMessage, { type: 'watch-check' }>

/** What `watch-step` means to the host process: the page is opened, and its check begins. */
export function stepMessages(lesson: string, step: string): HostMessage[] {
  const found = find(lesson, step)
  const none: WatchCheck = {
    type: 'watch-check',
    lesson,
    step,
    script: null,
    rule: 'exit',
    checks: [],
    file: '/',
  }
  if (!found) return [none]
  const { page, from } = found
  const check = isChecked(page)
    ? { ...none, script: page.verifyScript, rule: page.passRule, checks: page.checks, file: from.file }
    : none
  return [openPage(from, page), check]
}

function openPage(lesson: Lesson, page: Page): OpenPage {
  const { layout, intro } = lesson
  const isIntro = page.slug === 'intro'
  return {
    type: 'open-page',
    lesson: lesson.slug,
    page: page.slug,
    assets: lesson.assets.length > 0,
    intro: intro && { foreground: intro.foreground, background: intro.background },
    foreground: isIntro ? null : page.foreground,
    background: isIntro ? null : page.background,
    message: layout.message.slice(0, 4000),
    terminals: Math.min(layout.terminals, 6),
    commands: layout.commands.slice(0, 6).map((command) => command.slice(0, 4000)),
  }
}

/** The lesson's files for the sandbox, in parts; one empty part if they cannot be read. */
export async function assetMessages(lesson: string): Promise<Assets[]> {
  const none: Assets = { type: 'assets', lesson, part: 0, of: 0, data: '' }
  try {
    const archive = await packAssets(loadLesson(lesson))
    const of = Math.ceil(archive.length / PART_BYTES)
    return Array.from({ length: of }, (_, part) => {
      const data = archive.subarray(part * PART_BYTES, (part + 1) * PART_BYTES).toString('base64')
      return { ...none, part, of, data }
    })
  } catch {
    return [none]
  }
}

async function packAssets(lesson: Lesson): Promise<Buffer> {
  const tar = pack()
  const chunks: Buffer[] = []
  tar.on('data', (chunk) => chunks.push(chunk as Buffer))
  const ended = new Promise<void>((resolve, reject) => tar.on('end', resolve).on('error', reject))
  for (const { source, target, mode } of assetFiles(lesson).files) {
    // Read once and as it is then: a file that is being written must not make the archive wrong.
    tar.entry({ name: target.slice(1), mode }, readFileSync(source))
  }
  tar.finalize()
  await ended
  return gzipSync(Buffer.concat(chunks))
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
