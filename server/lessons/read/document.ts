/** JSON and YAML that people wrote by hand: read as far as it can be, and each value keeps the line it stands on. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { LineCounter, parseDocument } from 'yaml'

export type Path = (string | number)[]

export interface Document {
  /** Undefined if nothing could be made of it. */
  value: unknown
  /** The line, from 1, on which the value at this path stands, or the innermost one around it that is there. */
  lineOf: (path: Path) => number
  /** What is wrong with the syntax, although a value was found. */
  errors: { line: number; message: string }[]
}

const lineAt = (text: string, offset: number) => text.slice(0, offset).split('\n').length

/** Strings of JSON may not hold line breaks and tabs; authors paste them anyway. */
const escapeControls = (text: string) =>
  text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, (string) =>
    string.includes('\n') || string.includes('\t') ? string.replace(/[\n\t]/g, ' ') : string,
  )

/** Comments and commas too many are forgiven and reported. */
export function readJson(text: string): Document {
  return notTooDeep(() => parseJson(text))
}

/** No lesson has values within values by the hundred. */
const MAX_LEVELS = 200

/** Parsers, and all that use what they found, call themselves for each level: brackets by the thousand are more than they can take. */
function notTooDeep(read: () => Document): Document {
  try {
    const document = read()
    if (!isDeeper(document.value, MAX_LEVELS)) return document
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  const errors = [{ line: 1, message: 'The values are nested too deeply.' }]
  return { value: undefined, lineOf: () => 1, errors }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

function parseJson(text: string): Document {
  const errors: ParseError[] = []
  let tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false })
  const strict: ParseError[] = []
  parseTree(text, strict, { allowTrailingComma: false, disallowComments: true })
  if (errors.length > 0) {
    const again: ParseError[] = []
    const mended = parseTree(escapeControls(text), again, { allowTrailingComma: true })
    if (mended && again.length < errors.length) tree = mended
  }
  return {
    value: tree && toValue(tree),
    lineOf: (path) => lineAt(text, nodeAround(tree, path)?.offset ?? 0),
    errors: firstOfEachLine(
      strict.map(({ error, offset }) => {
        const comma = /,\s*$/.exec(text.slice(0, offset))
        const isTooMany = comma && /[}\]]/.test(text[offset] ?? '')
        const what = isTooMany ? 'a comma too many' : words(printParseErrorCode(error))
        return {
          line: lineAt(text, isTooMany ? comma.index : offset),
          message: `This is not valid JSON: ${what}.`,
        }
      }),
    ).slice(0, 10),
  }
}

const firstOfEachLine = <T extends { line: number }>(errors: T[]): T[] =>
  errors.filter(({ line }, index) => errors.findIndex((each) => each.line === line) === index)

const words = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()

/** Without a prototype: a key called __proto__ is a key. */
function toValue(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(toValue)
  if (node.type !== 'object') return node.value
  const object: Record<string, unknown> = Object.create(null)
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? []
    // Null is nothing, as if the key were not there.
    if (key && value && value.type !== 'null') object[String(key.value)] = toValue(value)
  }
  return object
}

function nodeAround(tree: Node | undefined, path: Path): Node | undefined {
  if (!tree) return undefined
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length))
    if (!node) continue
    // A key's own line says more than that of its value.
    return typeof path[length - 1] === 'string' ? (node.parent ?? node) : node
  }
  return tree
}

/** Aliases are limited by the parser, so that a small file cannot grow without end. */
export function readYaml(text: string): Document {
  return notTooDeep(() => parseYaml(text))
}

function parseYaml(text: string): Document {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'silent' })
  const errors = document.errors.map((error) => ({
    line: counter.linePos(error.pos[0]).line,
    message: `This is not valid YAML: ${error.message.split('\n')[0]!.replace(/\.$/, '')}.`,
  }))
  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as
        | { range?: [number, number, number] }
        | undefined
      if (node?.range) return counter.linePos(node.range[0]).line
    }
    return 1
  }
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), lineOf, errors }
  } catch (error) {
    return {
      value: undefined,
      lineOf,
      errors: [...errors, { line: 1, message: `${(error as Error).message}.` }],
    }
  }
}
