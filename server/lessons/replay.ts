/** Replays a lesson's edits on the texts they start from: what each one changes, and what the files are in the end. */
import { diffText } from '../../spec/diff.ts'
import { applyPatch } from '../../spec/edit.ts'
import { applyEdits } from '../../spec/text.ts'
import type { Lesson } from './lesson.ts'

export interface Replayed {
  /** By `step/edit`: the diff as it should stand in the text, or a sentence that says why the edit does not apply. */
  diffs: Map<string, { diff: string; problem: string | null }>
  /** The files after the last edit, by their path in the sandbox. */
  files: Map<string, string>
}

/** A file for which the lesson gives no start is taken for a copy of the lesson's own file, as it is by then. */
export function replay(lesson: Lesson): Replayed {
  const files = new Map(Object.entries(lesson.starts))
  const diffs: Replayed['diffs'] = new Map()
  for (const step of lesson.steps) {
    for (const edit of step.edits) {
      const path = edit.file ?? lesson.file
      const before = files.get(path) ?? files.get(lesson.file)
      if (before === undefined) continue
      try {
        const after = applyEdits(before, applyPatch(before, edit.patch))
        files.set(path, after)
        diffs.set(`${step.slug}/${edit.id}`, { diff: diffText(before, after), problem: null })
      } catch (error) {
        diffs.set(`${step.slug}/${edit.id}`, { diff: '', problem: (error as Error).message })
      }
    }
  }
  return { diffs, files }
}

/** The Markdown with the right lines in its fence `diff edit=<id>`. */
export function withDiff(markdown: string, id: string, diff: string): string {
  const fence = new RegExp(`^(\`\`\`diff edit=${id})[ \\t]*\\n[^]*?^\`\`\`[ \\t]*$`, 'm')
  return markdown.replace(fence, (_, opening: string) => `${opening}\n${diff}${diff && '\n'}\`\`\``)
}
