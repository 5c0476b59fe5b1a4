/** Serves the pictures and other files that lessons show and link to: from the lesson's folder alone, and nothing in them runs. */

import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { loadLesson } from '../lessons/library.ts'
import { Folder } from '../lessons/read/folder.ts'

export const LESSON_FILES = '/lesson-files/'

const MAX_FILE = 16 * 1024 * 1024
/** What a page may show; everything else is offered for download, as far as it lies in a folder called assets. */
const PICTURES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.svg': 'image/svg+xml',
  '.bmp': 'image/bmp',
  '.ico': 'image/x-icon',
}

/** `/lesson-files/<lesson>?file=<path>`, the path relative to the lesson's folder. */
export function lessonFile(request: IncomingMessage, response: ServerResponse, address: string): void {
  const url = new URL(address, 'http://lab')
  const file = url.searchParams.get('file') ?? ''
  const found = read(decodeURIComponentSafely(url.pathname.slice(LESSON_FILES.length)), file)
  if (!found) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
    return void response.end('There is no such file.\n')
  }
  const { bytes, name } = found
  const type = PICTURES[path.extname(name).toLowerCase()]
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  // A drawing may hold scripts and addresses: shown as a document it is as good as dead.
  response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cache-Control', 'no-cache')
  response.setHeader('ETag', tag)
  if (!type)
    response.setHeader(
      'Content-Disposition',
      `attachment; filename*=UTF-8''${encodeURIComponent(path.basename(name))}`,
    )
  if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end()
  response.writeHead(200, {
    'Content-Type': type ?? 'application/octet-stream',
    'Content-Length': bytes.length,
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function read(slug: string, file: string): { bytes: Uint8Array; name: string } | null {
  try {
    const lesson = loadLesson(slug)
    const folder = new Folder(lesson.folder, lesson.boundary)
    const found = folder.find(file)
    if ('code' in found) return null
    const isPicture = path.extname(found.name).toLowerCase() in PICTURES
    // Scripts of checks and solutions are none of a reader's business.
    if (!isPicture && !/(^|\/)assets\//.test(found.name)) return null
    const bytes = folder.bytes(found, MAX_FILE)
    return 'code' in bytes ? null : { bytes, name: found.name }
  } catch {
    return null
  }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
