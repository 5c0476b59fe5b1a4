/** Commands of the lesson where something else than a shell would read them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

test('in vim the learner is asked: cancelled, typed anyway, or after an interruption', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  await learner.type('vim\r')
  await learner.sees(/^~\n~\n/m)
  await learner.run('mkdir -p /tmp/mycontainer/rootfs')
  const question = page.getByRole('alertdialog', { name: 'Terminal 1 is running vim.' })
  await question.getByText('mkdir -p /tmp/mycontainer/rootfs').waitFor()
  // Whatever gets the focus, the page stays where it is.
  assert.equal(await page.evaluate(() => document.querySelector('.workbench')!.scrollTop), 0)
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  assert.doesNotMatch(await learner.screen(), /mkdir/)

  await learner.type('i')
  await learner.sees('-- INSERT --')
  await learner.run('mkdir -p /tmp/mycontainer/rootfs')
  await question.getByRole('button', { name: 'Type it there anyway' }).click()
  await learner.sees(/^mkdir -p \/tmp\/mycontainer\/rootfs/m)
  await learner.type('\x1b')
  await learner.type(':q!\r')
  await learner.prompt()

  await learner.type('sleep 1000\r')
  await learner.run('mkdir -p /tmp/mycontainer/rootfs')
  await page
    .getByRole('alertdialog', { name: 'Terminal 1 is running sleep.' })
    .getByRole('button', { name: 'Interrupt first' })
    .click()
  await learner.sees(/\^C\n.*# mkdir -p \/tmp\/mycontainer\/rootfs\n/)
  await page.getByText('There is no bin/sh in').waitFor()
  assert.equal((await learner.screen()).match(/# mkdir/g)?.length, 1)
  await learner.leave()
})

test('a container is not a shell of the sandbox; what is meant for it goes in unasked', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('run-it')
  await learner.type(
    'mkdir -p /tmp/mycontainer/rootfs/bin && cd /tmp/mycontainer && cp /bin/busybox rootfs/bin/sh && runc spec; clear\r',
  )
  await learner.editorShows('"ociVersion"')
  await learner.run('cd /tmp/mycontainer && runc run demo')
  await learner.sees(/^~ # *$/m)
  await learner.run('hostname')
  await learner.sees(/^~ # hostname$/m)
  // Meant for the sandbox, not for the container in front.
  await learner.run('cd /tmp/mycontainer && runc run demo')
  await page.getByRole('alertdialog', { name: 'Terminal 1 is running runc.' }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await learner.type('exit\r')
  await learner.prompt()
  await learner.leave()
})
