/** Edits of a JSON text that leave every byte alone that need not change: indentation, order, comments, large numbers. */
import type { Node } from './pointer.ts'
import { findNode, formatPointer, parsePointer, propertyOf, rangeOf, readTree } from './pointer.ts'
import { applyEdits, composeEdits, type TextEdit } from './text.ts'

/** A value to write. A bigint is written as a number, `{ raw }` as it stands. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json } | Raw

/** JSON text to be taken over as it is. */
export class Raw {
  readonly raw: string
  constructor(raw: string) {
    this.raw = raw
  }
}

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; from: string; path: string }

/** The text does not have what an edit wants to change. */
export class EditError extends Error {}

/** How the text around an edit is laid out. */
interface Style {
  /** One level of indentation. */
  unit: string
  newline: string
  /** Whether lists and objects are spread over lines. */
  broken: boolean
}

/** The style of what stands in `container`. */
function styleOf(text: string, container: Node | null | undefined): Style {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1]
  const first = container?.children?.[0]
  return {
    unit: indent ?? '\t',
    newline: text.includes('\r\n') ? '\r\n' : '\n',
    broken: container && first ? isBroken(text, container, first) : indent !== undefined,
  }
}

const isBroken = (text: string, container: Node, first: Node) =>
  text.slice(container.offset, first.offset).includes('\n')

/** White space at the beginning of the line that an offset is in. */
function indentAt(text: string, offset: number): string {
  const line = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(line, offset))![0]
}

/** JSON text of a value, laid out as what is around it; each line after the first begins with `indent`. */
function print(value: Json, style: Style, indent: string): string {
  if (value instanceof Raw) return value.raw
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const { unit, newline, broken } = style
  const within = (item: Json) => print(item, style, indent + unit)
  const list = Array.isArray(value)
  const items = list
    ? value.map(within)
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${within(item)}`)
  if (items.length === 0) return list ? '[]' : '{}'
  if (!broken) return list ? `[${items.join(', ')}]` : `{ ${items.join(', ')} }`
  const inner = newline + indent + unit
  return `${list ? '[' : '{'}${inner}${items.join(`,${inner}`)}${newline}${indent}${list ? ']' : '}'}`
}

/** Puts an item or property behind the one of that index (-1: in front of all) of an object or array. */
function insert(
  text: string,
  container: Node,
  after: number,
  write: (indent: string, style: Style) => string,
): TextEdit {
  const children = container.children ?? []
  const style = styleOf(text, children.length > 0 ? container : container.parent?.parent)
  const end = container.offset + container.length
  const closed = /[\]}]/.test(text[end - 1] ?? '')
  const indent = indentAt(text, children[0]?.offset ?? container.offset)
  if (children.length === 0) {
    // Comments inside stay: only white space is replaced.
    const inside = text.slice(container.offset + 1, closed ? end - 1 : end)
    const from = container.offset + 1 + inside.trimEnd().length
    const gap = style.newline + indent
    const pad = container.type === 'object' ? ' ' : ''
    const added = style.broken
      ? `${gap}${style.unit}${write(indent + style.unit, style)}${gap}`
      : `${pad}${write(indent, style)}${pad}`
    return { from, to: closed ? end - 1 : end, text: added }
  }
  const gap = style.broken ? style.newline + indent : ' '
  if (after < 0) {
    const at = children[0]!.offset
    return { from: at, to: at, text: `${write(indent, style)},${gap}` }
  }
  const last = children[Math.min(after, children.length - 1)]!
  const at = last.offset + last.length
  return { from: at, to: at, text: `,${gap}${write(indent, style)}` }
}

/** Takes an item or property out, with one comma and the white space that belonged to it. */
function takeOut(text: string, container: Node, index: number): TextEdit {
  const children = container.children!
  const node = children[index]!
  const next = children[index + 1]
  const previous = children[index - 1]
  const end = node.offset + node.length
  if (next && !/[/]/.test(text.slice(end, next.offset)))
    return { from: node.offset, to: next.offset, text: '' }
  if (previous && !/[/]/.test(text.slice(previous.offset + previous.length, node.offset)))
    return { from: previous.offset + previous.length, to: end, text: '' }
  if (!next && !previous) {
    const inside = text.slice(container.offset + 1, container.offset + container.length - 1)
    const alone = inside.replace(text.slice(node.offset, end), '').trim() === ''
    if (alone) return { from: container.offset + 1, to: container.offset + container.length - 1, text: '' }
    return { from: node.offset, to: end, text: '' }
  }
  // A comment stands between the neighbours: only the value and its comma go.
  const comma = next ? text.indexOf(',', end) : text.lastIndexOf(',', node.offset)
  return next ? { from: node.offset, to: comma + 1, text: '' } : { from: comma, to: end, text: '' }
}

function parentOf(text: string, pointer: string): { parent: Node; key: string } {
  const parts = parsePointer(pointer)
  const key = parts.pop()
  if (key === undefined) throw new EditError('The whole text cannot be taken out or put in.')
  const path = formatPointer(parts)
  const parent = findNode(readTree(text), path)
  if (!parent) throw new EditError(`There is no ${path || 'JSON value'}.`)
  return { parent, key }
}

/** Replaces the value at a pointer. */
export function replaceAt(text: string, pointer: string, value: Json): TextEdit[] {
  const node = findNode(readTree(text), pointer)
  if (!node) throw new EditError(`There is no ${pointer}.`)
  const container = node.parent?.type === 'property' ? node.parent.parent : node.parent
  const added = print(value, styleOf(text, container), indentAt(text, node.offset))
  const range = rangeOf(node)
  return text.slice(range.from, range.to) === added ? [] : [{ ...range, text: added }]
}

/** As the patch operation `add`: puts a property in or replaces it, or puts an item into an array (`-`: at its end). */
export function addAt(text: string, pointer: string, value: Json): TextEdit[] {
  if (pointer === '') return replaceAt(text, pointer, value)
  const { parent, key } = parentOf(text, pointer)
  if (parent.type === 'object') {
    if (propertyOf(parent, key)?.children?.[1]) return replaceAt(text, pointer, value)
    const write = (indent: string, style: Style) => `${JSON.stringify(key)}: ${print(value, style, indent)}`
    return [insert(text, parent, (parent.children?.length ?? 0) - 1, write)]
  }
  if (parent.type !== 'array') throw new EditError(`${pointer} cannot be put into a ${parent.type}.`)
  const length = parent.children?.length ?? 0
  const index = key === '-' ? length : Number(key)
  if (!Number.isInteger(index) || index < 0 || index > length)
    throw new EditError(`${pointer}: the list has ${length} entries.`)
  return [insert(text, parent, index - 1, (indent, style) => print(value, style, indent))]
}

/** Makes the value at a pointer this one, with the objects around it where they are missing. */
export function setAt(text: string, pointer: string, value: Json): TextEdit[] {
  const parts = parsePointer(pointer)
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const parent = findNode(readTree(text), formatPointer(parts.slice(0, depth)))
    if (!parent) continue
    const missing = parts.slice(depth + 1).reverse()
    const whole = missing.reduce<Json>((inner, key) => (key === '-' ? [inner] : { [key]: inner }), value)
    const at = formatPointer(parts.slice(0, depth + 1))
    if (missing.length > 0 || parent.type === 'object') return addAt(text, at, whole)
    return findNode(readTree(text), at) ? replaceAt(text, at, whole) : addAt(text, at, whole)
  }
  const missing = parts.slice(1).reverse()
  const whole = missing.reduce<Json>((inner, key) => (key === '-' ? [inner] : { [key]: inner }), value)
  return addAt(text, formatPointer(parts.slice(0, 1)), whole)
}

/** Takes out what stands at a pointer. */
export function removeAt(text: string, pointer: string): TextEdit[] {
  const { parent, key } = parentOf(text, pointer)
  const children = parent.children ?? []
  const index =
    parent.type === 'object'
      ? children.findLastIndex((property) => property.children?.[0]?.value === key)
      : /^\d+$/.test(key)
        ? Number(key)
        : -1
  if (!children[index]) throw new EditError(`There is no ${pointer}.`)
  return [takeOut(text, parent, index)]
}

/** Gives the property at a pointer another key. */
export function renameKey(text: string, pointer: string, key: string): TextEdit[] {
  const node = findNode(readTree(text), pointer)
  const name = node?.parent?.type === 'property' ? node.parent.children![0]! : null
  if (!name) throw new EditError(`${pointer} is no property.`)
  return [{ ...rangeOf(name), text: JSON.stringify(key) }]
}

/** The source of the value at a pointer, without the indentation of its place, for another one. */
function sourceAt(text: string, pointer: string): Raw {
  const node = findNode(readTree(text), pointer)
  if (!node) throw new EditError(`There is no ${pointer}.`)
  return new Raw(text.slice(node.offset, node.offset + node.length))
}

/**
 * A JSON patch as edits of the text: each speaks of the text before all of them. Throws an EditError that says which
 * operation does not fit the text.
 */
export function applyPatch(text: string, patch: readonly PatchOperation[]): TextEdit[] {
  let current = text
  let edits: TextEdit[] = []
  const apply = (made: TextEdit[]) => {
    for (const edit of made) edits = composeEdits(edits, edit)
    current = applyEdits(current, made)
  }
  for (const operation of patch) {
    const { op, path } = operation
    if (op === 'test') {
      const found = sourceAt(current, path)
      if (!same(JSON.parse(found.raw), operation.value))
        throw new EditError(`${path} is ${found.raw}, not ${JSON.stringify(operation.value)}.`)
    } else if (op === 'add') apply(addAt(current, path, operation.value as Json))
    else if (op === 'replace') apply(replaceAt(current, path, operation.value as Json))
    else if (op === 'remove') apply(removeAt(current, path))
    else if (op === 'move' || op === 'copy') {
      const { from } = operation
      const value = sourceAt(current, from)
      if (op === 'move') apply(removeAt(current, from))
      apply(addAt(current, path, value))
    }
  }
  return edits.filter((edit) => text.slice(edit.from, edit.to) !== edit.text)
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  const other = b as Record<string, unknown>
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in other && same((a as Record<string, unknown>)[key], other[key]))
  )
}
