/** An author's preview, in Chromium: the page follows each save by itself, says what is wrong, and keeps the terminal. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Route } from 'playwright-core'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const lessons = fs.mkdtempSync(path.join(os.tmpdir(), 'lessons-'))
const save = (name: string, text: string) => fs.writeFileSync(path.join(lessons, 'mine', name), text)
let stage: Stage

before(async () => {
  fs.chmodSync(lessons, 0o755)
  fs.mkdirSync(path.join(lessons, 'mine'))
  save(
    'index.json',
    JSON.stringify({ title: 'Mine', details: { steps: [{ title: 'One', text: 'one.md' }] } }),
  )
  save('one.md', 'The first wording.\n\n`echo from-the-page`{{exec}}\n')
  stage = await startStage({ LESSONS_PATH: lessons, LAB_PREVIEW: '1' })
})
after(async () => {
  await stage?.stop()
  fs.rmSync(lessons, { recursive: true })
})

test('a save is on the page at once, a mistake is named, and the shell is the same all the time', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto('/lessons/mine')
  await page.getByText('The first wording.').waitFor()
  await page.getByText('Preview: nothing to mend').waitFor()
  await learner.prompt()
  await learner.type('mark=kept\r')

  save('one.md', 'The second wording.\n\n`echo $mark-by-the-page`{{exec}}\n')
  await page.getByText('The second wording.').waitFor()
  assert.equal(await page.getByText('The first wording.').count(), 0)
  await learner.run('echo $mark-by-the-page')
  await learner.sees(/^kept-by-the-page/m)

  save('one.md', 'The third wording, and ![a picture](that-is-not-there.png).\n')
  await page.getByText(/^Preview: 1 mistake, 0 notes$/).waitFor()
  await page.locator('.preview summary').click()
  await page.getByText(/one\.md:1/).waitFor()
  await page.getByText('The third wording').waitFor()

  // While it cannot be read at all the last page stays, and comes to life again.
  const index = fs.readFileSync(path.join(lessons, 'mine', 'index.json'), 'utf8')
  save('index.json', 'not JSON at all')
  await page.getByText('Preview: index.json cannot be read').waitFor()
  await page.getByText('The third wording').waitFor()
  save('one.md', 'The last wording.\n')
  save('index.json', index)
  await page.getByText('The last wording.').waitFor()
  await page.getByText('Preview: nothing to mend').waitFor()
  await learner.leave()
})

test('what is saved between the page and its connection is shown as well', async () => {
  save('one.md', 'An early wording.\n')
  const learner = await Learner.arrive(stage)
  const { page, context } = learner
  const held: Route[] = []
  await context.route('**/api/lesson-changes*', (route) => void held.push(route))
  await learner.goto('/lessons/mine')
  await page.getByText('An early wording.').waitFor()
  await until('the page asks for changes', () => held.length > 0)
  save('one.md', 'A late wording.\n')
  await Promise.all(held.map((route) => route.continue()))
  await page.getByText('A late wording.').waitFor()
  await learner.leave()
})
