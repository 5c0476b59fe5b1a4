/** Colours code on the server: the browser gets finished spans whose colours are CSS variables, so themes just work. */
import type { Element, ElementContent } from 'hast'
import { createCssVariablesTheme, createHighlighterCoreSync } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import diff from 'shiki/langs/diff.mjs'
import docker from 'shiki/langs/docker.mjs'
import go from 'shiki/langs/go.mjs'
import ini from 'shiki/langs/ini.mjs'
import javascript from 'shiki/langs/javascript.mjs'
import json from 'shiki/langs/json.mjs'
import python from 'shiki/langs/python.mjs'
import bash from 'shiki/langs/shellscript.mjs'
import console from 'shiki/langs/shellsession.mjs'
import xml from 'shiki/langs/xml.mjs'
import yaml from 'shiki/langs/yaml.mjs'

const theme = createCssVariablesTheme({ name: 'lab', variablePrefix: '--code-', fontStyle: false })
const highlighter = createHighlighterCoreSync({
  themes: [theme],
  langs: [json, bash, console, yaml, docker, javascript, python, go, ini, xml, diff],
  engine: createJavaScriptRegexEngine(),
})
const known = new Set(highlighter.getLoadedLanguages())
const plain = 'var(--code-foreground)'
/** Longer code is shown without colours: it would hold up the page. */
const MAX_LENGTH = 20_000

/** Pages are rendered again and again; their code stays the same. */
const cache = new Map<string, ElementContent[]>()
const MAX_CACHED = 2000

/** The code as coloured spans; unknown languages stay one plain text. `marked`: numbers of lines, from 1, that stand out. */
export function highlight(
  code: string,
  language: string,
  marked: ReadonlySet<number> = new Set(),
): ElementContent[] {
  const key = `${language}\n${[...marked].join()}\n${code}`
  const cached = cache.get(key)
  if (cached) return cached
  const spans = colour(code, language, marked)
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!)
  cache.set(key, spans)
  return spans
}

function colour(code: string, language: string, marked: ReadonlySet<number>): ElementContent[] {
  if (!known.has(language) || code.length > MAX_LENGTH) {
    if (marked.size === 0) return [{ type: 'text', value: code }]
    return joined(
      code.split('\n').map((line): ElementContent[] => [{ type: 'text', value: line }]),
      marked,
    )
  }
  // A lesson often shows one line out of config.json: only between braces its keys are keys.
  const isFragment = language === 'json' && /^\s*"[^"\n]*"\s*:/.test(code)
  const whole = isFragment ? `{\n${code}\n}` : code
  const { tokens } = highlighter.codeToTokens(whole, { lang: language, theme: 'lab' })
  const lines = isFragment ? tokens.slice(1, -1) : tokens
  const spans = lines.map((line) =>
    line.map(({ content, color }): ElementContent => {
      if (!color || color === plain) return { type: 'text', value: content }
      const properties: Element['properties'] = { style: `color:${color}` }
      return { type: 'element', tagName: 'span', properties, children: [{ type: 'text', value: content }] }
    }),
  )
  return joined(spans, marked)
}

function joined(lines: ElementContent[][], marked: ReadonlySet<number>): ElementContent[] {
  return lines.flatMap((line, index): ElementContent[] => {
    const content: ElementContent[] = marked.has(index + 1)
      ? [{ type: 'element', tagName: 'mark', properties: {}, children: line }]
      : line
    return index > 0 ? [{ type: 'text', value: '\n' }, ...content] : content
  })
}

/** The line numbers of `yaml{2,5-6}`. */
export function markedLines(braces: string): Set<number> {
  const numbers = new Set<number>()
  for (const part of braces.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number)
    for (let line = from; line >= 1 && line <= Math.min(to, from + 1000); line++) numbers.add(line)
  }
  return numbers
}
