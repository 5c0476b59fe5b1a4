/** The lab's own lessons can be done: every step by its text and by its solution, in real sandboxes, with the outputs that it shows. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { Library } from '../../server/lessons/library.ts'
import { ROOT } from '../helpers/lab.ts'

test('lesson solve is green for every step of every lesson', { timeout: 600_000 }, () => {
  const program = `import(${JSON.stringify(path.join(ROOT, 'build', 'lesson.js'))}).then(async ({ lessonCommand }) => process.exit(await lessonCommand(['solve', 'lessons', '--json'])))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  assert.equal(
    status,
    0,
    stderr
      .split('\n')
      .filter((line) => !line.includes('✓'))
      .join('\n'),
  )
  const proven = JSON.parse(stdout).lessons.flatMap(({ steps }: { steps: { how: string; step: string }[] }) =>
    steps.map(({ how, step }) => `${how} ${step}`),
  )
  for (const { steps } of new Library([path.join(ROOT, 'lessons')]).list())
    for (const { slug } of steps)
      for (const how of ['walk', 'solution']) assert.ok(proven.includes(`${how} ${slug}`), `${how} ${slug}`)
})
