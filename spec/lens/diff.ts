/** What one configuration has and another has not, field by field; lists that are sets in truth are compared as sets. */
import { escapePointer, type Json, type JsonObject } from './state.ts'

export interface Difference {
  pointer: string
  /** Undefined: it is not there. */
  left: Json | undefined
  right: Json | undefined
}

/** By what the members of a list are known, whatever their place. */
const KEYS: Record<string, string> = {
  '/mounts': 'destination',
  '/linux/namespaces': 'type',
  '/process/rlimits': 'type',
  '/linux/devices': 'path',
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function differences(left: Json | undefined, right: Json | undefined, pointer = ''): Difference[] {
  if (JSON.stringify(left) === JSON.stringify(right)) return []
  if (isObject(left) && isObject(right)) {
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => {
      const has = (value: JsonObject) => (Object.hasOwn(value, key) ? value[key] : undefined)
      return differences(has(left), has(right), `${pointer}/${escapePointer(key)}`)
    })
  }
  const key = KEYS[pointer]
  if (key && Array.isArray(left) && Array.isArray(right)) {
    const index = (list: Json[]) =>
      new Map(list.map((each) => [isObject(each) ? String(each[key]) : JSON.stringify(each), each]))
    const [one, other] = [index(left), index(right)]
    return [...new Set([...one.keys(), ...other.keys()])].flatMap((name) =>
      differences(one.get(name), other.get(name), `${pointer}/${escapePointer(name)}`),
    )
  }
  return [{ pointer, left, right }]
}

/** What only one side of two lists of words has. */
export function wordDifferences(
  left: Json | undefined,
  right: Json | undefined,
): { added: string[]; removed: string[] } | null {
  const words = (value: Json | undefined) =>
    Array.isArray(value) && value.every((each) => typeof each === 'string')
      ? (value as string[])
      : value === undefined
        ? []
        : null
  const [one, other] = [words(left), words(right)]
  if (!one || !other) return null
  return {
    added: other.filter((each) => !one.includes(each)),
    removed: one.filter((each) => !other.includes(each)),
  }
}
