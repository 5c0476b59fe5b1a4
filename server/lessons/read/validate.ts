/** A document against its schema: what is wrong is reported and left out, and the rest is used. */
import { z } from 'zod'
import type { Code, Problems } from '../problems.ts'
import type { Document, Path } from './document.ts'

interface Names {
  file: string
  /** For a value of the wrong kind. */
  wrong: Code
  /** For keys that the schema does not have; null lets them pass without a word. */
  unknown: Code
}

/** The value, without what the schema refuses; the schema's empty value if nothing is left. */
export function validate<T extends z.ZodObject>(
  schema: T,
  document: Document,
  problems: Problems,
  { file, wrong, unknown }: Names,
): z.infer<T> {
  let value = structuredClone(isRecord(document.value) ? document.value : {})
  reportUnknown(schema, value, [], (path) =>
    problems.add(
      unknown,
      file,
      document.lineOf(path),
      `"${keyName(path)}" is not a key that this lab knows${suggestion(schema, path)}.`,
    ),
  )
  const origins = new Origins()
  const removed: Path[] = []
  for (let round = 0; round < 500; round++) {
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data as z.infer<T>
    const issue = parsed.error.issues[0]!
    const path = issue.path as Path
    const at = innermost(issue)
    const written = [...origins.pathOf(value, path), ...at.path]
    // What was removed for another reason is not missing.
    if (!removed.some((path) => written.every((part, index) => path[index] === part)))
      problems.add(wrong, file, document.lineOf(written), `"${keyName(written) || file}" ${at.message}.`)
    const victim = removable(value, path)
    removed.push(origins.pathOf(value, victim), written)
    if (victim.length === 0) value = {}
    else prune(value, victim, origins)
  }
  return schema.parse({}) as z.infer<T>
}

/** Where the items of lists stood before others were removed. */
class Origins {
  readonly #indexes = new WeakMap<unknown[], number[]>()

  of(list: unknown[]): number[] {
    const known = this.#indexes.get(list) ?? list.map((_, index) => index)
    this.#indexes.set(list, known)
    return known
  }

  /** The path as it is in the document. */
  pathOf(value: unknown, path: Path): Path {
    return path.map((part, depth) => {
      const parent = at(value, path.slice(0, depth))
      return Array.isArray(parent) ? (this.of(parent)[Number(part)] ?? part) : part
    })
  }
}

/** A union says nothing by itself: its first alternative that fits best does. */
function innermost(issue: z.core.$ZodIssue): { path: Path; message: string } {
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0]
    if (deepest && deepest.path.length > 0) {
      const inner = innermost(deepest)
      return { path: [...(deepest.path as Path), ...inner.path], message: inner.message }
    }
    return { path: [], message: 'is not of the right kind' }
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('undefined'))
    return { path: [], message: 'is missing' }
  const message = issue.message.replace(/^Invalid input: /, 'is not right: ').replace(/\.$/, '')
  return { path: [], message: /^(is|are|needs|has) /.test(message) ? message : `is not right: ${message}` }
}

/** A missing key cannot be removed: what lacks it can. */
function removable(value: unknown, path: Path): Path {
  for (let length = path.length; length > 0; length--) {
    const parent = at(value, path.slice(0, length - 1))
    if (parent !== null && typeof parent === 'object' && path[length - 1]! in parent)
      return path.slice(0, length)
  }
  return []
}

function prune(value: unknown, path: Path, origins: Origins): void {
  const parent = at(value, path.slice(0, -1))
  const key = path.at(-1)!
  if (Array.isArray(parent)) {
    origins.of(parent).splice(Number(key), 1)
    parent.splice(Number(key), 1)
  } else if (isRecord(parent)) delete parent[key]
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      inner !== null && typeof inner === 'object' ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  )
}

/** Keys that no object of the schema has, wherever they are; they are removed. */
function reportUnknown(
  schema: z.core.$ZodType,
  value: unknown,
  path: Path,
  report: (path: Path) => void,
): void {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    for (const [index, item] of value.entries()) reportUnknown(inner.element, item, [...path, index], report)
    return
  }
  if (!(inner instanceof z.ZodObject) || !isRecord(value)) return
  for (const key of Object.keys(value)) {
    const known = Object.hasOwn(inner.shape, key) ? inner.shape[key] : undefined
    if (known) reportUnknown(known, value[key], [...path, key], report)
    else {
      report([...path, key])
      delete value[key]
    }
  }
}

export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.def.innerType)
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in)
  return schema
}

function suggestion(schema: z.core.$ZodType, path: Path): string {
  let inner = unwrap(schema)
  for (const part of path.slice(0, -1)) {
    if (inner instanceof z.ZodArray) inner = unwrap(inner.element)
    else if (inner instanceof z.ZodObject && inner.shape[part]) inner = unwrap(inner.shape[part])
  }
  if (!(inner instanceof z.ZodObject)) return ''
  const word = String(path.at(-1)).toLowerCase()
  const near = Object.keys(inner.shape).find(
    (key) => distance(key.toLowerCase(), word) <= (word.length > 3 ? 2 : 1),
  )
  return near ? ` (perhaps "${near}"?)` : ''
}

/** Levenshtein's: how many letters are added, lost or changed. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `details.steps[0].text`. */
export function keyName(path: Path): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${part}` : part),
    '',
  )
}
