/** What may be written at a place in a config.json: keys, values, and whole entries of lists. Pure. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: places to type at are written like that in snippets
import { getLocation, type Location } from 'jsonc-parser'
import { describe } from '../fields/index.ts'
import { STRUCTS } from '../go/types.ts'
import { findNode, formatPointer, readTree } from '../pointer.ts'
import type { Range } from '../text.ts'
import { ENTRIES } from './entries.ts'
import { keysAt, type Machine, valuesAt } from './values.ts'

export type { Machine } from './values.ts'

export interface Completion {
  label: string
  kind: 'key' | 'value' | 'entry'
  /** To be put in place of `replace`; `$1` and `${1:word}` are places to type at, as in snippets of editors. */
  insert: string
  /** Half a sentence; empty if there is nothing to say. */
  detail: string
  /** The field that it is about. */
  pointer: string
}

export interface Completions {
  /** What is typed already and will be replaced. */
  replace: Range
  items: Completion[]
}

/** Of other systems than Linux. */
const FOREIGN = new Set(['solaris', 'windows', 'vm', 'zos'])
const NUMBERS = /^u?int(8|16|32|64)?$|^fs\.FileMode$/

const NONE: Completions = { replace: { from: 0, to: 0 }, items: [] }

export function complete(text: string, offset: number, machine: Machine = {}): Completions {
  const location = locationAt(text, offset)
  const { previousNode, isAtPropertyKey } = location
  const inside =
    previousNode && previousNode.offset < offset && offset <= previousNode.offset + previousNode.length
  // Directly behind a value nothing more can be written.
  if (inside && previousNode.type !== 'string' && previousNode.type !== 'property' && !isWord(text, offset))
    return NONE
  const replace = inside
    ? { from: previousNode.offset, to: previousNode.offset + previousNode.length }
    : wordAt(text, offset)
  const items = isAtPropertyKey
    ? keys(text, location, replace, machine)
    : values(text, location, replace, machine)
  return { replace, items }
}

/** Behind a value the comma that one would write next is taken as written. */
function locationAt(text: string, offset: number): Location {
  const before = text.slice(0, offset)
  if (!/["\d\]}el]\s+$/.test(before)) return getLocation(text, offset)
  return getLocation(`${before},${text.slice(offset)}`, offset + 1)
}

function keys(text: string, { path }: Location, replace: Range, machine: Machine): Completion[] {
  const around = path.slice(0, -1)
  const typed = path.at(-1)
  const object = findNode(readTree(text), formatPointer(around))
  const present = new Set(object?.children?.map((property) => String(property.children?.[0]?.value)) ?? [])
  present.delete(String(typed))
  const type = typeAt(around)
  const fields = type ? STRUCTS[type] : undefined
  const names = fields ? Object.keys(fields).filter((name) => !FOREIGN.has(name)) : keysAt(around, machine)
  const hasValue = /^\s*:/.test(text.slice(replace.to))
  const before = text.slice(0, replace.from).trimEnd().at(-1)
  const after = text.slice(replace.to).trimStart()[0]
  const comma = hasValue || !(after === '"' || after === '{' || after === '[') ? '' : ','
  const lead = before === '{' || before === ',' || hasValue ? '' : ','
  return names
    .filter((name) => !present.has(name))
    .map((name) => {
      const pointer = formatPointer([...around, name])
      const valueType = fields?.[name] ?? 'string'
      const value = hasValue ? '' : `: ${emptyValue(valueType)}`
      return {
        label: name,
        kind: 'key' as const,
        insert: `${lead}${JSON.stringify(name)}${value}${comma}`,
        detail: describe(pointer)?.title ?? '',
        pointer,
      }
    })
}

function values(text: string, { path }: Location, replace: Range, machine: Machine): Completion[] {
  const pointer = formatPointer(path)
  const list = path.slice(0, -1)
  const type = typeAt(path)
  const detail = describe(pointer)?.title ?? ''
  const words = type === 'bool' ? ['true', 'false'] : valuesAt(path, machine)
  // In a list of words each has its place once.
  const isItem = typeof path.at(-1) === 'number'
  const siblings = isItem ? (findNode(readTree(text), formatPointer(list))?.children ?? []) : []
  const present = new Set(siblings.filter((_, i) => i !== path.at(-1)).map((node) => node.value))
  const lead = /[^[{,:\s]\s+$/.test(text.slice(0, replace.from)) ? ',' : ''
  const items = words
    .filter((word) => !present.has(word))
    .map((word) => ({
      label: word,
      kind: 'value' as const,
      insert: `${lead}${type === 'bool' ? word : JSON.stringify(word)}`,
      detail,
      pointer,
    }))
  const entries = ENTRIES.filter(({ list: of }) => isItem && of === formatPointer(list)).map(
    ({ label, detail, insert }) => ({
      label,
      kind: 'entry' as const,
      insert: `${lead}${insert}`,
      detail,
      pointer: formatPointer(list),
    }),
  )
  return [...items, ...entries]
}

/** The Go type at a path, without its pointer star; null where there is none. */
function typeAt(path: readonly (string | number)[]): string | null {
  let type: string | null = 'Spec'
  for (const part of path) {
    if (type === null) return null
    if (typeof part === 'number') type = type.startsWith('[]') ? type.slice(2) : null
    else if (type.startsWith('map[string]')) type = type.slice('map[string]'.length)
    else type = STRUCTS[type]?.[part] ?? null
    type = type?.replace(/^\*/, '') ?? null
  }
  return type
}

function emptyValue(type: string): string {
  const bare = type.replace(/^\*/, '')
  if (bare === 'bool') return '${1|true,false|}'
  if (NUMBERS.test(bare)) return '$1'
  if (bare === '[]string') return '["$1"]'
  if (bare.startsWith('[]')) return '[\n\t$1\n]'
  if (bare.startsWith('map[') || STRUCTS[bare]) return '{\n\t$1\n}'
  return '"$1"'
}

const isWord = (text: string, offset: number) => /[\w.-]/.test(text[offset - 1] ?? '')

function wordAt(text: string, offset: number): Range {
  let from = offset
  while (/[\w.-]/.test(text[from - 1] ?? '')) from--
  return { from, to: offset }
}
