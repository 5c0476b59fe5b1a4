/** Reads lessons from disk: one folder each, with an index.json, its Markdown files and its check scripts. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Slug } from '../protocol/ids.ts'
import { Scenario } from './schema.ts'

export interface Step {
  slug: string
  title: string
  markdown: string
  /** What `bash` runs in the sandbox to check the step; null for a step that is only read. */
  verifyScript: string | null
}

export interface Lesson {
  slug: string
  title: string
  description: string
  time: string
  difficulty: string
  steps: Step[]
}

/** A lesson that cannot be shown. The message names the file and says what to change in it. */
export class LessonError extends Error {
  constructor(file: string, problem: string, fix: string) {
    super(`${file}: ${problem} ${fix}`)
    this.name = 'LessonError'
  }
}

/** The protocol carries a script in one message, so it has a limit. */
const MAX_SCRIPT = 64 * 1024

function defaultRoot(): string {
  // Relative to the working directory, because the bundled code no longer knows where it came from.
  return path.join(/* turbopackIgnore: true */ process.cwd(), 'lessons')
}

/** Every lesson of the lab, sorted by folder name. Folders without an index.json are not lessons. */
export function listLessons(root: string = defaultRoot()): Lesson[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .filter((entry) => readdirSync(path.join(root, entry.name)).includes('index.json'))
    .map((entry) => entry.name)
    .sort()
    .map((slug) => loadLesson(slug, root))
}

/** One lesson with the text of all its steps. Throws LessonError if anything about it is wrong. */
export function loadLesson(slug: string, root: string = defaultRoot()): Lesson {
  // Checked first: the slug may come from an address, and must not lead out of the folder.
  if (!Slug.safeParse(slug).success) {
    throw new LessonError(
      `lessons/${slug}`,
      'is not a usable folder name.',
      'Use lower-case letters, digits and dashes.',
    )
  }
  const scenario = readScenario(root, slug)
  const steps = scenario.details.steps.map((step, index): Step => {
    const where = `details.steps[${index}]`
    return {
      slug: stepSlug(slug, step.text, where),
      title: step.title ?? `Step ${index + 1}`,
      markdown: readPart(root, slug, step.text, `${where}.text`),
      verifyScript: step.verify ? readScript(root, slug, step.verify, `${where}.verify`) : null,
    }
  })
  const twice = steps.find((step, index) => steps.findIndex(({ slug }) => slug === step.slug) < index)
  if (twice) {
    throw new LessonError(
      `lessons/${slug}/index.json`,
      `has two steps named "${twice.slug}".`,
      'Give each step a folder of its own: the folder name is its address.',
    )
  }
  const { title, description, time, difficulty } = scenario
  return { slug, title, description, time, difficulty, steps }
}

function readScenario(root: string, slug: string): Scenario {
  const file = `lessons/${slug}/index.json`
  let json: unknown
  try {
    json = JSON.parse(read(root, slug, 'index.json'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw new LessonError(file, 'cannot be read.', 'A lesson is a folder with an index.json in it.')
    }
    throw new LessonError(file, `is not valid JSON (${error.message}).`, 'Look for a missing or extra comma.')
  }
  const parsed = Scenario.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const key = issue?.path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${String(part)}` : String(part),
    '',
  )
  throw new LessonError(file, `"${key || 'the file'}" is not right: ${issue?.message}.`, 'Correct that key.')
}

/** `the-bundle/text.md` and `the-bundle.md` both are the step `the-bundle`. */
function stepSlug(lesson: string, text: string, where: string): string {
  const folder = path.posix.dirname(path.posix.normalize(text))
  const slug = folder === '.' ? path.posix.basename(text, '.md') : folder
  if (Slug.safeParse(slug).success) return slug
  throw new LessonError(
    `lessons/${lesson}/index.json`,
    `${where}.text "${text}" gives the step an address that is not possible.`,
    'Put the file in one folder, named with lower-case letters, digits and dashes.',
  )
}

function readScript(root: string, lesson: string, file: string, where: string): string {
  const script = readPart(root, lesson, file, where)
  if (Buffer.byteLength(script) <= MAX_SCRIPT) return script
  throw new LessonError(`lessons/${lesson}/${file}`, 'is larger than 64 KiB.', 'Make the check shorter.')
}

function readPart(root: string, lesson: string, file: string, where: string): string {
  const inside = path.posix.normalize(file)
  if (path.posix.isAbsolute(inside) || inside.startsWith('..')) {
    throw new LessonError(
      `lessons/${lesson}/index.json`,
      `${where} "${file}" leads out of the lesson's folder.`,
      'Name a file inside it.',
    )
  }
  try {
    return read(root, lesson, inside)
  } catch {
    throw new LessonError(
      `lessons/${lesson}/${inside}`,
      `is missing, though ${where} in index.json names it.`,
      'Add the file or correct the name.',
    )
  }
}

/** Text as Unix writes it: bash stumbles over carriage returns, JSON over a byte order mark. */
function read(root: string, lesson: string, file: string): string {
  const text = readFileSync(path.join(root, lesson, file), 'utf8')
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
}
