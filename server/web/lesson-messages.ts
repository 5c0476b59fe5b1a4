/** A lesson's pages as the host process gets them: it knows no lessons, only scripts, checks and files. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { assetFiles } from '../lessons/assets.ts'
import { absolute } from '../lessons/layout.ts'
import { type Lesson, type Page, pagesOf } from '../lessons/lesson.ts'
import { type Assets, type HostMessage, type OpenPage, PART_BYTES } from '../protocol/index.ts'

type WatchCheck = Extract<HostMessage, { type: 'watch-check' }>

/** What tells whether the page is done. */
export function watchCheck(lesson: Lesson, page: Page): WatchCheck {
  const { verifyScript, passRule, checks } = page
  const check = { script: verifyScript, rule: passRule, checks, file: lesson.file }
  return { type: 'watch-check', lesson: lesson.slug, step: page.slug, ...check }
}

/** What happens when the page is first opened. */
export function openPage(lesson: Lesson, page: Page): OpenPage {
  const { layout, intro } = lesson
  const isIntro = page.slug === 'intro'
  return {
    type: 'open-page',
    lesson: lesson.slug,
    page: page.slug,
    assets: lesson.assets.length > 0,
    folders: foldersOf(lesson),
    intro: intro && { foreground: intro.foreground, background: intro.background },
    foreground: isIntro ? null : page.foreground,
    background: isIntro ? null : page.background,
    message: layout.message.slice(0, 4000),
    terminals: layout.terminals,
    commands: layout.commands.slice(0, 6).map((command) => command.slice(0, 4000)),
  }
}

/** Where files go that the texts bring: the editor's folder, and those of blocks that are copied to the editor. */
function foldersOf(lesson: Lesson): string[] {
  const { home } = lesson.layout
  const files = pagesOf(lesson).flatMap(({ markdown }) =>
    [...markdown.matchAll(/<pre\b[^>]*\bdata-filename\s*=\s*["']?([^"'>\s]+)/gi)].map(([, file]) => file!),
  )
  const folders = [home, ...files.map((file) => path.posix.dirname(absolute(file, home)))]
  return [...new Set(folders)].filter((folder) => folder !== '/root' && folder.length < 1000).slice(0, 50)
}

/** The lesson's files for the sandbox, in parts. Rejects if they cannot be read. */
export async function archiveParts(lesson: Lesson): Promise<Assets[]> {
  const archive = await packAssets(lesson)
  const of = Math.ceil(archive.length / PART_BYTES)
  return Array.from({ length: of }, (_, part) => {
    const data = archive.subarray(part * PART_BYTES, (part + 1) * PART_BYTES).toString('base64')
    return { type: 'assets', lesson: lesson.slug, part, of, data }
  })
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
