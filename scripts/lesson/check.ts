/** `lesson check`: every mistake of a lesson, with file, line and what to do. Stricter than the report: scripts are parsed, too. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { isChecked, type Lesson, pagesOf } from '../../server/lessons/lesson.ts'
import { readPage } from '../../server/lessons/page.ts'
import { type Code, fixOf, type Level, levelOf, type Problem } from '../../server/lessons/problems.ts'
import { counted } from './counted.ts'
import { examined } from './scenarios.ts'

/** A scenario from elsewhere plays with these; whoever writes one mends them. */
const STRICT: readonly Code[] = ['json-syntax', 'check-always-passes']
const gravity = (problem: Problem): Level => (STRICT.includes(problem.code) ? 'lost' : levelOf(problem))

/** Returns 1 if a lesson has a mistake; notes are none. */
export function checkCommand(folders: string[], { json }: { json: boolean }): number {
  const addresses = new Map<string, string>()
  const lessons = [...examined(folders)].map(
    ({ path: shown, title, problems, lesson, address, isNowhere = false }) => {
      const other = addresses.get(address)
      if (other === undefined) addresses.set(address, shown)
      const doubled = lesson && other !== undefined ? [sameAddress(lesson, address, other)] : []
      const all = lesson ? [...problems, ...doubled, ...strictly(lesson)] : problems
      return { path: shown, title, isNowhere, problems: all }
    },
  )
  const mistakes = lessons
    .flatMap(({ problems }) => problems)
    .filter((problem) => gravity(problem) !== 'note')
  if (json) {
    const out = lessons.map(({ problems, isNowhere: _, ...lesson }) => ({
      ...lesson,
      ok: problems.every((problem) => gravity(problem) === 'note'),
      problems: problems.map((problem) => ({ ...problem, level: gravity(problem), fix: fixOf(problem) })),
    }))
    process.stdout.write(`${JSON.stringify({ lessons: out }, null, 2)}\n`)
    return mistakes.length > 0 ? 1 : 0
  }
  for (const { path: shown, title, problems, isNowhere } of lessons) {
    if (isNowhere) {
      process.stdout.write(`✗ ${problems[0]!.message}\n    → Make one: npm run -s lesson -- new PATH\n`)
      continue
    }
    process.stdout.write(`${shown}: ${title}${problems.length === 0 ? ': nothing to mend' : ''}\n`)
    for (const problem of problems) process.stdout.write(asText(shown, problem))
  }
  process.stdout.write(`\n${counted(lessons.length, 'lesson')}, ${counted(mistakes.length, 'mistake')}.\n`)
  return mistakes.length > 0 ? 1 : 0
}

const asText = (folder: string, problem: Problem) =>
  `  ${gravity(problem) === 'note' ? '·' : '✗'} ${path.join(folder, problem.file)}:${problem.line} ${problem.message} (${problem.code})\n    → ${fixOf(problem)}\n`

/** With both in LESSONS_PATH, the later one gets a number. */
const sameAddress = (lesson: Lesson, address: string, other: string) =>
  problem(
    'same-address',
    lesson.index,
    `${other} has the address "${address}", too: one of them gets a number.`,
  )

/** What only authors of this lab want to know. */
function strictly(lesson: Lesson): Problem[] {
  const problems: Problem[] = []
  for (const page of pagesOf(lesson)) {
    const { foreground, background, verifyScript, scriptFiles } = page
    const scripts: [string | null, string | undefined][] = [
      [foreground, scriptFiles.foreground],
      [background, scriptFiles.background],
      [verifyScript, scriptFiles.verify],
    ]
    for (const [script, file] of scripts) if (script && file) problems.push(...syntax(script, file))
  }
  for (const step of lesson.steps) {
    if (!isChecked(step))
      problems.push(problem('no-check', step.file || lesson.index, `"${step.title}" has no check.`))
    const shown = new Set<string>()
    for (const { mark, line } of readPage(step.markdown).placed) {
      if (mark.kind !== 'edit') continue
      shown.add(mark.id)
      if (!step.edits.some(({ id }) => id === mark.id))
        problems.push({
          file: step.file,
          line,
          code: 'lab-key',
          message: `lab.yaml has no edit "${mark.id}".`,
        })
    }
    for (const { id } of step.edits)
      if (!shown.has(id))
        problems.push(problem('lab-key', step.file, `The text does not show the edit "${id}".`))
  }
  return problems
}

const problem = (code: Problem['code'], file: string, message: string): Problem => ({
  file,
  line: 1,
  code,
  message,
})

/** What bash says about a script without running it. */
function syntax(script: string, file: string): Problem[] {
  const first = script.split('\n', 1)[0]!
  if (first.startsWith('#!') && !/\b(ba|da|a)?sh\b/.test(first)) return []
  const bash = spawnSync('bash', ['-n'], {
    input: script,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (bash.status === 0 || bash.error) return []
  const [, line = '1', message = 'bash cannot read it'] = /line (\d+): (.*)/.exec(bash.stderr) ?? []
  return [{ file, line: Number(line), code: 'script-syntax', message: `${message}.` }]
}
