/** One page's Markdown, read: its tree, and what stands in it that is more than prose. */
import { randomBytes } from 'node:crypto'
import type { Root } from 'hast'
import type { Root as MarkdownRoot } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { toSafeHtml } from './dialect/html.ts'
import { type Finding, Marker, nodesOf, type Placed } from './dialect/marks.ts'
import { prepare, TooDeep } from './dialect/prepare.ts'

const parser = unified().use(remarkParse).use(remarkGfm)

export interface ReadPage {
  tree: MarkdownRoot
  placed: Placed[]
  findings: Finding[]
  /** Lines, from 1, of code blocks that do not end. */
  openFences: number[]
  /** The line in the author's file of a line of the tree. */
  lineOf: (line: number) => number
  /** The page as HTML without anything dangerous; may find more that is placed. */
  html(): Root
  /** The mark that an element of `html` refers to. */
  markOf(reference: unknown): Placed['mark'] | null
}

const TOO_DEEP = 'The text of this page is nested too deeply to be shown.'

/** So many tags of HTML may be nested too deeply; fewer cannot be. */
const MANY_TAGS = 500

/** Never throws, nor does anything of what it returns. */
export function readPage(markdown: string): ReadPage {
  try {
    const page = read(markdown)
    if (tagsIn(page.tree) > MANY_TAGS) page.html()
    return page
  } catch (error) {
    // The parser and all that walks through its tree call themselves for each level.
    if (!(error instanceof RangeError || error instanceof TooDeep)) throw error
    const line = error instanceof TooDeep ? error.line : 1
    return { ...read(TOO_DEEP), findings: [{ code: 'too-deep', line, message: TOO_DEEP }] }
  }
}

const tagsIn = (tree: MarkdownRoot) =>
  [...nodesOf(tree)].reduce((sum, node) => sum + (node.type === 'html' ? node.value.split('<').length : 0), 0)

/** As `readPage`, but throws for a page that is nested too deeply. */
function read(markdown: string): ReadPage {
  const { text, lines, quizzes, openFences } = prepare(markdown)
  const lineOf = (line: number) => lines[line] ?? lines.at(-1) ?? 1
  // Not to be guessed: raw HTML with such a reference would get somebody else's button.
  const token = randomBytes(9).toString('base64url')
  const marker = new Marker({ token, source: text, lineOf, quizzes })
  const tree = parser.parse(text)
  marker.run(tree)
  const { placed, findings } = marker
  let html: Root | undefined
  return {
    tree,
    placed,
    findings,
    openFences,
    lineOf,
    // Once: what is found in it is placed.
    html: () => {
      html ??= toSafeHtml(
        tree,
        marker,
        [...nodesOf(tree)].some(({ type }) => type === 'html'),
      )
      return html
    },
    markOf: (reference) => {
      if (typeof reference !== 'string' || !reference.startsWith(`${token}-`)) return null
      return placed[Number(reference.slice(token.length + 1))]?.mark ?? null
    },
  }
}
