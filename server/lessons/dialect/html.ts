/** From the Markdown tree to an HTML tree that is safe: what authors may write in HTML, and nothing that runs or loads by itself. */
import type { Element, ElementContent, Root, RootContent, Text } from 'hast'
import type { Root as MarkdownRoot } from 'mdast'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { SUFFIX } from './action.ts'
import type { Marker } from './marks.ts'

/** GitHub's list, without what shows forms, and with our references, which only we can make. */
const schema: typeof defaultSchema = {
  ...defaultSchema,
  tagNames: [
    ...(defaultSchema.tagNames ?? []).filter((name) => name !== 'input'),
    'u',
    'mark',
    'small',
    'abbr',
    'figure',
    'figcaption',
    'input',
  ],
  attributes: {
    ...defaultSchema.attributes,
    '*': [
      'align',
      'title',
      'dir',
      'lang',
      'width',
      'height',
      'colSpan',
      'rowSpan',
      'ariaLabel',
      'ariaHidden',
      'open',
      'start',
    ],
    code: [['className', /^language-./], 'dataLab'],
    pre: ['dataLab'],
    img: ['src', 'alt', 'width', 'height', 'title'],
    // The boxes of task lists, which cannot be used.
    input: [['type', 'checkbox'], ['disabled', true], 'checked'],
  },
  // `field`, `lens` and `term` are this lab's own: they lead to a line of config.json, to the lens, and to the glossary.
  protocols: {
    ...defaultSchema.protocols,
    href: ['http', 'https', 'mailto', 'field', 'lens', 'term'],
    src: ['http', 'https', 'data'],
  },
}

const toHtml = unified().use(remarkRehype, { allowDangerousHtml: true })
const parseRaw = unified().use(rehypeRaw)
const sanitize = unified().use(rehypeSanitize, schema)

/** `html`: whether the Markdown holds any; parsing it again takes time. */
export function toSafeHtml(tree: MarkdownRoot, marker: Marker, html: boolean): Root {
  let root = toHtml.runSync(tree) as Root
  if (html) {
    root = parseRaw.runSync(root) as Root
    suffixesIn(root, marker)
    embeddedIn(root)
  }
  const safe = sanitize.runSync(root) as Root
  keepRasterOnly(safe)
  return safe
}

type Parent = Root | Element

/** Braces behind `<code>` and `<pre>` that are written as HTML. */
function suffixesIn(parent: Parent, marker: Marker): void {
  const start = new RegExp(`^\\s?${SUFFIX.source}`, 'i')
  for (const [index, child] of parent.children.entries()) {
    if (child.type !== 'element') continue
    const next = parent.children[index + 1]
    const isCode = child.tagName === 'code' || child.tagName === 'pre'
    const suffix = isCode && next?.type === 'text' ? start.exec(next.value) : null
    if (suffix && next?.type === 'text') {
      next.value = next.value.slice(suffix[0].length)
      const text = textOf(child).replace(/^\n|\n$/g, '')
      const block = child.tagName === 'pre'
      const reference = suffix[1]
        ? marker.command(`${suffix[1]} ${suffix[2] ?? ''}`, text, { block, line: 1 })
        : null
      if (reference) child.properties.dataLab = reference
    }
    if (!isCode) suffixesIn(child, marker)
  }
}

const EMBEDDING = new Set(['iframe', 'embed', 'object', 'video', 'audio', 'source'])

/** What would load something from elsewhere becomes a link to it. */
function embeddedIn(parent: Parent): void {
  for (const [index, child] of parent.children.entries()) {
    if (child.type !== 'element') continue
    const address = String(child.properties.src ?? child.properties.data ?? '')
    if (EMBEDDING.has(child.tagName) && /^(https?:)?\/\//.test(address)) {
      const href = address.replace(/^\/\//, 'https://')
      const name = URL.canParse(href) ? new URL(href).hostname : href
      const text: Text = {
        type: 'text',
        value: `${String(child.properties.title ?? '') || 'Embedded page'} (${name})`,
      }
      const link: Element = { type: 'element', tagName: 'a', properties: { href }, children: [text] }
      ;(parent.children as RootContent[])[index] = link
    } else embeddedIn(child)
  }
}

/** An address with an image in it may hold pictures only: others could be documents. */
function keepRasterOnly(parent: Parent): void {
  for (const child of parent.children) {
    if (child.type !== 'element') continue
    const src = String(child.properties.src ?? '')
    if (/^data:/i.test(src) && !/^data:image\/(png|jpe?g|gif|webp);base64,/i.test(src))
      delete child.properties.src
    keepRasterOnly(child)
  }
}

export function textOf(node: ElementContent | RootContent | undefined): string {
  if (!node) return ''
  if (node.type === 'text') return node.value
  return node.type === 'element' ? node.children.map(textOf).join('') : ''
}
