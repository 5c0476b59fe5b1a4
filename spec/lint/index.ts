/** The linter: everything that is known about a config.json before runc sees it. Pure; about a millisecond for a usual file. */
import { decode } from '../go/decode.ts'
import { scan } from '../go/scan.ts'
import { readTree } from '../pointer.ts'
import { Lines } from '../text.ts'
import { Context } from './context.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { BundleFacts, HostFacts } from './facts.ts'
import { keyRules } from './keys.ts'
import { RULES } from './rules/index.ts'
import { syntax } from './syntax.ts'
import { typeRules } from './types.ts'

export type { Diagnostic, Fix, Severity } from './diagnostic.ts'
export type { BundleFacts, HostFacts, PathFact, ProgramFact } from './facts.ts'

export interface LintOptions {
  bundle?: BundleFacts | null
  host?: HostFacts | null
}

/**
 * What is wrong with the text of a config.json, in the order of the text. Where runc refuses the file, at least one
 * finding is `refused`; what runc takes is never `refused`. Without facts about bundle and host, only what holds
 * everywhere is reported.
 */
export function lint(text: string, options: LintOptions = {}): Diagnostic[] {
  const lines = new Lines(text)
  const { problem, end } = scan(text)
  const found = syntax(text, problem, end, lines)
  // Comments and commas too many do not hide what else is wrong; anything else would make wild guesses of the rest.
  const readable = !problem || found.every(({ id }) => RECOVERABLE.has(id))
  const tree = readable ? readTree(problem ? text.replace(/^\ufeff/, ' ') : text.slice(0, end)) : null
  if (tree) {
    const context = new Context(text, tree, decode(text, tree), lines, options)
    typeRules(context)
    if (tree.type === 'object') {
      keyRules(context)
      for (const rule of RULES) rule(context)
    }
    found.push(...context.found)
  }
  return found.sort((a, b) => a.from - b.from || a.to - b.to)
}

const RECOVERABLE = new Set(['json-comment', 'json-trailing-comma', 'json-bom', 'json-trailing-text'])
