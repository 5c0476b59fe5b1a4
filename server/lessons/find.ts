/** Finds the lessons below a folder, at any depth, and in which order and courses structure.json and pathway files put them. */
import { readdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { readJson } from './read/document.ts'
import { Folder, within } from './read/folder.ts'

export interface FoundLesson {
  dir: string
  /** Relative to the folder that was searched; `.` for that folder itself. */
  name: string
  /** Titles of the courses it is in, outermost first. */
  courses: string[]
  /** The title that the course gives it, if any. */
  title?: string
  /** Left out by a structure.json: it has an address but stands in no list. */
  unlisted: boolean
}

const MAX_DEPTH = 10
const MAX_FOLDERS = 50_000
/** They hold what lessons use, not lessons. */
const NOT_LESSONS = new Set(['node_modules', 'assets', '__macosx'])
const INDEX = /^index\.(json|ya?ml)$/i
/** A step's text, which makes a folder without index.json a lesson that lacks it. */
const PAGE = /^(intro|finish|step-?_?\d+)\.md$/i

/** Every lesson below `root`, in the order in which lists show them. Never throws. */
export function findLessons(root: string): FoundLesson[] {
  const finder = new Finder(root)
  finder.visit('.', [], 0)
  return finder.found
}

class Finder {
  readonly found: FoundLesson[] = []
  readonly #root: string
  readonly #seen = new Set<string>()

  constructor(root: string) {
    this.#root = safe(() => realpathSync(root)) ?? root
  }

  /** `inside`: a lesson, whose own folders are no lessons that lack their index.json. */
  visit(
    name: string,
    courses: string[],
    depth: number,
    title?: string,
    unlisted = false,
    inside = false,
  ): void {
    const dir = path.join(this.#root, name)
    const real = safe(() => realpathSync(dir))
    if (!real || !within(real, this.#root) || this.#seen.has(real) || this.#seen.size > MAX_FOLDERS) return
    this.#seen.add(real)
    const entries = safe(() => readdirSync(dir, { withFileTypes: true })) ?? []
    const names = entries.map((entry) => entry.name)
    const isLesson = names.some((each) => INDEX.test(each)) && looksLikeLesson(dir, names)
    if (isLesson) this.found.push({ dir, name, courses, title, unlisted })
    if (depth === MAX_DEPTH) return
    const before = this.found.length
    const course = isLesson || name === '.' ? courses : [...courses, title || titleOf(path.basename(name))]
    const listed = this.#listed(dir, names)
    const subfolders = entries
      .filter((entry) => !entry.name.startsWith('.') && !NOT_LESSONS.has(entry.name.toLowerCase()))
      .filter(
        (entry) => entry.isDirectory() || (entry.isSymbolicLink() && isFolder(path.join(dir, entry.name))),
      )
      .map((entry) => entry.name)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    for (const item of listed?.items ?? []) {
      const place = path.join(name, item.path)
      if (!within(path.join(this.#root, place), this.#root)) continue
      this.visit(place, item.courses ?? course, depth + 1, item.title, unlisted, inside || isLesson)
    }
    const hides = unlisted || (listed?.closed ?? false)
    for (const each of subfolders) {
      this.visit(path.join(name, each), course, depth + 1, undefined, hides, inside || isLesson)
    }
    const isIncomplete =
      !isLesson && !inside && this.found.length === before && names.some((each) => PAGE.test(each))
    if (isIncomplete) this.found.push({ dir, name, courses, title, unlisted })
  }

  /** What files of the folder say about its order. `closed`: what they do not name is in no list. */
  #listed(dir: string, names: string[]): { items: Item[]; closed: boolean } | null {
    const structure = names.find((each) => each.toLowerCase() === 'structure.json')
    if (structure) {
      const items = itemsOf(read(dir, structure))
      if (items) return { items, closed: true }
    }
    const pathways = names.filter((each) => /-pathway\.json$/i.test(each)).sort()
    const items = pathways.flatMap((file) => pathwayItems(dir, file))
    return items.length > 0 ? { items, closed: false } : null
  }
}

interface Item {
  path: string
  title?: string
  courses?: string[]
}

/** Items may be names alone; groups of groups are given by the folders. */
function itemsOf(value: unknown): Item[] | null {
  const items = (value as { items?: unknown } | null)?.items
  if (!Array.isArray(items)) return null
  return items.flatMap((item): Item[] => {
    if (typeof item === 'string') return [{ path: item }]
    if (typeof item?.path !== 'string') return []
    const path_ = item.path.replace(/^\/+/, '')
    const title = typeof item.title === 'string' ? item.title : undefined
    return [
      { path: path_, title },
      ...(itemsOf(item) ?? []).map((sub) => ({ ...sub, path: path.posix.join(path_, sub.path) })),
    ]
  })
}

/** Katacoda: `go-pathway.json` names the scenarios of a course, which are in the folder `go` or beside the file. */
function pathwayItems(dir: string, file: string): Item[] {
  const pathway = read(dir, file) as { title?: unknown; courses?: unknown } | null
  const courses = pathway?.courses
  if (!Array.isArray(courses)) return []
  const name = file.replace(/-pathway\.json$/i, '')
  const title = typeof pathway?.title === 'string' ? pathway.title : titleOf(name)
  return courses.flatMap((course): Item[] => {
    const id = course?.course_id ?? course?.id
    if (typeof id !== 'string' || /^https?:|^\//.test(id)) return []
    const place = [path.join(name, id), id].find((each) => isFolder(path.join(dir, each)))
    return place
      ? [
          {
            path: place,
            title: typeof course.title === 'string' ? course.title : undefined,
            courses: [title],
          },
        ]
      : []
  })
}

const read = (dir: string, file: string): unknown => {
  const found = new Folder(dir).text(file)
  return 'code' in found ? null : (readJson(found.text).value ?? null)
}

/** An index.json may be anybody's: ours has `details` or `backend`, or stands beside texts. */
function looksLikeLesson(dir: string, names: string[]): boolean {
  const found = new Folder(dir).text(names.find((each) => /^index\.json$/i.test(each)) ?? 'index.yaml')
  if ('code' in found) return true
  if (/["']?(details|backend)["']?\s*:/.test(found.text)) return true
  return (
    names.some((each) => PAGE.test(each)) ||
    /^\s*\{?\s*"?title"?\s*:/.test(found.text) ||
    isBroken(found.text)
  )
}

/** Nothing at all can be made of it: whoever wrote it wants to know. */
function isBroken(text: string): boolean {
  const { value, errors } = readJson(text)
  const isEmpty = typeof value !== 'object' || Array.isArray(value) || Object.keys(value ?? {}).length === 0
  return isEmpty && (errors.length > 0 || text.trim() === '')
}

const isFolder = (file: string) => safe(() => statSync(file).isDirectory()) ?? false

/** `linux-basics` is called "Linux basics". */
const titleOf = (name: string) => {
  const words = name.replace(/[-_]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function safe<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
