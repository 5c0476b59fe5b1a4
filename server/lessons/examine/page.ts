/** A page of a lesson, looked at for what does not work here: syntax, pictures, links, and what its commands need. */
import type { Image, Link } from 'mdast'
import { LENS_VIEWS } from '../../../spec/lens/views.ts'
import { furtherHost, PORT_LIST, sandboxPort } from '../dialect/hosts.ts'
import { nodesOf } from '../dialect/marks.ts'
import type { Lesson, Page } from '../lesson.ts'
import { type ReadPage, readPage } from '../page.ts'
import type { Problems } from '../problems.ts'
import { findFile } from '../render-paths.ts'
import { commandLines, type Made, needsOf } from './commands.ts'

/** Sites that scenarios link to and that are gone. */
const DEAD = /^https?:\/\/(?:[\w-]+\.)*(?:katacoda\.com)(?:[/:?#]|$)/i

export function examinePage(lesson: Lesson, page: Page, made: Made, problems: Problems): void {
  const { file } = page
  if (!file) return
  const read = readPage(page.markdown)
  for (const { code, line, message } of read.findings) problems.add(code, file, line, message)
  for (const line of read.openFences)
    problems.add('fence-open', file, line, 'The code block that begins here has no end.')
  marks(read, file, made, problems)
  for (const node of nodesOf(read.tree)) {
    const line = read.lineOf(node.position?.start.line ?? 1)
    if (node.type === 'image') picture(node.url, file, line)
    else if (node.type === 'link') link(node, line)
    else if (node.type === 'definition') link(node, line)
    else if (node.type === 'html') html(node.value, line)
  }

  function picture(url: string, file: string, line: number): void {
    if (/^https?:/i.test(url))
      problems.add('image-remote', file, line, `The picture ${shorten(url)} is on another site.`)
    else if (!/^data:/i.test(url) && findFile(lesson, file, url) === null)
      problems.add('image-missing', file, line, `The picture "${shorten(url)}" is not there.`)
  }

  function link({ url }: Pick<Link | Image, 'url'>, line: number): void {
    if (/^(field|lens|term):/.test(url)) return own(url, line)
    const port = sandboxPort(url)
    if (url === PORT_LIST) problems.add('port-link', file, line, 'A page that lists ports is not there.')
    else if (port)
      problems.add(
        'port-link',
        file,
        line,
        `A link to port ${port.port} of the sandbox: it has no address outside.`,
      )
    else if (furtherHost(url)) problems.add('second-host', file, line, `A link to host ${furtherHost(url)}.`)
    else if (DEAD.test(url)) problems.add('link-dead', file, line, `${shorten(url)} is gone.`)
    else if (/^\/\/|^[a-z][a-z0-9+.-]*:|^#|^$/i.test(url)) return
    else if (findFile(lesson, file, url) === null)
      problems.add('link-missing', file, line, `The link "${shorten(url)}" leads to no file.`)
  }

  /** Links that only this lab knows. */
  function own(url: string, line: number): void {
    const [, scheme, name = ''] = /^(field|lens|term):(.*)$/.exec(url) ?? []
    if (scheme === 'term' && !lesson.glossary.some(({ id }) => id === name))
      problems.add('link-missing', file, line, `The glossary has no term "${name}".`)
    if (scheme === 'lens' && !name.startsWith('/') && !LENS_VIEWS.some((view) => view === name))
      problems.add('link-missing', file, line, `The lens has no view "${name}".`)
  }

  function html(value: string, line: number): void {
    const at = (index: number) => line + value.slice(0, index).split('\n').length - 1
    for (const found of value.matchAll(/<img\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)/gi))
      picture(found[1]!, file, at(found.index))
    for (const found of value.matchAll(/<a\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)/gi))
      link({ url: found[1]! }, at(found.index))
    for (const found of value.matchAll(/<(iframe|embed|object|video|audio)\b/gi))
      problems.add(
        'embedded',
        file,
        at(found.index),
        `<${found[1]!.toLowerCase()}>: what it shows becomes a link.`,
      )
    for (const found of value.matchAll(/<(script|style|form|link|meta|base|svg|math)\b/gi))
      problems.add('html-removed', file, at(found.index), `<${found[1]!.toLowerCase()}> is left out.`)
  }
}

function marks(read: ReadPage, file: string, made: Made, problems: Problems): void {
  for (const { mark, line } of read.placed) {
    if (mark.kind === 'quiz' && !mark.quiz.answers.some(({ right }) => right))
      problems.add('quiz-empty', file, line, `The question "${shorten(mark.quiz.ask)}" has no right answer.`)
    if (mark.kind !== 'command' || mark.action.kind !== 'run') continue
    if (mark.action.host) problems.add('second-host', file, line, `A command for host ${mark.action.host}.`)
    for (const [index, text] of commandLines(mark.text))
      for (const { code, message } of needsOf(text, made))
        problems.add(code, file, line + (mark.block ? 1 + index : index), message)
  }
}

/** A script: what its lines need. */
export function examineScript(script: string, file: string, made: Made, problems: Problems): void {
  for (const [index, line] of commandLines(script))
    for (const { code, message } of needsOf(line, made)) problems.add(code, file, index + 1, message)
}

const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 97)}…` : text)
