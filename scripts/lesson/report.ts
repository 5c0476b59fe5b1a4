/** `lesson report`: for each scenario whether it can be played here, and what in it does not work. */
import { levelOf, type Problem, playable } from '../../server/lessons/problems.ts'
import { counted } from './counted.ts'
import { type Examined, examined } from './scenarios.ts'

const WORDS = { true: 'playable', partly: 'playable in part', false: 'not playable' } as const

/** Returns 0 whatever it found; 1 if a path is no folder, which is told as a scenario that cannot be played. */
export function reportCommand(folders: string[], { json }: { json: boolean }): number {
  const counts = { true: 0, partly: 0, false: 0 }
  const scenarios: object[] = []
  let status = 0
  for (const each of examined(folders)) {
    const verdict = playable(each.problems)
    if (each.isNowhere) status = 1
    counts[String(verdict) as keyof typeof counts]++
    if (json) {
      const problems = each.problems.map(({ file, line, code, message }) => ({ file, line, code, message }))
      scenarios.push({ path: each.path, title: each.title, playable: verdict, problems })
    } else process.stdout.write(asText(each, verdict))
  }
  if (json) process.stdout.write(`${JSON.stringify({ scenarios }, null, 2)}\n`)
  else {
    const sum = counts.true + counts.partly + counts.false
    process.stdout.write(
      `\n${counted(sum, 'scenario')}: ${counts.true} playable, ${counts.partly} in part, ${counts.false} not.\n`,
    )
  }
  return status
}

function asText({ path, title, problems }: Examined, verdict: ReturnType<typeof playable>): string {
  const heading = `${path}: ${title}\n  ${WORDS[String(verdict) as keyof typeof WORDS]}\n`
  return heading + problems.map((problem) => `  ${line(problem)}\n`).join('')
}

const line = (problem: Problem) =>
  `${levelOf(problem) === 'note' ? 'note ' : ''}${problem.file}:${problem.line} ${problem.code}: ${problem.message}`
