/** Turns a lesson's Markdown into React elements, on the server: prose, coloured code, and commands that can be run. */
import type { Element, ElementContent, Root } from 'hast'
import { type ExtraProps, toJsxRuntime } from 'hast-util-to-jsx-runtime'
import type { ComponentProps, ReactElement } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { CommandBlock } from '../../components/lesson/CommandBlock.tsx'
import { CommandInline } from '../../components/lesson/CommandInline.tsx'
import { highlight } from './highlight.ts'
import { type Action, liftFenceSuffixes, remarkActions } from './markdown.ts'

// Raw HTML is left out: remark-rehype drops it unless it is told otherwise.
const pipeline = unified().use(remarkParse).use(remarkGfm).use(remarkActions).use(remarkRehype)

/** The prose of one step. */
export function renderMarkdown(markdown: string): ReactElement {
  const tree = pipeline.runSync(pipeline.parse(liftFenceSuffixes(markdown))) as Root
  return toJsxRuntime(tree, {
    Fragment,
    jsx,
    jsxs,
    passNode: true,
    components: { pre: Block, code: Inline, blockquote: Aside, table: Table, a: Anchor },
  }) as ReactElement
}

/** Code alone, in colour. */
export function renderCode(text: string, language: string): ReactElement {
  const root: Root = { type: 'root', children: highlight(text, language) }
  return toJsxRuntime(root, { Fragment, jsx, jsxs }) as ReactElement
}

/** A fenced block. */
function Block({ node }: ExtraProps) {
  const code = node?.children.find((child): child is Element => child.type === 'element')
  const text = textOf(code).replace(/\n$/, '')
  const classes = code?.properties.className
  const name = Array.isArray(classes) ? String(classes[0]).replace(/^language-/, '') : 'text'
  // Killercoda writes highlighted lines right behind the language, as in yaml{2,5-6}.
  const language = name.replace(/\{.*$/, '')
  const { kind, ...command } = actionOf(code) ?? { kind: 'none' }
  return (
    <CommandBlock text={text} runnable={kind === 'run'} {...command}>
      {renderCode(text, language)}
    </CommandBlock>
  )
}

/** Inline code: plain unless it carries an action. */
function Inline({ node, children }: ComponentProps<'code'> & ExtraProps) {
  const action = actionOf(node)
  if (!action) return <code>{children}</code>
  const { kind, ...command } = action
  return <CommandInline text={textOf(node)} runnable={kind === 'run'} {...command} />
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

/** Links out of the lab open beside it: leaving the page would hide the learner's terminals. */
function Anchor({ href, children }: ComponentProps<'a'>) {
  const outside = /^https?:/.test(href ?? '')
  return (
    <a href={href} {...(outside ? { target: '_blank', rel: 'noreferrer' } : {})}>
      {children}
    </a>
  )
}

function actionOf(node: Element | undefined): Action | null {
  const action = node?.properties.dataAction
  return typeof action === 'string' ? (JSON.parse(action) as Action) : null
}

function textOf(node: ElementContent | undefined): string {
  if (!node) return ''
  if (node.type === 'text') return node.value
  return node.type === 'element' ? node.children.map(textOf).join('') : ''
}
