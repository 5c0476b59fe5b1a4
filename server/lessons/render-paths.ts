/** Files of a lesson that its texts refer to, by the addresses that stand there. */
import path from 'node:path'
import type { Lesson } from './lesson.ts'
import { Folder } from './read/folder.ts'

/** A file that a text refers to, relative to the lesson's folder; null if there is none. Relative to the text, or to the lesson. */
export function findFile(
  lesson: Pick<Lesson, 'folder' | 'boundary'>,
  text: string,
  address: string,
): string | null {
  const wanted = decodeAddress(address.replace(/[?#].*$/, ''))
  if (wanted === '' || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(wanted)) return null
  const folder = new Folder(lesson.folder, lesson.boundary)
  // On the platforms a text is found under several addresses, and authors have used them all.
  const places: [file: string, from: string][] = [path.posix.dirname(text || '.'), '.', 'assets', '..'].map(
    (from) => [wanted, from],
  )
  const inAssets = /(?:^|\/)(assets\/.*)$/.exec(wanted)?.[1]
  // Katacoda serves the assets of a whole repository as /user/assets: they are beside one of the folders around.
  const levels = path.relative(lesson.boundary, lesson.folder).split(path.sep).filter(Boolean).length
  if (inAssets)
    for (let level = 0; level <= levels; level++) places.push([inAssets, '../'.repeat(level) || '.'])
  for (const [file, from] of places) {
    const found = folder.find(file, from)
    if (!('code' in found)) return found.name
  }
  return null
}

/** What a link to a field means: `/a/pointer`, or `/a/file#/a/pointer` for another file than the lesson's own. */
export function fieldOf(address: string, own: string | undefined): { pointer: string; file?: string } {
  const text = decodeAddress(address)
  const at = text.indexOf('#')
  return at > 0 ? { file: text.slice(0, at), pointer: text.slice(at + 1) } : { file: own, pointer: text }
}

/** Percent signs undone, if they make sense. */
export function decodeAddress(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
