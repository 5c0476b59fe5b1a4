/** How a verify script of unknown origin says "passed". */
import type { PassRule } from './lesson.ts'

/**
 * Killercoda: exit status 0. Katacoda: it prints `done`. Scripts of both kinds exist, and most satisfy both. Only one
 * that echoes `done` and leaves its exit status to chance means the second: no `exit`, no `set -e`, no `&& echo done`.
 */
export function passRuleOf(script: string): PassRule {
  const code = script.replace(/^\s*#.*$/gm, '').replace(/\s#\s.*$/gm, '')
  const echo = /\b(?:echo|printf)\s+(?:-[a-z]+\s+)?(["']?)done(?:\\n)?\1(?=\s*(?:[;&|)}]|$))/gm
  const echoes = [...code.matchAll(echo)]
  if (echoes.length === 0) return 'exit'
  if (/\bexit\b|\bset\s+-[a-z]*e|\bset\s+-o\s+errexit|^#!.*bash\s+-[a-z]*e/m.test(script)) return 'exit'
  if (echoes.some(({ index }) => /&&\s*(?:\\\s*)?$/.test(code.slice(0, index)))) return 'exit'
  // Nothing but the word: a placeholder that always passes, under both rules.
  return /\bif\b|\bcase\b|\|\||\[/.test(code) ? 'done' : 'exit'
}

/** True for a script that says "passed" whatever the sandbox is like. */
export function alwaysPasses(script: string): boolean {
  const code = script
    .replace(/^\s*#.*$/gm, '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  return (
    code.length === 0 ||
    code.every((line) => /^(echo\b[^&|;]*|true|:|exit 0|set [-+]\w+|sleep \d+)$/.test(line))
  )
}
