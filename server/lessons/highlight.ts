/** Colours code on the server: the browser gets finished spans whose colours are CSS variables, so themes just work. */
import type { Element, ElementContent } from 'hast'
import { createCssVariablesTheme, createHighlighterCoreSync } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'
import json from 'shiki/langs/json.mjs'
import bash from 'shiki/langs/shellscript.mjs'
import console from 'shiki/langs/shellsession.mjs'

const theme = createCssVariablesTheme({ name: 'lab', variablePrefix: '--code-', fontStyle: false })
const highlighter = createHighlighterCoreSync({
  themes: [theme],
  langs: [json, bash, console],
  engine: createJavaScriptRegexEngine(),
})
const known = new Set(highlighter.getLoadedLanguages())
const plain = 'var(--code-foreground)'

/** The code as coloured spans; unknown languages stay one plain text. */
export function highlight(code: string, language: string): ElementContent[] {
  if (!known.has(language)) return [{ type: 'text', value: code }]
  // A lesson often shows one line out of config.json: only between braces its keys are keys.
  const isFragment = language === 'json' && /^\s*"[^"\n]*"\s*:/.test(code)
  const whole = isFragment ? `{\n${code}\n}` : code
  const { tokens } = highlighter.codeToTokens(whole, { lang: language, theme: 'lab' })
  const lines = isFragment ? tokens.slice(1, -1) : tokens
  return lines.flatMap((line, index): ElementContent[] => [
    ...(index > 0 ? [{ type: 'text', value: '\n' } as const] : []),
    ...line.map(({ content, color }): ElementContent => {
      if (!color || color === plain) return { type: 'text', value: content }
      const properties: Element['properties'] = { style: `color:${color}` }
      return { type: 'element', tagName: 'span', properties, children: [{ type: 'text', value: content }] }
    }),
  ])
}
