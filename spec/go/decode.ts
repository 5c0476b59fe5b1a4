/**
 * Reads a tree into Go's types as encoding/json does: keys whatever their case, unknown ones dropped, null as nothing,
 * the last of equal keys on top, and the first misfit as runc's message.
 */
import { below, type Node } from '../pointer.ts'
import { STRING_TYPES, STRUCTS } from './types.ts'

export interface Misfit {
  node: Node
  /** As Go words it, without what runc puts before it. */
  message: string
  /** The Go type that was wanted, such as `uint32`. */
  type: string
}

/** A key of an object as runc reads it. */
export interface OddKey {
  /** The key's own node. */
  node: Node
  /** Pointer of its value, as it is written. */
  pointer: string
  /** The struct it was looked up in, such as `Process`. */
  struct: string
  /** The field that it is read as although it is written in another case; null if there is none. */
  field: string | null
}

export interface Decoded {
  /** What runc works with; fields are there only if they are set. Whole numbers beyond 2^53 are bigints. */
  value: unknown
  misfits: Misfit[]
  /** Keys of structs that are no field of them, or only in another case. */
  oddKeys: OddKey[]
  /** Keys that come again later in the same object, and so count for nothing. */
  repeated: { node: Node; pointer: string }[]
  /** Nodes of values, by pointer with the fields' own names. */
  nodes: Map<string, Node>
  /** The pointer in the text of a value, if a key is written in another case. */
  written: Map<string, string>
}

const RANGES: Record<string, [min: bigint, max: bigint]> = {
  int: [-(2n ** 63n), 2n ** 63n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint: [0n, 2n ** 64n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  'fs.FileMode': [0n, 2n ** 32n - 1n],
}

const FIELDS = new Map(
  Object.entries(STRUCTS).map(([name, fields]) => [
    name,
    new Map(Object.keys(fields).map((field) => [field.toLowerCase(), field])),
  ]),
)

/** A type as reflection names it in messages. */
function typeName(type: string): string {
  if (type.startsWith('*')) return typeName(type.slice(1))
  if (type.startsWith('[]')) return `[]${typeName(type.slice(2))}`
  if (type.startsWith('map[string]')) return `map[string]${typeName(type.slice(11))}`
  return STRUCTS[type] || STRING_TYPES.includes(type) ? `specs.${type}` : type
}

interface Context {
  struct: string
  fields: string[]
}

class Decoder {
  readonly misfits: Misfit[] = []
  readonly oddKeys: OddKey[] = []
  readonly repeated: { node: Node; pointer: string }[] = []
  readonly nodes = new Map<string, Node>()
  readonly written = new Map<string, string>()
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  #misfit(node: Node, what: string, type: string, context: Context): undefined {
    const place = context.struct
      ? `Go struct field ${[context.struct, ...context.fields].join('.')}`
      : 'Go value'
    const name = typeName(type)
    this.misfits.push({
      node,
      type: name,
      message: `json: cannot unmarshal ${what} into ${place} of type ${name}`,
    })
  }

  /** `old`: what an equal key before has left there. */
  decode(node: Node, type: string, pointer: string, own: string, context: Context, old?: unknown): unknown {
    this.nodes.set(pointer, node)
    if (own !== pointer) this.written.set(pointer, own)
    const plain = type.startsWith('*') ? type.slice(1) : type
    if (plain === 'interface{}') return node.value
    if (node.type === 'null') return /^(\*|\[|map)/.test(type) ? undefined : old
    if (node.type === 'object') {
      if (plain.startsWith('map[string]')) return this.#map(node, plain.slice(11), pointer, own, context, old)
      if (STRUCTS[plain]) return this.#struct(node, plain, pointer, own, context, old)
      return this.#misfit(node, 'object', plain, context) ?? old
    }
    if (node.type === 'array') {
      if (!plain.startsWith('[]')) return this.#misfit(node, 'array', plain, context) ?? old
      const before = Array.isArray(old) ? old : []
      const item = plain.slice(2)
      return (node.children ?? []).map(
        (child, i) =>
          this.decode(child, item, below(pointer, i), below(own, i), context, before[i]) ?? zero(item),
      )
    }
    if (node.type === 'string') {
      if (plain === 'string' || STRING_TYPES.includes(plain)) return node.value
      return this.#misfit(node, 'string', plain, context) ?? old
    }
    if (node.type === 'boolean')
      return plain === 'bool' ? node.value : (this.#misfit(node, 'bool', plain, context) ?? old)
    if (node.type === 'number') {
      const range = RANGES[plain]
      if (!range) return this.#misfit(node, 'number', plain, context) ?? old
      const raw = this.#text.slice(node.offset, node.offset + node.length)
      const unsigned = range[0] === 0n
      if (!(unsigned ? /^\d+$/ : /^-?\d+$/).test(raw))
        return this.#misfit(node, `number ${raw}`, plain, context) ?? old
      const value = BigInt(raw)
      if (value < range[0] || value > range[1])
        return this.#misfit(node, `number ${raw}`, plain, context) ?? old
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    }
    return old
  }

  #map(node: Node, type: string, pointer: string, own: string, context: Context, old: unknown): unknown {
    const result: Record<string, unknown> = { ...(old as object) }
    const seen = new Map<string, Node>()
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? []
      if (!key || !value) continue
      this.#again(seen, String(key.value), key, below(own, key.value))
      // An element of a map starts empty, whatever stood under the same key before.
      result[key.value] =
        this.decode(value, type, below(pointer, key.value), below(own, key.value), context) ?? zero(type)
    }
    return result
  }

  #struct(node: Node, struct: string, pointer: string, own: string, context: Context, old: unknown): unknown {
    const result: Record<string, unknown> = { ...(old as object) }
    const fields = STRUCTS[struct]!
    const seen = new Map<string, Node>()
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? []
      if (!key || !value) continue
      const written = String(key.value)
      const field = written in fields ? written : (FIELDS.get(struct)!.get(fold(written)) ?? null)
      const at = below(own, written)
      if (field !== written) this.oddKeys.push({ node: key, pointer: at, struct, field })
      this.#again(seen, field ?? written, key, at)
      if (field === null) continue
      const inner = { struct, fields: [...context.fields, field] }
      const decoded = this.decode(value, fields[field]!, below(pointer, field), at, inner, result[field])
      if (decoded === undefined) delete result[field]
      else result[field] = decoded
    }
    return result
  }

  #again(seen: Map<string, Node>, name: string, key: Node, pointer: string): void {
    const before = seen.get(name)
    if (before) this.repeated.push({ node: before, pointer })
    seen.set(name, key)
  }
}

/** Lower case as Go folds keys: also the two letters outside of ASCII that fold to k and s. */
const fold = (key: string) => key.replaceAll('\u212a', 'k').replaceAll('\u017f', 's').toLowerCase()

function zero(type: string): unknown {
  if (STRUCTS[type]) return {}
  return type === 'string' || STRING_TYPES.includes(type) ? '' : 0
}

/** Decodes the value of a tree into the Go type `Spec`. */
export function decode(text: string, tree: Node): Decoded {
  const decoder = new Decoder(text)
  const value = decoder.decode(tree, '*Spec', '', '', { struct: '', fields: [] })
  const { misfits, oddKeys, repeated, nodes, written } = decoder
  return { value, misfits, oddKeys, repeated, nodes, written }
}
