/** Learning, kept: progress, checks that show what they found, starting over, feedback, and words that lead into the lens. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { loadFolder } from '../../server/lessons/load.ts'
import { ROOT } from '../helpers/lab.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const { chapters, steps } = loadFolder(path.join(ROOT, 'lessons/runc-by-hand'))

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

const sandboxOf = ({ page }: Learner) => page.getByTitle(/^Sandbox \w{20}$/).getAttribute('title')

/** Answers the question what is to be lost, after reading it. */
async function startOver({ page }: Learner, choice: string, lost: RegExp): Promise<void> {
  await page.getByRole('button', { name: choice, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(lost).waitFor()
  await dialog.getByRole('button', { name: 'Start over' }).click()
}

test('the steps are grouped by chapter, on the home page and in the outline of a page', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto('/')
  for (const [index, { title, steps: own }] of chapters.entries()) {
    const chapter = page.getByRole('region', { name: `Chapter ${index + 1}: ${title}` })
    assert.equal(await chapter.getByRole('listitem').count(), own.length)
  }
  await page.getByRole('region', { name: 'Chapter 3' }).getByRole('link').first().click()
  await page.waitForURL('**/memory')
  await page.getByText('Step 10 of 20').click()
  await page.getByText('Chapter 5: Wiring, hooks').waitFor()
  await page.getByRole('link', { name: 'Glossary' }).waitFor()
  await learner.leave()
})

test('progress is kept in the browser and with the session, and all of it can be forgotten', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('meet-the-tools')
  await page.getByRole('button', { name: 'Do this step for me' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Do it' }).click()
  await learner.stepDone()
  await page.getByText('5% done').waitFor()

  // This browser forgets; the session does not.
  await page.evaluate(() => localStorage.clear())
  await learner.goto('/lessons/runc-by-hand/the-bundle')
  await page.getByText('5% done').waitFor()

  const before = await sandboxOf(learner)
  await startOver(learner, 'The sandbox', /thrown away.*Which steps you have done stays known/)
  await page
    .getByTitle(/^Sandbox \w{20}$/)
    .and(page.locator(`:not([title="${before}"])`))
    .waitFor()
  await page.getByText('5% done').waitFor()

  await learner.prompt()
  await startOver(
    learner,
    'Everything',
    /thrown away, and which steps of this lesson you have done is forgotten/,
  )
  await page.waitForURL('**/meet-the-tools')
  await page.getByText('0% done').waitFor()
  await page.reload()
  await learner.prompt()
  await page.getByText('0% done').waitFor()
  await learner.leave()
})

test('a check runs by itself, says what it has found, and does not flicker', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('runc-spec')
  const check = page.getByRole('region', { name: 'Check of this step' })
  await check.getByText('The folder /tmp/mycontainer is missing').waitFor()
  // Whatever the learner could have read from here on.
  await page.evaluate(`{
    const status = document.querySelector('[aria-label="Check of this step"] [role="status"]')
    window.said = [status.textContent]
    new MutationObserver(() => window.said.push(status.textContent)).observe(status, { subtree: true, childList: true, characterData: true })
  }`)
  await learner.type('for i in $(seq 30); do echo $i; sleep 0.1; done\n')
  await learner.sees(/^30$/m)
  // Past every terminal.
  await learner.inSandbox('mkdir -p /tmp/mycontainer/rootfs')
  await check.getByText('There is no /tmp/mycontainer/config.json yet').waitFor()
  await learner.inSandbox('cd /tmp/mycontainer && runc spec')
  await learner.stepDone()
  await check.getByText('What was found').click()
  await check.getByText('/ociVersion is "1.2.1"').waitFor()
  const said = [...new Set(await page.evaluate<string[]>('window.said'))]
  const whole = await page.evaluate<string[]>('window.said')
  assert.deepEqual(
    whole.filter((text, index) => text !== whole[index - 1]),
    said,
    'nothing comes back once it is gone',
  )
  assert.ok(said.length <= 4, said.join('\n'))
  await learner.leave()
})

test('feedback goes to the operator as a line of JSON', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('rootless')
  await page.getByRole('button', { name: 'Not good', exact: true }).click()
  await page.getByPlaceholder('A line about it').fill('too many new words')
  await page.keyboard.press('Enter')
  await page.getByText('Thank you.').waitFor()
  const text = fs.readFileSync(path.join(stage.lab.env.LAB_STATE_DIR!, 'feedback.jsonl'), 'utf8')
  const { at: _, ...entry } = JSON.parse(text.trim().split('\n').at(-1)!)
  const step = steps.find(({ slug }) => slug === 'rootless')!.slug
  assert.deepEqual(entry, { lesson: 'runc-by-hand', step, thumb: 'down', line: 'too many new words' })
  await learner.leave()
})

test('words lead into the lens: to a view, and to the row of a field', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('two-views')
  await learner.inSandbox(`mkdir -p /tmp/mycontainer/rootfs/bin && cd /tmp/mycontainer && cp "$(command -v busybox)" rootfs/bin/ && ln -sf busybox rootfs/bin/sleep && runc spec &&
    jq '.process.terminal = false | .process.args = ["sleep", "1000"] | .linux.resources.memory.limit = 33554432' config.json > new && mv new config.json && runc run -d demo < /dev/null > /dev/null 2>&1`)
  await page.getByRole('button', { name: 'the same walls' }).click()
  await page.getByRole('tab', { name: 'Namespaces', selected: true }).waitFor()
  await page.getByText('Step 6 of 20').click()
  await page.getByRole('link', { name: 'A limit on memory' }).first().click()
  await page.getByRole('button', { name: 'that file' }).click()
  await page.getByRole('tab', { name: 'Fields', selected: true }).waitFor()
  await page.locator('[data-pointer="/linux/resources/memory/limit"][data-lit="true"]').waitFor()
  await learner.leave()
})
