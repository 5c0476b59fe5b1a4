/** A lab with all its sandboxes in use says so and whose turn it is when, and lets learners in one by one as there is room. */
import { after, before, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage({ LAB_MAX_SANDBOXES: '1' })
})
after(() => stage?.stop())

test('who is one too many waits; their number goes down, and then they get in by themselves', async () => {
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => Learner.arrive(stage)))
  const says = (learner: Learner, text: string) =>
    learner.page
      .getByRole('status')
      .filter({ hasText: 'All sandboxes of this lab are in use.' })
      .filter({ hasText: text })
      .waitFor({ timeout: 30_000 })
  const isIn = async (learner: Learner) => {
    await learner.page.getByTitle(/^Sandbox \w{20}$/).waitFor({ timeout: 30_000 })
    await learner.prompt()
  }
  await first!.openStep('the-bundle')
  await second!.goto('/lessons/runc-by-hand/the-bundle')
  await says(second!, 'You are number 1, the next one.')
  await third!.goto('/lessons/runc-by-hand/the-bundle')
  await says(third!, 'You are number 2.')

  await first!.killSandbox()
  await isIn(second!)
  await says(third!, 'You are number 1, the next one.')

  await second!.killSandbox()
  await isIn(third!)
  for (const learner of [first, second, third]) await learner!.leave()
})
