/** Everything that does not work here as a lesson's author meant it, found without a sandbox: the loader's problems and more. */
import { readFileSync } from 'node:fs'
import { assetFiles } from '../assets.ts'
import { type Lesson, pagesOf } from '../lesson.ts'
import { type Problem, Problems, playable } from '../problems.ts'
import { Made } from './commands.ts'
import { machineFit } from './machine.ts'
import { examinePage, examineScript } from './page.ts'

const MAX_DOCKERFILE = 64 * 1024

/** Never throws for what stands in the lesson. */
export function examine(lesson: Lesson): Problem[] {
  const problems = new Problems()
  for (const { code, file, line, message } of lesson.problems) problems.add(code, file, line, message)
  if (playable(lesson.problems) === false) return problems.all
  machine(lesson, problems)
  const assets = assetFiles(lesson)
  for (const { code, line, message } of assets.problems) problems.add(code, lesson.index, line, message)
  const made = new Made()
  for (const { markdown, foreground, background } of pagesOf(lesson))
    for (const text of [markdown, foreground, background]) if (text) made.learn(text)
  for (const { source, name, size } of assets.files)
    if (/dockerfile/i.test(name) && size < MAX_DOCKERFILE) made.learn(readFileSync(source, 'utf8'))
  for (const page of pagesOf(lesson)) {
    examinePage(lesson, page, made, problems)
    const { foreground, background, verifyScript, scriptFiles } = page
    for (const [script, file] of [
      [foreground, scriptFiles.foreground],
      [background, scriptFiles.background],
      [verifyScript, scriptFiles.verify],
    ])
      if (script && file) examineScript(script, file, made, problems)
  }
  return problems.all
}

function machine({ type, image, dashboards, secondHostAssets, index }: Lesson, problems: Problems): void {
  const { name, line } = image
  const fit = machineFit(name)
  if (fit === 'cluster')
    problems.add(
      'needs-kubernetes',
      index,
      line,
      `The lesson needs the machine "${name}", a Kubernetes cluster.`,
    )
  if (fit === 'other')
    problems.add('needs-other-machine', index, line, `The lesson needs the machine "${name}".`)
  if (/^jupyter/i.test(type))
    problems.add('needs-other-machine', index, line, `The lesson is a notebook of Jupyter ("${type}").`)
  if (fit === 'differs')
    problems.add('machine-differs', index, line, `The lesson was made for the machine "${name}".`)
  for (const each of dashboards) problems.add('dashboard', index, each.line, each.what)
  if (secondHostAssets.count > 0)
    problems.add('second-host', index, secondHostAssets.line, 'There are assets for host02.')
}
