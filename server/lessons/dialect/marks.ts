/** What a page's Markdown holds beyond prose: commands, files, edits, questions. Found in the Markdown tree and kept beside it. */
import { fromHtml } from 'hast-util-from-html'
import type { Code, Html, InlineCode, Node, Nodes, Parents, Root, RootContent, Text } from 'mdast'
import { type Action, parseAction, SUFFIX, unusable } from './action.ts'
import { QUIZ } from './prepare.ts'
import type { Quiz } from './quiz.ts'

/** A block or a word with a button or a meaning of its own. */
export type Mark =
  | { kind: 'command'; action: Action; text: string; language: string; block: boolean }
  | {
      kind: 'file'
      file: string
      target: 'replace' | 'append' | 'prepend' | 'insert'
      marker: string
      text: string
    }
  | { kind: 'edit'; id: string; text: string }
  | { kind: 'output'; on: 'v1' | 'v2' | null; text: string }
  | { kind: 'quiz'; quiz: Quiz }

/** A mark and the line it begins on, in the author's file. */
export interface Placed {
  mark: Mark
  line: number
}

export interface Finding {
  code: 'too-deep' | 'stray-suffix' | 'unknown-suffix' | 'control-keys' | 'terminal-number'
  line: number
  message: string
}

/** The text between these is kept by the sanitiser, and nobody else can write it. */
export type Token = string

const AT_START = new RegExp(`^[ \\t]?${SUFFIX.source}`, 'i')
const STRAY = /(?<=\S|^)\{\{?\s*(?:exec|execute|copy|open)\b[^{}]*\}\}/gi
const KNOWN_WORDS = ['exec', 'execute', 'copy', 'open']

export class Marker {
  readonly placed: Placed[] = []
  readonly findings: Finding[] = []
  readonly #token: Token
  readonly #source: string
  readonly #lineOf: (line: number) => number
  readonly #quizzes: Quiz[]

  constructor(options: { token: Token; source: string; lineOf: (line: number) => number; quizzes: Quiz[] }) {
    this.#token = options.token
    this.#source = options.source
    this.#lineOf = options.lineOf
    this.#quizzes = options.quizzes
  }

  /** Takes suffixes out of the text and marks what they stand behind. */
  run(tree: Root): void {
    this.#visit(tree)
  }

  /** The reference that stands in a tree for a mark. */
  place(mark: Mark, line: number): string {
    this.placed.push({ mark, line })
    return `${this.#token}-${this.placed.length - 1}`
  }

  /** A suffix behind `text`; whether it means something. */
  command(
    words: string,
    text: string,
    options: { language?: string; block: boolean; line: number },
  ): string | null {
    const { language = '', block, line } = options
    const action = parseAction(words, text)
    const label = `{{${words}}}`
    if (words.includes('ctrl-seq') && !action)
      this.findings.push({
        code: 'control-keys',
        line,
        message: `"${text}" behind ${label} are no control keys.`,
      })
    for (const word of unusable(words))
      this.findings.push({
        code: 'terminal-number',
        line,
        message: `${label}: there is no terminal ${word}; the one in front is used.`,
      })
    return action && this.place({ kind: 'command', action, text, language, block }, line)
  }

  #line = (node: Node) => this.#lineOf(node.position?.start.line ?? 1)

  #visit(parent: Parents): void {
    for (let index = 0; index < parent.children.length; index++) {
      const node = parent.children[index]!
      if (node.type === 'code') this.#code(node, parent, index)
      else if (node.type === 'inlineCode') this.#inline(node, parent.children[index + 1])
      else if (node.type === 'html') this.#html(node, parent, index)
      else if (node.type === 'text') this.#text(node, parent.children[index - 1])
      if ('children' in node) {
        this.#visit(node)
        this.#behind(node, parent.children[index + 1])
      }
    }
  }

  #code(node: Code, parent: Parents, index: number): void {
    const line = this.#line(node)
    const braces = [...(node.meta ?? '').matchAll(/\{\{([^{}]*)\}\}/g)].map(([, words]) => words!.trim())
    let words = braces.find((each) => /^exec/i.test(each)) ?? braces[0]
    const next = parent.children[index + 1]
    // The suffix may stand on the line below the block.
    if (words === undefined && next?.type === 'paragraph' && next.children[0]?.type === 'text') {
      const below = new RegExp(`^${SUFFIX.source}[ \\t]*`, 'i').exec(next.children[0].value)
      if (below?.[1]) {
        words = `${below[1]} ${below[2] ?? ''}`.trim()
        next.children[0].value = next.children[0].value.slice(below[0].length)
        if (next.children.length === 1 && next.children[0].value.trim() === '')
          parent.children.splice(index + 1, 1)
      }
    }
    // The command may stand where the language should, in a block that is empty otherwise.
    if (node.value === '' && words !== undefined && node.lang) {
      node.value = `${node.lang} ${(node.meta ?? '').replace(/\{\{[^{}]*\}\}/g, '')}`.trim()
      node.lang = 'bash'
    }
    const text = node.value
    const language = (node.lang ?? '').toLowerCase()
    const meta = ` ${node.meta ?? ''} `
    const edit = /\sedit=([a-z0-9][a-z0-9-]*)\s/.exec(meta)?.[1]
    const output = /\soutput(?:=(v1|v2))?\s/.exec(meta)
    if (language === QUIZ) {
      const quiz = this.#quizzes[Number(node.meta)]
      if (quiz) setMark(node, this.place({ kind: 'quiz', quiz }, line))
    } else if (edit) setMark(node, this.place({ kind: 'edit', id: edit, text }, line))
    else if (output)
      setMark(node, this.place({ kind: 'output', on: (output[1] as 'v1' | 'v2') ?? null, text }, line))
    else if (words) setMark(node, this.command(words, text, { language, block: true, line }))
    if (words && !/^(exec|execute|copy|open)\b/i.test(words)) this.#unknown(words, line)
  }

  #inline(node: InlineCode, next: RootContent | undefined): void {
    if (next?.type !== 'text') return
    const suffix = AT_START.exec(next.value)
    const line = this.#line(node)
    if (!suffix) {
      const other = /^\{\{\s*([a-z-]+)\s*\}\}/i.exec(next.value)
      if (other) this.#unknown(other[1]!, line)
      return
    }
    next.value = next.value.slice(suffix[0].length)
    if (!suffix[1]) return
    node.value = this.#inlineText(node)
    setMark(node, this.command(`${suffix[1]} ${suffix[2] ?? ''}`, node.value, { block: false, line }))
  }

  /** A suffix behind emphasis or a link whose last word is code: **`cmd`**{{exec}}. */
  #behind(node: Parents, next: RootContent | undefined): void {
    if (next?.type !== 'text') return
    const last = node.children.at(-1)
    if (last?.type !== 'inlineCode' || last.data?.hProperties) return
    this.#inline(last, next)
  }

  /** CommonMark makes one line of inline code; a command of several lines must keep them. */
  #inlineText(node: InlineCode): string {
    const { start, end } = node.position ?? {}
    const raw = this.#source.slice(start?.offset ?? 0, end?.offset ?? 0)
    if (!raw.includes('\n')) return node.value
    const inside = raw.replace(/^`+/, '').replace(/`+$/, '')
    const lines = inside.split('\n').map((line) => line.replace(/^[ \t]*(?:>[ \t]?)*/, '').trimEnd())
    return lines.join('\n').trim()
  }

  #text(node: Text, before: RootContent | undefined): void {
    // Behind code that is written as HTML they are dealt with later, when that is read.
    const isBehind =
      before?.type === 'html' && /<\/(code|pre)>\s*$/i.test(before.value) && AT_START.test(node.value)
    if (isBehind) return
    const stray = node.value.match(STRAY)
    if (!stray) return
    for (const braces of stray)
      this.findings.push({
        code: 'stray-suffix',
        line: this.#line(node),
        message: `${braces} stands behind no code.`,
      })
    node.value = node.value.replace(STRAY, '')
  }

  #unknown(words: string, line: number): void {
    const [word = ''] = words.toLowerCase().split(/\s/)
    if (word === '' || KNOWN_WORDS.includes(word) || word.length > 9 || !/^[eco]/.test(word)) return
    this.findings.push({ code: 'unknown-suffix', line, message: `{{${words}}} means nothing here.` })
  }

  /** Katacoda's `<pre class="file">`, and commands within raw HTML. */
  #html(node: Html, parent: Parents, index: number): void {
    const line = this.#line(node)
    const pre = /^\s*<pre\b[^>]*>([\s\S]*?)<\/pre>([\s\S]*)$/i.exec(node.value)
    const file = pre && this.#file(node.value, pre[1]!)
    if (pre && file) {
      const code: Code = { type: 'code', lang: file.language, value: file.text, position: node.position }
      setMark(code, this.place(file.mark, line))
      const rest = pre[2]!.trim()
      parent.children.splice(index, 1, code as never)
      if (rest)
        parent.children.splice(index + 1, 0, { type: 'html', value: rest, position: node.position } as never)
      return
    }
    // Documentation of this syntax stands in <pre>, and stays as it is.
    if (/<(pre|textarea)\b|^\s*<!--/i.test(node.value)) return
    const backticks = /(`+)([^`]+?)\1[ \t]?\{\{\s*((?:exec|execute|copy|open)\b[^{}]*)\}\}/gi
    node.value = node.value.replace(backticks, (_, __, text: string, words: string) => {
      const reference = this.command(words, text.trim(), { block: false, line })
      const attribute = reference ? ` data-lab="${reference}"` : ''
      return `<code${attribute}>${text.trim().replaceAll('<', '&lt;')}</code>`
    })
  }

  #file(html: string, inner: string): { mark: Mark; text: string; language: string } | null {
    const element = fromHtml(html, { fragment: true }).children.find((child) => child.type === 'element')
    const properties = element?.properties ?? {}
    const target = String(properties.dataTarget ?? '')
    const file = String(properties.dataFilename ?? '')
    if (
      !target &&
      !file &&
      !String(properties.className ?? '')
        .split(',')
        .includes('file')
    )
      return null
    // Authors forget to write &lt; for <: then it is no markup either.
    const text = decodeEntities(inner).replace(/^\n/, '').replace(/\s+$/, '')
    const language = languageOf(file)
    if (file && /^(replace|append|prepend|insert|)$/.test(target)) {
      const kind = (target || 'replace') as 'replace'
      const marker = String(properties.dataMarker ?? '')
      return { mark: { kind: 'file', file, target: kind, marker, text }, text, language }
    }
    return {
      mark: { kind: 'command', action: { kind: 'copy' }, text, language, block: true },
      text,
      language,
    }
  }
}

/** Text of HTML, with its tags left in as they are written. */
function decodeEntities(html: string): string {
  const escaped = html.replace(/<br\s*\/?>/gi, '\n').replaceAll('<', '&lt;')
  const tree = fromHtml(escaped, { fragment: true })
  return tree.children.map((child) => (child.type === 'text' ? child.value : '')).join('')
}

const LANGUAGES: Record<string, string> = {
  json: 'json',
  sh: 'bash',
  bash: 'bash',
  yml: 'yaml',
  yaml: 'yaml',
}
const languageOf = (file: string) => LANGUAGES[/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? ''] ?? 'text'

function setMark(node: Code | InlineCode, reference: string | null): void {
  if (reference) node.data = { ...node.data, hProperties: { dataLab: reference } }
}

/** The nodes of a tree, in the order of the text. */
export function* nodesOf(root: Nodes): Generator<Nodes> {
  const left = [root]
  for (let node = left.pop(); node; node = left.pop()) {
    yield node
    if ('children' in node)
      for (let at = node.children.length - 1; at >= 0; at--) left.push(node.children[at]!)
  }
}
