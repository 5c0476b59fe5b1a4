/** A terminal without a connection: what is typed, and a shell that is gone afterwards. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

const lose = async (learner: Learner) => {
  await learner.pageLoaded()
  await stage.lab.killWeb('SIGKILL')
  await learner.page.getByText('Connection lost, trying again…').waitFor()
}

test('keys wait visibly, and go in by themselves after a short break', async () => {
  const learner = await Learner.arrive(stage)
  await learner.openStep('meet-the-tools')
  await learner.stopClock()
  await lose(learner)
  await learner.type('echo $((40+2))\r')
  await learner.page.getByText('15 keys are waiting for the connection').waitFor()
  await stage.lab.startWeb()
  const screen = await learner.sees(/\n42\n/, 1, 30_000)
  assert.equal(screen.match(/^42$/gm)?.length, 1)
  await learner.page.getByText('waiting for the connection').waitFor({ state: 'detached' })
  await learner.leave()
})

test('after a long break the learner is asked, and keys typed while asked come after', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('meet-the-tools')
  await lose(learner)
  await learner.type('echo ab')
  await learner.later(60_000)
  await stage.lab.startWeb()
  const question = page.getByRole('alertdialog', { name: 'Keys typed without a connection' })
  await question.getByText('echo ab').waitFor({ timeout: 30_000 })
  await learner.type('cd\r')
  await question.getByText('echo abcd↵').waitFor()
  assert.doesNotMatch(await learner.screen(), /echo/)
  await question.getByRole('button', { name: 'Type it now' }).click()
  await learner.sees(/\nabcd\n/)

  await lose(learner)
  await learner.type('rm -rf /tmp\r')
  await learner.later(120_000)
  await stage.lab.startWeb()
  await question.getByRole('button', { name: 'Discard' }).click({ timeout: 30_000 })
  await learner.type('echo end\r')
  assert.doesNotMatch(await learner.sees(/\nend\n/), /rm -rf/)
  await learner.leave()
})

test('more than there is room for is refused, and said', async () => {
  const learner = await Learner.arrive(stage, { permissions: ['clipboard-read', 'clipboard-write'] })
  await learner.openStep('meet-the-tools')
  await learner.stopClock()
  await lose(learner)
  await learner.paste('x'.repeat(5000))
  const refused = learner.page.getByText('There was no room for more')
  await refused.waitFor()
  await stage.lab.startWeb()
  // Until the terminal is there again, everything after it is refused as well.
  await refused.waitFor({ state: 'hidden', timeout: 30_000 })
  await learner.type('echo end\r')
  assert.doesNotMatch(await learner.sees(/\nend\n/), /xxx/)
  await learner.leave()
})

test('a shell that is gone is told, with a new one and a click to the other', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('meet-the-tools')
  await page.getByRole('button', { name: 'Open another terminal' }).click()
  await learner.prompt(2)
  await stage.lab.killHost('SIGKILL')
  await page.getByText('Connection lost, trying again…').waitFor()
  await learner.type('ls', 2)
  await stage.lab.startHost()
  const notice = page.getByText('These shells are gone')
  await notice.waitFor({ timeout: 30_000 })
  const told = /terminals 1, 2 .* a new shell is open.* The 2 keys/
  await until('all of it is told', async () => told.test(await notice.innerText()))
  await learner.prompt(1)
  await page.getByRole('button', { name: 'New shell in Terminal 2' }).click()
  await learner.prompt(2)
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await until('the notice is gone', async () => (await notice.count()) === 0)
  assert.doesNotMatch(await learner.screen(2), /# ls/)
  await learner.leave()
})
