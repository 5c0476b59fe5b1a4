/** Killercoda's Markdown extensions, such as `cmd`{{exec T2}}, turned into something CommonMark can carry. */
import type { Code, InlineCode, Nodes, Root } from 'mdast'

/** What a learner can do with a piece of code, from the words between the braces. */
export interface Action {
  kind: 'run' | 'copy'
  terminal?: number
  interrupt?: boolean
  newline?: boolean
  send?: string
  inside?: boolean
}

/** Understands the words in `{{…}}` behind `text`; null for those that ask for nothing this lab can do. */
export function parseAction(words: string, text = ''): Action | null {
  const [verb, ...modifiers] = words.trim().split(/\s+/)
  if (verb === 'copy') return { kind: 'copy' }
  if (verb !== 'exec' && verb !== 'execute') return null
  const action: Action = { kind: 'run' }
  if (modifiers.includes('ctrl-seq')) {
    const send = controlKeys(text)
    // Typing "^C" letter by letter would be wrong.
    if (send === null) return null
    Object.assign(action, { send, newline: false, inside: true })
  }
  for (const modifier of modifiers) {
    const terminal = /^T([1-9]\d?)$/.exec(modifier)?.[1]
    if (terminal) action.terminal = Number(terminal)
    if (modifier === 'interrupt') action.interrupt = true
    if (modifier === 'no-newline') action.newline = false
    if (modifier === 'inside') action.inside = true
  }
  return action
}

const CONTROL_KEY = /\^(ESC|[@-_a-z?])\s*/gi

/** Keys written as `^C`, `^[` or `^ESC`, one or several, as the characters they send; null for any other text. */
export function controlKeys(text: string): string | null {
  const written = text.trim()
  if (written === '' || written.replace(CONTROL_KEY, '') !== '') return null
  return written.replace(CONTROL_KEY, (_, key: string) => {
    if (/^esc$/i.test(key)) return '\x1b'
    if (key === '?') return '\x7f'
    return String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f)
  })
}

// Block quote marks and list bullets may stand before a fence.
const OPEN = /^((?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])(?=[ \t]|$))*[ \t]*)(`{3,}|~{3,})(.*)$/
const CLOSE = /^([ \t>]*)(`{3,}|~{3,})[ \t]*(?:\{\{([^{}]*)\}\})?[ \t]*$/

/**
 * Moves the suffix of a closing fence to its opening fence. CommonMark does not let a closing fence carry
 * anything, so without this the code block would swallow the rest of the page.
 */
export function liftFenceSuffixes(markdown: string): string {
  const lines = markdown.split(/\r?\n/)
  let open: { line: number; fence: string } | null = null
  for (const [index, line] of lines.entries()) {
    if (!open) {
      const [, , fence, info] = OPEN.exec(line) ?? []
      if (fence && !(fence[0] === '`' && info?.includes('`'))) open = { line: index, fence }
      continue
    }
    const [, before, fence, suffix] = CLOSE.exec(line) ?? []
    if (!fence || fence[0] !== open.fence[0] || fence.length < open.fence.length) continue
    if (suffix !== undefined) {
      const opening = lines[open.line]!.trimEnd()
      // The first word of an info string is the language, so a bare fence needs one.
      lines[open.line] = `${opening}${opening.endsWith(open.fence) ? 'text' : ''} {{${suffix}}}`
      lines[index] = `${before}${fence}`
    }
    open = null
  }
  return lines.join('\n')
}

/** Plugin for remark: hands the action of a block or of inline code to the HTML tree as `data-*` properties. */
export function remarkActions() {
  return (tree: Root): void => visit(tree)
}

function visit(node: Nodes): void {
  if (node.type === 'code') mark(node, /\{\{([^{}]*)\}\}\s*$/.exec(node.meta ?? '')?.[1])
  if (!('children' in node)) return
  for (const [index, child] of node.children.entries()) {
    const next = node.children[index + 1]
    if (child.type === 'inlineCode' && next?.type === 'text') {
      const suffix = /^\{\{([^{}]*)\}\}/.exec(next.value)
      if (suffix) {
        next.value = next.value.slice(suffix[0].length)
        mark(child, suffix[1])
      }
    }
    visit(child)
  }
}

function mark(node: Code | InlineCode, words: string | undefined): void {
  const action = words === undefined ? null : parseAction(words, node.value)
  if (action) node.data = { ...node.data, hProperties: { dataAction: JSON.stringify(action) } }
}
