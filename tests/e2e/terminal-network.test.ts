/** A laptop whose network comes and goes, and a page that is loaded again: the shell and what runs in it stay, every byte counts once. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Switch } from '../helpers/switch.ts'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

test('the network goes and comes ten times while a program counts and the learner types', async () => {
  const cable = await Switch.start(stage.lab.url)
  const learner = await Learner.arrive(stage, { permissions: ['clipboard-read', 'clipboard-write'] })
  const { page, context } = learner
  const away = page.getByText('Connection lost, trying again…')
  try {
    await page.goto(`${cable.url}/lessons/runc-by-hand/meet-the-tools`)
    await learner.prompt()
    await learner.type(
      'stty -echo; PS1=; (i=0; while [ ! -e /root/stop ]; do echo n$((i++)); sleep 0.01; done; echo end) & cat > /root/typed\r',
    )
    await learner.sees(/^n5$/m)
    let typed = ''
    for (let round = 0; round < 10; round++) {
      const word = `word${round} `
      await learner.type(word.slice(0, 3))
      cable.off()
      await context.setOffline(true)
      await away.waitFor()
      await learner.type(word.slice(3))
      cable.on()
      await context.setOffline(false)
      await away.waitFor({ state: 'hidden' })
      typed += word
    }
    await learner.type('\r')
    await until('it has arrived', async () => (await learner.inSandbox('cat /root/typed')).includes('\n'))
    assert.equal(await learner.inSandbox('cat /root/typed'), `${typed}\n`)

    // Counted far enough for a gap to be seen, however fast the ten rounds were.
    await learner.sees(/^n(1[5-9]\d|[2-9]\d\d|\d{4,})$/m, 1, 60_000)
    await learner.inSandbox('touch /root/stop')
    await learner.sees(/^end$/m)
    await page.locator('[data-terminal="Terminal 1"] .xterm-screen').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Select all' }).click()
    await page.keyboard.press('Control+Shift+C')
    const text = await page.evaluate(() => navigator.clipboard.readText())
    const numbers = [...text.matchAll(/^n(\d+)$/gm)].map(([, digits]) => Number(digits))
    assert.ok(numbers.length > 100, `${numbers.length} numbers are on the screen`)
    assert.deepEqual(numbers, [...numbers.keys()])
  } finally {
    await learner.leave()
    cable.stop()
  }
})

test('a reload in the middle of vim shows the same screen, and vim goes on', async () => {
  const learner = await Learner.arrive(stage)
  await learner.openStep('meet-the-tools')
  await learner.type('vim -u NONE /root/poem\r')
  await learner.sees(/^~$/m)
  await learner.type('iroses are red\rviolets are')
  const before = await learner.sees(/violets are\n~/)
  await learner.page.reload()
  await until('the screen is the same', async () => (await learner.screen()) === before)
  await learner.type(' blue\x1b')
  await learner.page.keyboard.press('Escape')
  await learner.type(':wq\r')
  await learner.prompt()
  assert.equal(await learner.inSandbox('cat /root/poem'), 'roses are red\nviolets are blue\n')
  await learner.leave()
})
