/** A lab with all its sandboxes in use says so, and lets the next learner in as soon as there is room. */
import { after, before, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage({ LAB_MAX_SANDBOXES: '1' })
})
after(() => stage?.stop())

test('the learner who is one too many waits and then gets in by themselves', async () => {
  const first = await Learner.arrive(stage)
  await first.openStep('the-bundle')
  const second = await Learner.arrive(stage)
  await second.goto('/lessons/runc-by-hand/the-bundle')
  await second.page.getByText('All sandboxes of this lab are in use.').waitFor()
  await first.killSandbox()
  await second.page.getByTitle(/^Sandbox \w{20}$/).waitFor({ timeout: 30_000 })
  await second.prompt()
  await second.leave()
  await first.leave()
})
