/** Whether a JSON text already is what a patch would make of it. */
import type { PatchOperation } from './edit.ts'
import { parsePointer } from './pointer.ts'

/**
 * True if applying the patch would add nothing: values are there and equal, items are in their lists, removed ones are
 * gone. False for text that is no JSON.
 */
export function isApplied(text: string, patch: readonly PatchOperation[]): boolean {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return false
  }
  return patch.every((operation) => holds(document, operation))
}

function holds(document: unknown, operation: PatchOperation): boolean {
  const path = parsePointer(operation.path)
  switch (operation.op) {
    case 'remove':
      return at(document, path) === undefined
    case 'test':
      return true
    case 'add':
    case 'replace': {
      if (path.at(-1) !== '-') return same(at(document, path), operation.value)
      const list = at(document, path.slice(0, -1))
      return Array.isArray(list) && list.some((item) => same(item, operation.value))
    }
    case 'move':
    case 'copy':
      return false
  }
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Record<string, unknown>)[String(key)]
        : undefined,
    value,
  )
}

/** Equal as JSON, whatever the order of keys. */
function same(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => same((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]))
  )
}
