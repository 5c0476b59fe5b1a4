/** How large a picture of a lesson is, so that a page keeps its place free while it is fetched. */
import { statSync } from 'node:fs'
import { imageSize } from 'image-size'
import type { Lesson } from './lesson.ts'
import { Folder } from './read/folder.ts'

export interface PictureSize {
  width: number
  height: number
}

/** The size stands at the front of a file, but for some formats not at its very beginning. */
const MAX_BYTES = 4 * 1024 * 1024
const MAX_KEPT = 500

/** By path; of a file that has changed since, the size is read again. */
const kept = new Map<string, { changed: number; size: PictureSize | null }>()

/** In CSS pixels; null for what is no picture, or none whose size can be told. `file`: relative to the lesson's folder. */
export function pictureSize(lesson: Pick<Lesson, 'folder' | 'boundary'>, file: string): PictureSize | null {
  try {
    const folder = new Folder(lesson.folder, lesson.boundary)
    const found = folder.find(file)
    if ('code' in found) return null
    const changed = statSync(found.path).mtimeMs
    const known = kept.get(found.path)
    if (known?.changed === changed) return known.size
    const bytes = folder.bytes(found, MAX_BYTES)
    const size = bytes instanceof Uint8Array ? measure(bytes) : null
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(found.path, { changed, size })
    return size
  } catch {
    return null
  }
}

function measure(bytes: Uint8Array): PictureSize | null {
  try {
    const { width, height, orientation = 1 } = imageSize(bytes)
    if (!(width > 0 && height > 0)) return null
    // From 5 on, a camera was held on its side, and browsers turn the picture.
    const [wide, high] = orientation >= 5 ? [height, width] : [width, height]
    return { width: Math.round(wide), height: Math.round(high) }
  } catch {
    return null
  }
}
