/** The whole course, walked as a person would walk it: every command by its button, every edit by one click. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Route } from 'playwright-core'
import { loadFolder } from '../../server/lessons/load.ts'
import { ROOT } from '../helpers/lab.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'
import { walkStep } from './helpers/walk.ts'

const { steps } = loadFolder(path.join(ROOT, 'lessons/runc-by-hand'))

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

test('twenty steps, from the home page to the bundle that Docker made, and the challenge', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto('/')
  await page.getByRole('link', { name: /Start/ }).first().click()
  await page.waitForURL('**/meet-the-tools')
  await learner.prompt()

  for (const [index, step] of steps.entries()) {
    await page.getByRole('heading', { level: 1, name: step.title }).waitFor()
    await walkStep(learner)
    await learner.stepDone().catch(async () => {
      const said = await page.getByRole('region', { name: 'Check of this step' }).innerText()
      throw new Error(`${step.slug} is not done: ${said}; the terminal shows:\n${await learner.screen()}`)
    })
    assert.match(page.url(), new RegExp(`/${step.slug}$`))
    if (index < steps.length - 1) await learner.next()
  }
  await page.getByText('100% done').waitFor()

  // The challenge has no commands; its solution can be had.
  await learner.next()
  await page.getByRole('heading', { level: 1, name: 'Docker’s defaults' }).waitFor()
  await page.getByRole('button', { name: 'Do this step for me' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Do it' }).click()
  await learner.stepDone()
  await learner.leave()
})

test('a learner who comes back later goes on where they were, and has the steps before done for them', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('two-views')
  await page.getByText('this step builds on the ones before').waitFor()
  await page.getByRole('button', { name: 'This step', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('the 5 steps before this one are done for you').waitFor()
  await dialog.getByRole('button', { name: 'Start over' }).click()
  await page.getByText('Your sandbox is where this step begins.').waitFor({ timeout: 30_000 })
  await learner.editorShows('"terminal": true')
  await page.getByText('In config.json, "terminal" under "process" is still true.').waitFor()

  // Hints: the one that fits comes first.
  await page.getByRole('button', { name: 'Give me a hint' }).click()
  await page.getByText('Fits your sandbox now').waitFor()
  await page.getByText('is still true. Apply the edit').first().waitFor()

  // The file, as it was when the step began.
  await page.getByRole('button', { name: 'Apply: No terminal, and a program that just waits' }).click()
  await page.getByRole('button', { name: 'Applied: No terminal, and a program that just waits' }).waitFor()
  // A hint that is on the screen says so when it fits no longer.
  await page.getByText('Fitted before, not any more').waitFor()
  assert.equal(await page.getByText('Fits your sandbox now').count(), 0)
  await page.getByRole('button', { name: 'This file', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start over' }).click()
  await page.getByText('The file is as it was when this step began.').waitFor()
  await page.getByRole('button', { name: 'Apply: No terminal, and a program that just waits' }).waitFor()

  await learner.goto('/')
  await page.getByRole('link', { name: 'Continue with step 6' }).waitFor()
  await learner.leave()
})

test('questions, hints and solutions work without a sandbox', async () => {
  const learner = await Learner.arrive(stage)
  const { page, context } = learner
  await context.route('**/api/session', (route) => route.abort())
  await learner.goto('/lessons/runc-by-hand/memory')
  const question = page.getByRole('group', { name: /"limit": 64/ })
  await question.getByLabel('64 MiB').check()
  const form = page.locator('form.quiz').first()
  await form.getByRole('button', { name: 'Check the answer' }).click()
  await form.getByText('Not right. Try again.').waitFor()
  await question.getByLabel('64 bytes').check()
  await form.getByRole('button', { name: 'Check the answer' }).click()
  await form.getByText('Always bytes.').first().waitFor()
  await page.getByRole('button', { name: 'Give me a hint' }).click()
  await page.getByText('Two things are checked').first().waitFor()
  await page.getByText('Show the solution').click()
  await page.getByText('runc exec demo tail /dev/zero').last().waitFor()
  await learner.leave()
})

test('an answer that is chosen before the page’s code has come counts', async () => {
  const learner = await Learner.arrive(stage)
  const { page, context } = learner
  await context.route('**/api/session', (route) => route.abort())
  const held: Route[] = []
  await context.route('**/_next/static/**/*.js', (route) => void held.push(route))
  await page.goto(`${stage.lab.url}/lessons/runc-by-hand/memory`, { waitUntil: 'commit' })
  await page
    .getByRole('group', { name: /"limit": 64/ })
    .getByLabel('64 bytes')
    .check()
  const check = page.locator('form.quiz').first().getByRole('button', { name: 'Check the answer' })
  assert.ok(await check.isDisabled())
  await context.unroute('**/_next/static/**/*.js')
  await Promise.all(held.map((route) => route.continue()))
  await check.click()
  await page.getByText('Always bytes.').first().waitFor()
  await learner.leave()
})
