/** Puts what a sandbox has printed into a lesson's texts, where they show it. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Lesson, Step } from '../../server/lessons/lesson.ts'
import { readPage } from '../../server/lessons/page.ts'
import { agrees } from './output.ts'

/** `outputs`: by the line on which the block begins. Blocks that agree, or show a part (a line …), stay. Returns how many were changed. */
export function updateOutputs(lesson: Lesson, step: Step, outputs: Map<number, string>): number {
  const file = path.join(lesson.folder, step.file)
  const lines = readFileSync(file, 'utf8').split('\n')
  const blocks = readPage(step.markdown).placed.filter(({ mark }) => mark.kind === 'output')
  let changed = 0
  // From the end, so that the lines before keep their numbers.
  for (const { mark, line } of blocks.reverse()) {
    const printed = outputs.get(line)
    if (mark.kind !== 'output' || printed === undefined || agrees(mark.text, printed) === null) continue
    if (/^\s*(…|\.\.\.)\s*$/m.test(mark.text)) continue
    const indent = /^\s*/.exec(lines[line - 1] ?? '')?.[0] ?? ''
    const shown = printed.split('\n').map((each) => (each === '' ? '' : indent + each))
    lines.splice(line, mark.text === '' ? 0 : mark.text.split('\n').length, ...shown)
    changed++
  }
  if (changed > 0) writeFileSync(file, lines.join('\n'))
  return changed
}
