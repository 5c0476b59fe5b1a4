/** What every rule gets: the text, what runc makes of it, and a way to report. */
import { addAt, type Json, removeAt, renameKey, setAt } from '../edit.ts'
import type { Decoded } from '../go/decode.ts'
import type { Spec } from '../go/spec.ts'
import { findNode, type Node, rangeOf } from '../pointer.ts'
import type { Lines, TextEdit } from '../text.ts'
import { type Diagnostic, makeFix, type Report } from './diagnostic.ts'
import type { BundleFacts, HostFacts, PathFact } from './facts.ts'

export class Context {
  readonly text: string
  readonly tree: Node
  readonly spec: Spec
  readonly decoded: Decoded
  readonly bundle: BundleFacts | null
  readonly host: HostFacts | null
  readonly found: Diagnostic[] = []
  readonly #lines: Lines
  readonly #misfits: Set<Node>

  constructor(
    text: string,
    tree: Node,
    decoded: Decoded,
    lines: Lines,
    facts: { bundle?: BundleFacts | null; host?: HostFacts | null },
  ) {
    this.text = text
    this.tree = tree
    this.decoded = decoded
    this.spec = (decoded.value ?? {}) as Spec
    this.bundle = facts.bundle ?? null
    this.host = facts.host ?? null
    this.#lines = lines
    this.#misfits = new Set(decoded.misfits.map(({ node }) => node))
  }

  /** The node at a pointer of the fields' own names. */
  node(pointer: string): Node | null {
    return this.decoded.nodes.get(pointer) ?? findNode(this.tree, pointer)
  }

  /** A pointer as it is written in the text, if keys are in another case. */
  written(pointer: string): string {
    const { written } = this.decoded
    const exact = written.get(pointer)
    if (exact !== undefined) return exact
    const cut = pointer.lastIndexOf('/')
    return cut <= 0 ? pointer : this.written(pointer.slice(0, cut)) + pointer.slice(cut)
  }

  /** What is known about a path outside of the rootfs; relative ones are taken from the bundle. */
  outside(path: string): PathFact | undefined {
    const paths = this.bundle?.paths
    if (!paths) return undefined
    const own = Object.hasOwn(paths, path) ? paths[path] : undefined
    return (
      own ?? (path.startsWith('/') ? undefined : paths[`${this.bundle!.path}/${path.replace(/^\.\//, '')}`])
    )
  }

  /** Whether the value there is of a wrong type, so that nothing is known about it. */
  isMisfit(pointer: string): boolean {
    const node = this.node(pointer)
    return node !== null && this.#misfits.has(node)
  }

  /** Fixes: what they do to the text, for when somebody wants them. */
  set = (pointer: string, value: Json) => (): TextEdit[] => setAt(this.text, this.written(pointer), value)
  add = (pointer: string, value: Json) => (): TextEdit[] => addAt(this.text, this.written(pointer), value)
  remove = (pointer: string) => (): TextEdit[] => removeAt(this.text, this.written(pointer))
  rename = (pointer: string, key: string) => (): TextEdit[] =>
    renameKey(this.text, this.written(pointer), key)

  /** The nearest value that exists, from a pointer upwards. */
  #nearest(pointer: string): Node {
    for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const node = this.node(at)
      if (node) return node
    }
    return this.tree
  }

  /** Reports at the value of a pointer, or at the nearest one above if there is none. */
  report(report: Report): void {
    const node = this.#nearest(report.pointer)
    // Something of a wrong type is reported as that; what else might be said about it would be guessed.
    for (let at: Node | undefined = node; at; at = at.parent) if (this.#misfits.has(at)) return
    const exists = this.node(report.pointer) !== null
    this.reportAt(
      report,
      this.#placeOf(node, exists ? report.on : 'key'),
      exists ? undefined : report.pointer,
    )
  }

  /** A whole object or list would underline half of the file: its key says as much. */
  #placeOf(node: Node, on: Report['on']): Node {
    const key = node.parent?.type === 'property' ? node.parent.children![0]! : null
    if (key && (on === 'key' || node.type === 'object' || node.type === 'array')) return key
    return node
  }

  reportAt(report: Report, place: Node, pointer?: string): void {
    const { from, to } = rangeOf(place)
    const short = place.type === 'object' || place.type === 'array' ? from + 1 : to
    this.found.push({
      id: report.id,
      severity: report.severity,
      pointer: pointer ?? this.written(report.pointer),
      from,
      to: short,
      ...this.#lines.at(from),
      message: report.message,
      runc: report.runc ?? null,
      why: report.why,
      fix: makeFix(report.fix),
    })
  }
}
