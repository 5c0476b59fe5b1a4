/** Two learners at once, and a web process that dies under them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

test('two learners do not see each other', async () => {
  const ada = await Learner.arrive(stage)
  const bob = await Learner.arrive(stage)
  await Promise.all([ada.openStep('the-bundle'), bob.openStep('the-bundle')])
  await ada.type('touch /tmp/of-ada; sleep 4242 & echo started\r')
  await ada.sees(/\nstarted/)
  await ada.run('mkdir -p /tmp/mycontainer/rootfs')
  await ada.page.getByText('There is no bin/sh in').waitFor()
  await bob.type('ls /tmp; ps -e -o args | grep -c "[s]leep 4242"; hostname\r')
  const screen = await bob.sees(/\n0\nlab\n/)
  assert.doesNotMatch(screen, /of-ada/)
  assert.equal(await bob.page.getByText('There is no bin/sh in').count(), 0)
  assert.equal(stage.lab.sandboxIds().length, 2)
  await ada.leave()
  await bob.leave()
})

test('a reload finds the same shell and what it has printed', async () => {
  const learner = await Learner.arrive(stage)
  await learner.openStep('meet-the-tools')
  await learner.type('answer=42; echo the answer is $answer\r')
  await learner.sees(/\nthe answer is 42\n/)
  await learner.page.reload()
  await learner.sees(/\nthe answer is 42\n/)
  await learner.type('echo still $answer\r')
  await learner.sees(/\nstill 42\n/)
  await learner.leave()
})

test('the web process is killed and started again: the shell goes on, and nothing typed is lost or doubled', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('meet-the-tools')
  await learner.type('for i in $(seq 100000); do echo $i; sleep 0.05; done\r')
  await learner.sees(/\n20\n/)
  await learner.pageLoaded()
  // However long this machine takes to start a process: after a long break the learner would be asked.
  await learner.stopClock()
  await stage.lab.killWeb('SIGKILL')
  await page.getByText('Connection lost, trying again…').waitFor()
  // Kept while there is no connection: Ctrl+C, then a command. One only: a second would meet bash at its prompt, where it
  // throws away what has been read of the next line.
  await page.keyboard.press('Control+c')
  await learner.type('echo "after$((1+1))"\r')
  await stage.lab.startWeb()
  const screen = await learner.sees(/\nafter2\n/, 1, 30_000)
  assert.equal(screen.match(/^after2$/gm)?.length, 1, 'the command ran once')
  const numbers = [...screen.matchAll(/^(\d+)$/gm)].map(([, digits]) => Number(digits))
  numbers.forEach((number, i) => {
    if (i > 0) assert.equal(number, numbers[i - 1]! + 1, 'no number is missing or printed twice')
  })
  await page.getByText('Connection lost, trying again…').waitFor({ state: 'hidden' })
  await learner.leave()
})

test('the host process is killed and started again: the sandbox is found again with its files', async () => {
  const learner = await Learner.arrive(stage)
  await learner.openStep('meet-the-tools')
  await learner.pageLoaded()
  await learner.type('echo kept > /tmp/kept; echo done\r')
  await learner.sees(/\ndone\n/)
  const before = stage.lab.sandboxIds().sort()
  await stage.lab.killHost('SIGKILL')
  await stage.lab.startHost()
  await learner.page.getByText('Sandbox ready').waitFor({ timeout: 20_000 })
  await until('there is a new shell', async () => !(await learner.screen()).includes('done'), 20_000)
  await learner.prompt()
  await learner.type('cat /tmp/kept\r')
  await learner.sees(/\nkept\n/)
  assert.deepEqual(stage.lab.sandboxIds().sort(), before)
  await learner.leave()
})
