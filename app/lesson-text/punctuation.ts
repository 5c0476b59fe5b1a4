/** Keeps a comma or full stop beside the link or button before it, from which a browser would part it at the end of a line. */
import type { Element, ElementContent, Root } from 'hast'

const PUNCTUATION = /^[.,;:!?)\]…]+/

const isAtomic = (node: ElementContent | undefined): node is Element =>
  node?.type === 'element' && (node.tagName === 'a' || node.tagName === 'code')

/** Changes the tree: both get a span around them that is not broken. */
export function keepPunctuation(parent: Root | Element): void {
  const children = parent.children as ElementContent[]
  for (const [index, node] of children.entries()) {
    if (node.type === 'element' && node.tagName !== 'pre') keepPunctuation(node)
    const before = children[index - 1]
    if (node.type !== 'text' || !isAtomic(before)) continue
    const [marks] = PUNCTUATION.exec(node.value) ?? []
    if (!marks) continue
    node.value = node.value.slice(marks.length)
    children[index - 1] = {
      type: 'element',
      tagName: 'span',
      properties: { className: ['unbroken'] },
      children: [before, { type: 'text', value: marks }],
    }
  }
}
