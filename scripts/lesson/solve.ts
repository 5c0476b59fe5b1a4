/** `lesson solve`: proves in real sandboxes that each step can be done: by its text, and by its solution. */
import { isChecked, type Lesson, type Page, type Step } from '../../server/lessons/lesson.ts'
import { playable } from '../../server/lessons/problems.ts'
import { counted } from './counted.ts'
import { Bench, LessonSandbox } from './sandbox.ts'
import { examined } from './scenarios.ts'
import { updateOutputs } from './update.ts'
import { type Trouble, walkStep } from './walk.ts'

/** So long a check may take to see that the step is done. */
const PASS_MS = 5000
const SOLVE_MS = 120_000

export interface SolveOptions {
  json: boolean
  /** The addresses of the steps to look at; the others are only done, so that these can be. */
  only?: string[]
  /** Writes what was printed into the texts. */
  update?: boolean
}

interface Proof {
  how: 'walk' | 'solution'
  step: string
  title: string
  ok: boolean
  ms: number
  troubles: Trouble[]
}

/** Returns 1 if something could not be proven. */
export async function solveCommand(folders: string[], options: SolveOptions): Promise<number> {
  const say = (text: string) => (options.json ? process.stderr : process.stdout).write(text)
  const bench = new Bench()
  const stop = () => void bench.end().finally(() => process.exit(130))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const results: { path: string; title: string; ok: boolean; steps: Proof[] }[] = []
  try {
    for (const { path, title, lesson, problems } of examined(folders)) {
      say(`${path}: ${title}\n`)
      if (!lesson || playable(problems) === false) {
        say(`  ✗ cannot be played: ${problems[0]?.message}\n`)
        results.push({ path, title, ok: false, steps: [] })
        continue
      }
      const steps = await prove(bench, lesson, options, say)
      results.push({ path, title, ok: steps.every(({ ok }) => ok), steps })
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await bench.end()
  }
  const bad = results.flatMap(({ steps }) => steps).filter(({ ok }) => !ok).length
  if (options.json) process.stdout.write(`${JSON.stringify({ lessons: results }, null, 2)}\n`)
  const ok = results.every((each) => each.ok)
  const count = results.flatMap(({ steps }) => steps).length
  const failed = count === 0 ? 'Nothing could be proven.' : `${bad} of ${counted(count, 'proof')} failed.`
  say(`\n${ok ? 'Every step is proven.' : failed}\n`)
  return ok ? 0 : 1
}

/** Both ways at once, each in a sandbox of its own. */
async function prove(
  bench: Bench,
  lesson: Lesson,
  options: SolveOptions,
  say: (text: string) => void,
): Promise<Proof[]> {
  const wanted = (step: Page) => !options.only?.length || options.only.includes(step.slug)
  const count = lesson.steps.length
  const tell = (proof: Proof) => {
    const number = lesson.steps.findIndex(({ slug }) => slug === proof.step) + 1
    const place = number > 0 ? `${number}/${count} ` : ''
    say(`  ${proof.ok ? '✓' : '✗'} ${place}${proof.step}, ${proof.how} (${(proof.ms / 1000).toFixed(1)} s)\n`)
    for (const { file, line, message } of proof.troubles) say(`      ${file}:${line} ${message}\n`)
  }
  const both = await Promise.all([
    inSandbox(bench, lesson, async (sandbox, proofs) => {
      const cgroups =
        (await sandbox.run('test -f /sys/fs/cgroup/cgroup.controllers', 5000)).status === 0 ? 'v2' : 'v1'
      for (const step of lesson.steps) {
        const proof = await timed('walk', step, async () => {
          await sandbox.open(step)
          const fresh = await notYet(sandbox, step)
          const { troubles, outputs, drifted } = await walkStep(sandbox, lesson, step, cgroups)
          if (options.update) updateOutputs(lesson, step, outputs)
          else troubles.push(...drifted)
          const before = [...fresh, ...troubles]
          return [...before, ...(await passes(sandbox, step, 'every command and edit of the text', before))]
        })
        if (wanted(step)) tell(proof)
        if (wanted(step)) proofs.push(proof)
      }
    }),
    inSandbox(bench, lesson, async (sandbox, proofs) => {
      if (!lesson.steps.some((step) => step.solution || step.edits.length > 0)) return
      for (const step of lesson.steps) {
        if (!step.solution && step.edits.length === 0) continue
        const proof = await timed('solution', step, async () => {
          await sandbox.open(step)
          const before = [...(await notYet(sandbox, step)), ...(await solution(sandbox, lesson, step))]
          return [...before, ...(await passes(sandbox, step, 'its solution', before))]
        })
        if (wanted(step)) tell(proof)
        if (wanted(step)) proofs.push(proof)
      }
      const { challenge } = lesson
      if (!challenge?.solution || !isChecked(challenge) || !wanted(challenge)) return
      const proof = await timed('solution', challenge, async () => [
        ...(await notYet(sandbox, challenge)),
        ...(await script(sandbox, challenge.file, 'the solution', challenge.solution!)),
        ...(await passes(sandbox, challenge, 'its solution', [])),
      ])
      tell(proof)
      proofs.push(proof)
    }),
  ])
  return both.flat()
}

async function inSandbox(
  bench: Bench,
  lesson: Lesson,
  act: (sandbox: LessonSandbox, proofs: Proof[]) => Promise<void>,
): Promise<Proof[]> {
  const proofs: Proof[] = []
  const sandbox = await LessonSandbox.make(bench, lesson)
  try {
    await act(sandbox, proofs)
  } finally {
    await sandbox.end()
  }
  return proofs
}

async function timed(how: Proof['how'], step: Page, act: () => Promise<Trouble[]>): Promise<Proof> {
  const began = performance.now()
  const troubles = await act().catch((error: Error) => [at(step, error.message)])
  return {
    how,
    step: step.slug,
    title: step.title,
    ok: troubles.length === 0,
    ms: Math.round(performance.now() - began),
    troubles,
  }
}

const at = (page: Page, message: string): Trouble => ({
  file: page.scriptFiles.verify ?? page.file,
  line: 1,
  message,
})

async function notYet(sandbox: LessonSandbox, page: Page): Promise<Trouble[]> {
  if (!isChecked(page)) return []
  const { passed } = await sandbox.check(page)
  return passed ? [at(page, 'the check passes before anything was done')] : []
}

/** `before`: what went wrong already; then there is nothing to wait for. */
async function passes(
  sandbox: LessonSandbox,
  page: Page,
  after: string,
  before: Trouble[],
): Promise<Trouble[]> {
  if (!isChecked(page)) return []
  const end = performance.now() + (before.length === 0 ? PASS_MS : 0)
  let message = ''
  do {
    const verdict = await sandbox.check(page)
    if (verdict.passed) return []
    message = verdict.message
    await new Promise((resolve) => setTimeout(resolve, 200))
  } while (performance.now() < end)
  return [at(page, `the check does not pass after ${after}: ${message || 'it says nothing'}`)]
}

async function solution(sandbox: LessonSandbox, lesson: Lesson, step: Step): Promise<Trouble[]> {
  const troubles = step.prepare ? await script(sandbox, step.file, 'prepare.sh', step.prepare) : []
  for (const edit of step.edits) {
    try {
      await sandbox.patch(edit.file ?? lesson.file, edit.patch)
    } catch (error) {
      troubles.push(at(step, `the edit "${edit.id}" cannot be made: ${(error as Error).message}`))
    }
  }
  return [...troubles, ...(step.solution ? await script(sandbox, step.file, 'solve.sh', step.solution) : [])]
}

async function script(sandbox: LessonSandbox, file: string, name: string, text: string): Promise<Trouble[]> {
  const { status, output, timedOut } = await sandbox.run(text, SOLVE_MS)
  if (timedOut) return [{ file, line: 1, message: `${name} did not end within ${SOLVE_MS / 1000} s` }]
  if (status === 0) return []
  return [
    {
      file,
      line: 1,
      message: `${name} ended with ${status}: ${output.trim().split('\n').at(-1)?.slice(0, 200) ?? ''}`,
    },
  ]
}
