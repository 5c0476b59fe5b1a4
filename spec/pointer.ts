/** JSON pointers (RFC 6901) and the places they name in a text, which may be broken while somebody is typing. */
import { type Node, parseTree } from 'jsonc-parser'
import type { Range } from './text.ts'

export type { Node }

/** Keys and indexes of a pointer; `''` is the whole text. Throws a RangeError if it does not begin with a slash. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw new RangeError(`"${pointer}" is no JSON pointer: it must begin with /`)
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export const formatPointer = (parts: readonly (string | number)[]): string =>
  parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** `pointer` with one part more. */
export const below = (pointer: string, part: string | number): string => pointer + formatPointer([part])

/** The last tree: edits and findings ask for the same text again and again. Nobody changes nodes. */
let last: { text: string; tree: Node | null } | null = null

/** The tree of a text, as far as it can be made out; null if there is nothing. */
export function readTree(text: string): Node | null {
  if (last?.text !== text)
    last = { text, tree: parseTree(text, [], { disallowComments: false, allowTrailingComma: true }) ?? null }
  return last.tree
}

/** The property of an object that counts: Go lets the last of equal keys win. */
export const propertyOf = (object: Node, key: string): Node | undefined =>
  object.children?.findLast((property) => property.children?.[0]?.value === key)

/** The value that a pointer names in a tree. */
export function findNode(tree: Node | null, pointer: string): Node | null {
  let node: Node | undefined = tree ?? undefined
  for (const part of parsePointer(pointer)) {
    if (node?.type === 'object') node = propertyOf(node, part)?.children?.[1]
    else if (node?.type === 'array')
      node = /^(0|[1-9]\d*)$/.test(part) ? node.children?.[Number(part)] : undefined
    else node = undefined
  }
  return node ?? null
}

export const rangeOf = (node: Node): Range => ({ from: node.offset, to: node.offset + node.length })

/** Where a value stands, and its key if it has one. */
export interface Place extends Range {
  key: Range | null
}

/** Where the value that a pointer names stands in the text; null if there is no such value. */
export function locate(text: string, pointer: string): Place | null {
  const node = findNode(readTree(text), pointer)
  if (!node) return null
  const key = node.parent?.type === 'property' ? node.parent.children![0]! : null
  return { ...rangeOf(node), key: key && rangeOf(key) }
}

/** The pointer of a node of a tree. */
export function pointerOf(node: Node): string {
  const parts: (string | number)[] = []
  for (let at: Node = node; at.parent; at = at.parent) {
    if (at.parent.type === 'property') parts.unshift(String(at.parent.children![0]!.value))
    else if (at.parent.type === 'array') parts.unshift(at.parent.children!.indexOf(at))
  }
  return formatPointer(parts)
}

/** The pointer of the innermost value, or of the value of the key, that stands at an offset; `''` outside of all. */
export function pointerAt(text: string, offset: number): string {
  let node = readTree(text)
  if (!node) return ''
  const holds = ({ offset: from, length }: Node) => from <= offset && offset <= from + length
  for (;;) {
    const inner: Node | undefined = node.children?.find(holds)
    if (!inner) break
    node = inner
    if (inner.type === 'property')
      node = inner.children![1] && holds(inner.children![1]) ? inner.children![1] : inner
    if (node === inner && inner.type === 'property') break
  }
  if (node.type === 'property') {
    const key = String(node.children![0]!.value)
    return node.parent ? below(pointerOf(node.parent), key) : formatPointer([key])
  }
  return pointerOf(node)
}
