import fs from 'node:fs'
import { loadFolder } from './server/lessons/load.ts'
import { applyPatch } from './spec/edit.ts'
import { applyEdits } from './spec/text.ts'
import { diffText } from './spec/diff.ts'
const dir = 'lessons/runc-by-hand'
const lesson = loadFolder(dir)
const files: Record<string, string> = { [lesson.file]: fs.readFileSync('/tmp/course/spec.json', 'utf8') }
for (const step of lesson.steps) {
  let md = fs.readFileSync(`${dir}/${step.file}`, 'utf8')
  for (const e of step.edits) {
    const f = e.file ?? lesson.file
    files[f] ??= f.includes('learner') ? fs.readFileSync('/tmp/course/rootless.json', 'utf8') : files[lesson.file]!
    const before = files[f]!
    const after = applyEdits(before, applyPatch(before, e.patch as never))
    files[f] = after
    const diff = diffText(before, after)
    md = md.replace(new RegExp('```diff edit=' + e.id + '\\n[^]*?```'), () => '```diff edit=' + e.id + '\n' + diff + '\n```')
  }
  fs.writeFileSync(`${dir}/${step.file}`, md)
}
fs.writeFileSync('/tmp/course/final.json', files[lesson.file]!)
