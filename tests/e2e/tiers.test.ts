/** A learner who comes from a lesson that needs little to one that needs Docker is told, and keeps their sandbox until they say so. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const lessons = fs.mkdtempSync(path.join(os.tmpdir(), 'lessons-'))
let stage: Stage

before(async () => {
  fs.chmodSync(lessons, 0o755)
  for (const tier of ['plain', 'docker']) {
    const folder = path.join(lessons, `tier-${tier}`)
    fs.mkdirSync(folder)
    fs.writeFileSync(path.join(folder, 'text.md'), `Here a lesson of the ${tier} tier begins.\n`)
    const index = { title: `For ${tier}`, details: { steps: [{ title: 'Look', text: 'text.md' }] } }
    fs.writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index))
    fs.writeFileSync(path.join(folder, 'lab.yaml'), `tier: ${tier}\n`)
  }
  stage = await startStage({ LESSONS_PATH: lessons })
})
after(async () => {
  await stage?.stop()
  fs.rmSync(lessons, { recursive: true })
})

test('the page of the lesson that needs more says so, and a fresh sandbox has it', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto('/lessons/tier-plain')
  await learner.sees(/root@lab/)
  const notice = page.getByRole('alert').filter({ hasText: 'This lesson needs Docker' })
  assert.equal(await notice.count(), 0)
  const [first] = stage.lab.sandboxIds()
  await learner.goto('/lessons/tier-docker')
  await notice.waitFor()
  await learner.type('echo still $((6 * 7))\r')
  await learner.sees(/still 42/)
  assert.deepEqual(stage.lab.sandboxIds(), [first], 'nothing is thrown away unasked')
  await notice.getByRole('button', { name: 'Get a fresh one' }).click()
  await notice.waitFor({ state: 'detached' })
  await learner.sees(/root@lab/)
  await learner.type('command -v dockerd\r')
  await learner.sees(/^\/usr\/s?bin\/dockerd/m)
  await learner.leave()
})
