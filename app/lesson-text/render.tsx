/** Turns a page's Markdown into React elements, on the server: prose, coloured code, and what can be done with it. */
import type { Element, Root } from 'hast'
import { type ExtraProps, toJsxRuntime } from 'hast-util-to-jsx-runtime'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'
import { CommandBlock } from '../../components/lesson/CommandBlock.tsx'
import { CommandInline } from '../../components/lesson/CommandInline.tsx'
import { EditBlock } from '../../components/lesson/EditBlock.tsx'
import { FieldLink } from '../../components/lesson/FieldLink.tsx'
import { FileBlock } from '../../components/lesson/FileBlock.tsx'
import { LensLink } from '../../components/lesson/LensLink.tsx'
import { LessonImage } from '../../components/lesson/LessonImage.tsx'
import { OutputBlock } from '../../components/lesson/OutputBlock.tsx'
import { PortLink } from '../../components/lesson/PortLink.tsx'
import { Quiz } from '../../components/lesson/Quiz.tsx'
import { RemoteImage } from '../../components/lesson/RemoteImage.tsx'
import { TermLink } from '../../components/lesson/TermLink.tsx'
import { withBase } from '../../components/ui/base-path.ts'
import { SANDBOX_CGROUPS } from '../../server/lessons/cgroups.ts'
import { furtherHost, PORT_LIST, sandboxPort } from '../../server/lessons/dialect/hosts.ts'
import { textOf } from '../../server/lessons/dialect/html.ts'
import type { Mark } from '../../server/lessons/dialect/marks.ts'
import { highlight, markedLines } from '../../server/lessons/highlight.ts'
import { absolute } from '../../server/lessons/layout.ts'
import { type Lesson, type Page, pagesOf } from '../../server/lessons/lesson.ts'
import { type ReadPage, readPage } from '../../server/lessons/page.ts'
import { pictureSize } from '../../server/lessons/picture-size.ts'
import { fieldOf, findFile } from '../../server/lessons/render-paths.ts'
import { LENS_VIEWS } from '../../spec/lens/views.ts'
import { keepPunctuation } from './punctuation.ts'

/** What a page's text may refer to. */
export interface Surroundings {
  lesson: Lesson
  page: Page
}

interface Parsed {
  read: ReadPage
  root: Root
}

/** By the Markdown: a page is parsed once, however often it is shown. */
const parsed = new Map<string, Parsed>()
const MAX_PARSED = 500

function parse(markdown: string): Parsed {
  const known = parsed.get(markdown)
  if (known) return known
  const read = readPage(markdown)
  const result = { read, root: read.html() }
  keepPunctuation(result.root)
  if (parsed.size >= MAX_PARSED) parsed.delete(parsed.keys().next().value!)
  parsed.set(markdown, result)
  return result
}

/** How many questions stand in the text that can be answered: one without a right answer holds nobody up. */
export const questionsIn = (markdown: string): number =>
  markdown.includes('>>') ? parse(markdown).read.placed.filter(({ mark }) => isAnswerable(mark)).length : 0

const isAnswerable = (mark: Mark) => mark.kind === 'quiz' && mark.quiz.answers.some(({ right }) => right)

/** The prose of a page. Without its lesson, images and files of the lesson are not found. */
export function renderMarkdown(markdown: string, around?: Surroundings): ReactElement {
  const { read, root } = parse(markdown)
  const rendering = new Rendering(read, around)
  return toJsxRuntime(root, {
    Fragment,
    jsx,
    jsxs,
    passNode: true,
    components: {
      pre: rendering.block,
      code: rendering.inline,
      // The page has its heading.
      h1: 'h2',
      blockquote: Aside,
      table: Table,
      a: rendering.anchor,
      img: rendering.image,
    },
  }) as ReactElement
}

/** Code alone, in colour. */
export function renderCode(text: string, language: string, marked?: ReadonlySet<number>): ReactElement {
  const root: Root = { type: 'root', children: highlight(text, language, marked) }
  return toJsxRuntime(root, { Fragment, jsx, jsxs }) as ReactElement
}

class Rendering {
  readonly #read: ReadPage
  readonly #around: Surroundings | undefined

  constructor(read: ReadPage, around: Surroundings | undefined) {
    this.#read = read
    this.#around = around
  }

  /** A fenced block. */
  block = ({ node, children }: ComponentProps<'pre'> & ExtraProps): ReactNode => {
    const code = node?.children.find(
      (child): child is Element => child.type === 'element' && child.tagName === 'code',
    )
    const text = textOf(code ?? node).replace(/^\n|\n$/g, '')
    const mark = this.#read.markOf(code?.properties.dataLab ?? node?.properties.dataLab)
    const name = languageName(code)
    // Killercoda writes highlighted lines right behind the language, as in yaml{2,5-6}.
    const language = name.replace(/\{.*$/, '')
    const marked = markedLines(/\{([\d,\s-]*)\}/.exec(name)?.[1] ?? '')
    const coloured = renderCode(text, language, marked)
    switch (mark?.kind) {
      case 'edit':
        return <EditBlock edit={this.#edit(mark.id)} diff={text} />
      case 'output':
        return (
          <OutputBlock on={mark.on} here={SANDBOX_CGROUPS}>
            {coloured}
          </OutputBlock>
        )
      case 'quiz':
        return (
          <Quiz
            {...mark.quiz}
            ask={renderInline(mark.quiz.ask)}
            answers={quizAnswers(mark.quiz.answers)}
            place={isAnswerable(mark) ? this.#quizPlace(mark) : undefined}
          />
        )
      case 'file':
        return this.#file(mark, coloured)
      default:
        // An HTML <pre> may hold emphasis and links: they are shown.
        return (
          <CommandBlock {...this.#command(mark)} text={text}>
            {code || !node ? coloured : children}
          </CommandBlock>
        )
    }
  }

  /** Inline code: plain unless it carries an action. */
  inline = ({ node, children }: ComponentProps<'code'> & ExtraProps): ReactNode => {
    const mark = this.#read.markOf(node?.properties.dataLab)
    if (mark?.kind !== 'command') return <code>{children}</code>
    return <CommandInline {...this.#command(mark)} text={mark.text} />
  }

  /** Links out of the lab open beside it: leaving the page would hide the learner's terminals. */
  anchor = ({ href = '', title, children }: ComponentProps<'a'>): ReactNode => {
    const [, scheme, name = ''] = /^(field|lens|term):(.*)$/.exec(href) ?? []
    if (scheme === 'field')
      return <FieldLink {...fieldOf(name, this.#around?.lesson.file)}>{children}</FieldLink>
    if (scheme === 'lens') {
      const view = LENS_VIEWS.find((each) => each === name)
      const { pointer, file = '' } = fieldOf(name, this.#around?.lesson.file)
      return (
        <LensLink view={view ?? 'fields'} pointer={view ? null : pointer} file={file}>
          {children}
        </LensLink>
      )
    }
    if (scheme === 'term') {
      const term = this.#around?.lesson.glossary.find(({ id }) => id === name)
      return term ? (
        <TermLink term={term.term} text={term.text}>
          {children}
        </TermLink>
      ) : (
        children
      )
    }
    if (href === PORT_LIST)
      return (
        <PortLink port={null} path="">
          {children}
        </PortLink>
      )
    const port = sandboxPort(href)
    if (port) return <PortLink {...port}>{children}</PortLink>
    const host = furtherHost(href)
    if (host)
      return (
        <PortLink port={null} path="" host={host}>
          {children}
        </PortLink>
      )
    if (/^https?:/i.test(href)) {
      return (
        <a href={href} title={title} target="_blank" rel="noopener noreferrer nofollow">
          {children}
        </a>
      )
    }
    const inside = this.#inside(href)
    return inside === null ? (
      children
    ) : (
      <a href={inside} title={title}>
        {children}
      </a>
    )
  }

  image = ({ src, alt = '', width, height, title }: ComponentProps<'img'>): ReactNode => {
    const address = typeof src === 'string' ? src : ''
    const size = { width: sizeOf(width), height: sizeOf(height) }
    if (/^https?:/i.test(address)) return <RemoteImage src={address} alt={alt} {...size} />
    if (/^data:/i.test(address)) return <LessonImage src={address} alt={alt} title={title} {...size} />
    const file = this.#fileAt(address)
    if (file === null) return <LessonImage src={null} alt={alt} />
    const { lesson } = this.#around!
    const own = size.width || size.height ? size : (pictureSize(lesson, file) ?? {})
    return <LessonImage src={fileAddress(lesson.slug, file)} alt={alt} title={title} {...own} />
  }

  #quizPlace(mark: Mark) {
    const { lesson, page } = this.#around ?? {}
    const index = this.#read.placed.findIndex((each) => each.mark === mark)
    return lesson && page && { lesson: lesson.slug, page: page.slug, index }
  }

  #edit(id: string) {
    const { lesson, page } = this.#around ?? {}
    const edits = page && 'edits' in page ? (page as Lesson['steps'][number]).edits : []
    const edit = edits.find((each) => each.id === id)
    return edit && { ...edit, file: edit.file ?? lesson!.file }
  }

  #command(mark: Mark | null | undefined) {
    if (mark?.kind !== 'command') return { runnable: false }
    const { kind, host, fails: _, ...command } = mark.action
    if (kind === 'open')
      return {
        runnable: false,
        open: absolute(mark.text.trim(), this.#around?.lesson.layout.home ?? '/root'),
      }
    return { ...command, runnable: kind === 'run' && host === undefined, host }
  }

  #file(mark: Extract<Mark, { kind: 'file' }>, coloured: ReactNode): ReactNode {
    const file = absolute(mark.file, this.#around?.lesson.layout.home ?? '/root')
    return (
      <FileBlock file={file} name={mark.file} target={mark.target} marker={mark.marker} text={mark.text}>
        {coloured}
      </FileBlock>
    )
  }

  /** The address of a page or a file of the lesson; null if it is none. */
  #inside(href: string): string | null {
    if (href.startsWith('#')) return href
    if (/^mailto:/i.test(href)) return href
    const { lesson } = this.#around ?? {}
    if (!lesson || href === '') return null
    const file = this.#fileAt(href)
    if (file === null) return null
    const page = pagesOf(lesson).find((each) => each.file === file)
    return withBase(page ? `/lessons/${lesson.slug}/${page.slug}` : fileAddress(lesson.slug, file))
  }

  #fileAt(address: string): string | null {
    const { lesson, page } = this.#around ?? {}
    return lesson && page ? findFile(lesson, page.file, address) : null
  }
}

/** Where the web process serves a lesson's file. */
const fileAddress = (slug: string, file: string) => `/lesson-files/${slug}?file=${encodeURIComponent(file)}`

const sizeOf = (value: unknown) => {
  const size = Number.parseInt(String(value ?? ''), 10)
  return size > 0 && size < 5000 ? size : undefined
}

const quizAnswers = (answers: { text: string; right: boolean }[]) =>
  answers.map(({ text, right }) => ({ text, right, content: renderInline(text) }))

/** One line of Markdown without a paragraph around it. */
export function renderInline(markdown: string): ReactNode {
  const { root } = parse(markdown)
  const [only] = root.children
  const children = only?.type === 'element' && only.tagName === 'p' ? only.children : []
  if (children.length === 0) return markdown
  return toJsxRuntime({ type: 'root', children }, { Fragment, jsx, jsxs }) as ReactElement
}

function languageName(code: Element | undefined): string {
  const classes = code?.properties.className
  const name = Array.isArray(classes) ? String(classes[0] ?? '').replace(/^language-/, '') : 'text'
  return name.toLowerCase()
}

/** A block quote is an aside; its first bold words say of which kind. */
function Aside({ node, children }: ComponentProps<'blockquote'> & ExtraProps) {
  const words = textOf(node).trim().toLowerCase()
  const kind = words.startsWith('predict')
    ? 'predict'
    : words.startsWith('common mistake')
      ? 'mistake'
      : 'note'
  return <blockquote data-kind={kind}>{children}</blockquote>
}

/** Tables scroll by themselves, so that a wide one does not move the page on a phone. */
function Table({ children }: ComponentProps<'table'>) {
  return (
    <div className="table">
      <table>{children}</table>
    </div>
  )
}
