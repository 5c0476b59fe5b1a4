/** All lessons of the lab: its own and those of LESSONS_PATH, read when asked for and again when their files have changed. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { type FoundLesson, findLessons } from './find.ts'
import type { Lesson } from './lesson.ts'
import { LessonError, loadFolder } from './load.ts'
import { playable } from './problems.ts'
import { lessonSlug, Slugs } from './slug.ts'

/** For so long a folder is not searched again, and a lesson's files are not looked at again; milliseconds. An author sees changes at once. */
const FRESH_MS = process.env.LAB_PREVIEW ? 0 : 1000

interface Entry extends FoundLesson {
  slug: string
  root: string
}

/** The clock of files ticks more slowly than ours; milliseconds. */
const FILE_TICK_MS = 100

interface Cached {
  lesson: Lesson
  /** Times and sizes of the files it was read from; empty if one was written just then, and is to be read again. */
  stamp: string
  lookedAt: number
}

export class Library {
  readonly #roots: string[]
  #entries: Entry[] = []
  #searchedAt = Number.NEGATIVE_INFINITY
  readonly #lessons = new Map<string, Cached>()

  /** `roots`: folders with lessons at any depth, or lessons themselves. One that is not there has no lessons. */
  constructor(roots: string[]) {
    this.#roots = roots
  }

  /** Every lesson that lists show and that can be played at least in part. */
  list(): Lesson[] {
    return this.#search()
      .filter(({ unlisted }) => !unlisted)
      .map((entry) => this.#lesson(entry))
      .filter((lesson) => !lesson.hidden && playable(lesson.problems) !== false)
  }

  /** Throws LessonError if there is none, or if nothing of it can be shown. */
  find(slug: string): Lesson {
    const entry = this.#search().find((each) => each.slug === slug)
    if (!entry) throw new LessonError(`There is no lesson "${slug}".`)
    const lesson = this.#lesson(entry)
    const fatal = lesson.problems.find(({ code }) => code === 'index-missing' || code === 'index-unreadable')
    if (fatal) throw new LessonError(`${slug}/${fatal.file}: ${fatal.message}`)
    return lesson
  }

  /** The addresses of the lessons below a folder, in the order of lists. */
  addressesBelow(folder: string): string[] {
    const inside = (dir: string) => `${path.resolve(dir)}/`.startsWith(`${path.resolve(folder)}/`)
    return this.#search()
      .filter(({ dir }) => inside(dir))
      .map(({ slug }) => slug)
  }

  #search(): Entry[] {
    const now = performance.now()
    if (now - this.#searchedAt < FRESH_MS) return this.#entries
    const slugs = new Slugs()
    this.#entries = this.#roots.flatMap((root) =>
      findLessons(root).map((found) => {
        const name = found.name === '.' ? path.basename(path.resolve(root)) : found.name
        return { ...found, root, slug: slugs.take(lessonSlug(name)).slug }
      }),
    )
    this.#searchedAt = now
    return this.#entries
  }

  #lesson(entry: Entry): Lesson {
    const now = performance.now()
    const known = this.#lessons.get(entry.dir)
    if (known && known.lesson.slug === entry.slug) {
      if (now - known.lookedAt < FRESH_MS) return known.lesson
      known.lookedAt = now
      if (known.stamp === stampOf(known.lesson)) return known.lesson
    }
    const { slug, courses, title, root, dir } = entry
    const began = Date.now()
    const lesson = loadFolder(dir, { slug, course: courses.join(' · '), title, boundary: root })
    this.#lessons.set(dir, {
      lesson,
      stamp: isBeingWritten(lesson, began) ? '' : stampOf(lesson),
      lookedAt: now,
    })
    return lesson
  }
}

/** Whether a file may have been read in the midst of a save. A time far ahead is no sign of that, but of another clock. */
function isBeingWritten({ folder, sources }: Lesson, began: number): boolean {
  return sources.some((file) => {
    const written = statSync(path.join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
    return written >= began - FILE_TICK_MS && written <= Date.now() + 1000
  })
}

/** Changes when a file of the lesson is changed, added or removed: folders have times, too. */
function stampOf({ folder, sources }: Lesson): string {
  return sources
    .map((file) => {
      try {
        const { mtimeMs, size } = statSync(path.join(folder, file))
        return `${file}:${mtimeMs}:${size}`
      } catch {
        return file
      }
    })
    .join('\n')
}

function own(): Library {
  // Relative to the working directory, because the bundled code no longer knows where it came from.
  const builtIn = path.join(/* turbopackIgnore: true */ process.cwd(), 'lessons')
  return new Library([builtIn, ...lessonsPath(process.env.LESSONS_PATH)])
}

/** The folders of a LESSONS_PATH, which are separated as those of PATH are. */
export const lessonsPath = (value = ''): string[] =>
  value
    .split(path.delimiter)
    .map((folder) => folder.trim())
    .filter(Boolean)

let library: Library | undefined

/** Every lesson of the lab, in the order of lists. */
export const listLessons = (): Lesson[] => {
  library ??= own()
  return library.list()
}

/** One lesson, or null if there is none, or nothing of it can be shown. */
export function lessonAt(slug: string): Lesson | null {
  try {
    return loadLesson(slug)
  } catch (error) {
    if (error instanceof LessonError) return null
    throw error
  }
}

/** One lesson with the text of all its pages. Throws LessonError if it cannot be shown. */
export const loadLesson = (slug: string): Lesson => {
  library ??= own()
  return library.find(slug)
}
