/** The explainer: what a message of runc means. Pure; unknown messages are not guessed at. */
import { findNode, readTree } from '../pointer.ts'
import { type Parts, type Pattern, say } from './pattern.ts'
import { PATTERNS } from './patterns/index.ts'
import { messages } from './read.ts'

export interface Explanation {
  /** Stable and made for machines. */
  id: string
  title: string
  explanation: string
  fix: string
  /** The field of config.json that it is about; null if it is about none. */
  pointer: string | null
}

/** The explanation, and the message that it is of. */
export interface Explained extends Explanation {
  message: string
}

function fill(pattern: Pattern, groups: Record<string, string | undefined> | undefined): Explanation {
  const parts: Parts = new Proxy({}, { get: (_, name) => groups?.[String(name)] ?? '' })
  return {
    id: pattern.id,
    title: say(pattern.title, parts),
    explanation: say(pattern.explanation, parts),
    fix: say(pattern.fix, parts),
    pointer: typeof pattern.pointer === 'function' ? pattern.pointer(parts) : pattern.pointer,
  }
}

/**
 * Explains what runc (or docker, or the shell) printed: a message alone or a piece of a terminal's output with its
 * colours and prompts. Of several messages the most telling one is explained; null if none is known.
 */
export function explain(output: string): Explanation | null {
  const found = explainAll(output)[0]
  if (!found) return null
  const { id, title, explanation, fix, pointer } = found
  return { id, title, explanation, fix, pointer }
}

/** All known messages in a piece of output, the most telling one first. */
export function explainAll(output: string): Explained[] {
  const read = messages(output.length > 65_536 ? output.slice(-65_536) : output)
  // A message may be broken over lines, as those of hooks and of the C part of runc are.
  const texts = read.map(({ level, text }, i) => ({ level, text, i }))
  const found: { explained: Explained; rank: number }[] = []
  for (const { level, text, i } of texts) {
    for (let rank = 0; rank < PATTERNS.length; rank++) {
      const pattern = PATTERNS[rank]!
      const hit = pattern.match.exec(text)
      if (!hit) continue
      const weight = rank + (level === 'error' ? 0 : PATTERNS.length) + i / 1e6
      found.push({ explained: { ...fill(pattern, hit.groups), message: text }, rank: weight })
      break
    }
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ explained }) => explained)
}

/** The pointer if the file has such a value, otherwise the nearest one above that it has. */
export function pointerIn(text: string, pointer: string): string {
  const tree = readTree(text)
  let at = pointer
  while (at !== '' && !findNode(tree, at)) at = at.slice(0, at.lastIndexOf('/'))
  return at
}
