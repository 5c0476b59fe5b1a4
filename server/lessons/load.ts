/** Reads one lesson from its folder: index.json, texts, scripts and what lab.yaml adds. Whatever is wrong is a problem, not the end. */
import path from 'node:path'
import { withAddresses } from './dialect/hosts.ts'
import { LessonExtras, StepExtras } from './lab-schema.ts'
import { layoutOf, webPagesOf } from './layout.ts'
import { type Lesson, type Page, pagesOf, type Step } from './lesson.ts'
import { alwaysPasses, passRuleOf } from './pass-rule.ts'
import { Problems, playable } from './problems.ts'
import { type Document, readJson, readYaml } from './read/document.ts'
import { Folder } from './read/folder.ts'
import { validate } from './read/validate.ts'
import { type Asset, Scenario, type ScenarioPage, type ScenarioStep } from './schema.ts'
import { pageSlug, Slugs, slugify } from './slug.ts'

/** The protocol carries a script in one message, so it has a limit. */
export const MAX_SCRIPT = 64 * 1024

/** Pages that are no steps have these addresses. */
export const RESERVED = ['intro', 'finish', 'challenge', 'take-home']

/** A lesson that cannot be shown. The message names the file and says what to change in it. */
export class LessonError extends Error {
  override name = 'LessonError'
}

export interface LoadOptions {
  slug?: string
  course?: string
  /** The lesson's title, if the course gives it another one. */
  title?: string
  /** The folder that files may not lead out of; the lesson's own if not given. */
  boundary?: string
}

/** Never throws for what stands in the folder; `lesson.problems` says what is wrong with it. */
export function loadFolder(dir: string, options: LoadOptions = {}): Lesson {
  return new Loader(new Folder(dir, options.boundary ?? dir), options).load()
}

class Loader {
  readonly #folder: Folder
  readonly #options: LoadOptions
  readonly #problems = new Problems()
  readonly #slugs = new Slugs(RESERVED)
  #index = 'index.json'
  #document: Document = { value: {}, lineOf: () => 1, errors: [] }

  constructor(folder: Folder, options: LoadOptions) {
    this.#folder = folder
    this.#options = options
  }

  load(): Lesson {
    const { slug, course, title, boundary } = this.#options
    const scenario = this.#scenario()
    const extras = this.#extras('lab.yaml', LessonExtras) ?? LessonExtras.parse({})
    const { details } = scenario
    const hide = scenario.environment
    const intro =
      details?.intro && !hide?.hideintro ? this.#page('intro', details.intro, ['details', 'intro']) : null
    const steps = (details?.steps ?? []).map((step, index) => this.#step(step, index))
    const finish =
      details?.finish && !hide?.hidefinish
        ? this.#page('finish', details.finish, ['details', 'finish'])
        : null
    const name = path.basename(this.#folder.dir)
    const lesson: Lesson = {
      slug: slug ?? slugify(name),
      title: title || scenario.title || name,
      description: scenario.description,
      time: /^\d+$/.test(scenario.time) ? `${scenario.time} minutes` : scenario.time,
      difficulty: scenario.difficulty,
      course: course || scenario.pathwayTitle || '',
      hidden: Boolean(scenario.noindex || scenario.private),
      intro,
      steps,
      finish,
      challenge: extras.challenge
        ? {
            ...this.#extraPage('challenge', extras.challenge),
            minutes: extras.challenge.minutes ?? 0,
            solution: this.#script(extras.challenge.solution, [], 'lab.yaml')?.text ?? null,
          }
        : null,
      takeHome: extras.takeHome
        ? this.#extraPage('take-home', { title: 'To take home', ...extras.takeHome })
        : null,
      chapters: extras.chapters ?? [],
      glossary: extras.glossary ?? [],
      file: extras.file,
      starts: this.#starts(extras.starts ?? {}),
      tier: extras.tier,
      layout: layoutOf(
        scenario,
        steps.some(({ edits }) => edits.length > 0),
      ),
      assets: this.#assets(scenario),
      type: scenario.type ?? '',
      image: { name: scenario.backend?.imageid ?? '', line: this.#document.lineOf(['backend', 'imageid']) },
      dashboards: webPagesOf(scenario).map(({ what, at }) => ({
        what,
        line: this.#document.lineOf(['environment', ...at]),
      })),
      secondHostAssets: {
        count: details?.assets?.host02?.length ?? 0,
        line: this.#document.lineOf(['details', 'assets', 'host02']),
      },
      index: this.#index,
      problems: [],
      sources: [],
      folder: this.#folder.dir,
      boundary: boundary ?? this.#folder.dir,
    }
    this.#require(lesson, scenario)
    this.#chapters(lesson)
    lesson.problems = this.#problems.all
    lesson.sources = this.#folder.asked
    return lesson
  }

  #scenario(): Scenario {
    const json = this.#folder.text('index.json')
    const found = 'code' in json && json.code === 'file-missing' ? this.#folder.text('index.yaml') : json
    if ('code' in found) {
      const missing = found.code === 'file-missing'
      this.#problems.add(
        missing ? 'index-missing' : 'index-unreadable',
        'index.json',
        1,
        missing ? 'There is no index.json.' : found.message,
      )
      return Scenario.parse({})
    }
    this.#index = found.name
    if (found.encoding) this.#problems.add('encoding', found.name, 1, `The file is ${found.encoding}.`)
    this.#document = /\.ya?ml$/i.test(found.name) ? readYaml(found.text) : readJson(found.text)
    const { value, errors } = this.#document
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    // The parser makes an object of any brace.
    const isLost = !isObject || (errors.length > 0 && Object.keys(value).length === 0)
    for (const { line, message } of isLost ? errors.slice(0, 1) : errors)
      this.#problems.add('json-syntax', found.name, line, message)
    if (isLost) {
      this.#problems.add(
        'index-unreadable',
        found.name,
        1,
        found.text.trim() === '' ? 'The file is empty.' : 'The file holds no JSON object.',
      )
      return Scenario.parse({})
    }
    return validate(Scenario, this.#document, this.#problems, {
      file: found.name,
      wrong: 'wrong-type',
      unknown: 'unknown-key',
    })
  }

  #page(slug: string, page: ScenarioPage, at: (string | number)[]): Page {
    const text = this.#text(page.text, [...at, 'text'])
    const foreground = this.#script(page.foreground ?? page.code, [
      ...at,
      page.foreground ? 'foreground' : 'code',
    ])
    const background = this.#script(page.background ?? page.courseData, [
      ...at,
      page.background ? 'background' : 'courseData',
    ])
    return {
      slug,
      title: page.title || (slug === 'intro' ? 'Introduction' : 'Finish'),
      file: text.file,
      markdown: text.markdown,
      credits: page.credits ?? '',
      foreground: foreground?.text ?? null,
      background: background?.text ?? null,
      verifyScript: null,
      passRule: 'exit',
      checks: [],
      scriptFiles: { foreground: foreground?.name, background: background?.name },
    }
  }

  #step(step: ScenarioStep, index: number): Step {
    const at = ['details', 'steps', index]
    const { slug, second } = this.#slugs.take(step.text ? pageSlug(step.text) : `step${index + 1}`)
    if (second && step.text)
      this.#problem(
        'same-address',
        [...at, 'text'],
        `Another page has the address of "${step.text}"; this one is "${slug}".`,
      )
    if (!step.title) this.#problem('no-title', at, `Step ${index + 1} has no title.`)
    const page = this.#page(slug, step, at)
    const extras = (page.file && this.#stepExtras(page.file)) || {}
    const verify = this.#script(step.verify, [...at, 'verify'])
    const verifyScript = verify?.text ?? null
    const hint = step.hint && /\.md$/i.test(step.hint) ? this.#text(step.hint, [...at, 'hint']).markdown : ''
    const auto = extras.verifyMode === undefined || extras.verifyMode === 'auto'
    return {
      ...page,
      title: step.title || `Step ${index + 1}`,
      verifyScript,
      passRule: auto ? passRuleOf(verifyScript ?? '') : (extras.verifyMode as 'exit' | 'done'),
      checks: extras.checks ?? [],
      scriptFiles: { ...page.scriptFiles, verify: verify?.name },
      goal: extras.goal ?? '',
      minutes: extras.minutes ?? 0,
      edits: extras.edits ?? [],
      hints: [...(hint ? [{ text: hint }] : []), ...(extras.hints ?? [])],
      hintScript: step.hint && !hint ? (this.#script(step.hint, [...at, 'hint'])?.text ?? null) : null,
      mistake: extras.mistake ?? '',
      answer: this.#text(step.answer, [...at, 'answer'], true).markdown,
      questions: extras.questions ?? [],
      deeper: extras.deeper ?? [],
      prepare: this.#beside(page.file, extras.prepare, 'prepare.sh'),
      solution: this.#beside(page.file, extras.solution, 'solve.sh'),
    }
  }

  #starts(files: Record<string, string>): Record<string, string> {
    const texts = Object.entries(files).map(([path, file]) => [
      path,
      this.#script(file, [], 'lab.yaml')?.text ?? '',
    ])
    return Object.fromEntries(texts)
  }

  /** Katacoda's `client` is the same machine. */
  #assets(scenario: Scenario): Lesson['assets'] {
    const { host01 = [], client = [] } = scenario.details?.assets ?? {}
    const placed = (list: Asset[], host: string) =>
      list.map((asset, index) => ({
        ...asset,
        line: this.#document.lineOf(['details', 'assets', host, index]),
      }))
    const seen = new Set<string>()
    return [...placed(host01, 'host01'), ...placed(client, 'client')].filter(({ line: _, ...asset }) => {
      const key = JSON.stringify(asset)
      return !seen.has(key) && Boolean(seen.add(key))
    })
  }

  #extraPage(slug: string, page: { title: string; text: string; verify?: string }): Page {
    const text = this.#text(page.text, [], false, 'lab.yaml')
    const verify = page.verify ? this.#script(page.verify, [], 'lab.yaml') : null
    const verifyScript = verify?.text ?? null
    return {
      slug,
      title: page.title,
      file: text.file,
      markdown: text.markdown,
      credits: '',
      foreground: null,
      background: null,
      verifyScript,
      passRule: passRuleOf(verifyScript ?? ''),
      checks: [],
      scriptFiles: { verify: verify?.name },
    }
  }

  /** `orText`: what names no file is the text itself, as with Katacoda's answers. */
  #text(
    file: string | undefined,
    at: (string | number)[],
    orText = false,
    index = this.#index,
  ): { file: string; markdown: string } {
    if (!file) return { file: '', markdown: '' }
    if (orText && (/\s/.test(file) || !/\.\w+$/.test(file))) return { file: this.#index, markdown: file }
    const found = this.#read(file, at, undefined, index)
    return found ? { file: found.name, markdown: found.text } : { file: '', markdown: '' }
  }

  #script(file: string | undefined, at: (string | number)[], index = this.#index) {
    if (!file) return null
    const found = this.#read(file, at, MAX_SCRIPT, index)
    return found && { name: found.name, text: withAddresses(found.text) }
  }

  /** A script that is named in lab.yaml or has the usual name, in the folder of the step's text. */
  #beside(text: string, named: string | undefined, usual: string): string | null {
    if (!text) return null
    const from = path.posix.dirname(text)
    if (!named && from === '.') return null
    const found = this.#folder.text(named ?? usual, { from, max: MAX_SCRIPT })
    if (!('code' in found)) return found.text
    if (named) this.#problems.add(found.code, path.posix.join(from, 'lab.yaml'), 1, found.message)
    return null
  }

  #read(file: string, at: (string | number)[], max?: number, index = this.#index) {
    const found = this.#folder.text(file, { max })
    const line = at.length > 0 ? this.#document.lineOf(at) : 1
    if ('code' in found) {
      this.#problems.add(found.code, index, line, found.message)
      return null
    }
    if (found.encoding) this.#problems.add('encoding', found.name, 1, `The file is ${found.encoding}.`)
    const written = path.posix.normalize(file.replaceAll('\\', '/').replace(/^\/+/, ''))
    if (written !== found.name)
      this.#problems.add('file-case', index, line, `"${file}" is called "${found.name}".`)
    return found
  }

  /** `lab.yaml` beside a text in a folder of its own; `step1.lab.yaml` beside `step1.md`. */
  #stepExtras(text: string): StepExtras | null {
    const { dir, name } = path.posix.parse(text)
    const own = path.posix.join(dir, `${name}.lab.yaml`)
    const file = dir === '' || !('code' in this.#folder.find(own)) ? own : path.posix.join(dir, 'lab.yaml')
    return this.#extras(file, StepExtras)
  }

  #extras<T extends typeof LessonExtras | typeof StepExtras>(file: string, schema: T) {
    const found = this.#folder.text(file)
    if ('code' in found) {
      if (found.code !== 'file-missing') this.#problems.add(found.code, file, 1, found.message)
      return null
    }
    const document = readYaml(found.text)
    for (const { line, message } of document.errors)
      this.#problems.add('yaml-syntax', found.name, line, message)
    return validate(schema, document, this.#problems, {
      file: found.name,
      wrong: 'lab-key',
      unknown: 'lab-key',
    }) as (T extends typeof LessonExtras ? LessonExtras : StepExtras) | null
  }

  /** A lesson without a text is a machine to play with; it still needs a page. */
  #require(lesson: Lesson, scenario: Scenario): void {
    if (playable(this.#problems.all) === false) return
    if (!scenario.title) this.#problem('no-title', [], 'The lesson has no title.')
    const titled = scenario.details?.steps?.map(({ title }) => title) ?? []
    for (const [index, step] of lesson.steps.entries()) {
      const { verifyScript } = step
      const twin = titled.indexOf(titled[index])
      if (titled[index] && twin < index)
        this.#problem(
          'same-title',
          ['details', 'steps', index, 'title'],
          `Step ${twin + 1} is called "${titled[index]}", too.`,
        )
      if (verifyScript && alwaysPasses(verifyScript))
        this.#problem(
          'check-always-passes',
          ['details', 'steps', index, 'verify'],
          `The check of "${step.title}" passes whatever was done.`,
        )
    }
    const pages = pagesOf(lesson)
    if (pages.length > 0 && pages.every(({ file }) => file === ''))
      this.#problem('no-text', ['details'], 'Not one of the texts is there.')
    if (pages.length > 0) return
    this.#problem('no-pages', ['details'], 'The lesson has no text.')
    const text = lesson.description || 'This lesson has no text. The machine is yours.'
    lesson.intro = { ...this.#page('intro', { title: lesson.title }, []), markdown: text }
  }

  #chapters(lesson: Lesson): void {
    for (const { title, steps } of lesson.chapters)
      for (const slug of steps)
        if (!lesson.steps.some((step) => step.slug === slug))
          this.#problems.add(
            'lab-key',
            'lab.yaml',
            1,
            `Chapter "${title}" names a step "${slug}" that is not there.`,
          )
  }

  #problem(code: Parameters<Problems['add']>[0], at: (string | number)[], message: string): void {
    this.#problems.add(code, this.#index, this.#document.lineOf(at), message)
  }
}
