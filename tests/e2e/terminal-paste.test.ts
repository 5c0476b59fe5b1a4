/** Into and out of a terminal by the clipboard. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] }
const clipboard = (learner: Learner) => learner.page.evaluate(() => navigator.clipboard.readText())

test('several lines go to the shell as one paste, and to anything else only after a question', async () => {
  const learner = await Learner.arrive(stage, CLIPBOARD)
  const { page } = learner
  await learner.openStep('the-bundle')
  await learner.paste('echo one\necho two')
  await learner.sees(/echo one\necho two$/m)
  await page.keyboard.press('Enter')
  await learner.sees(/\none\ntwo\n/)

  await learner.type('clear; cat\r')
  await learner.sees(/^\s*$/)
  const question = page.getByRole('alertdialog', { name: 'Paste 7 lines?' })
  await learner.paste('1\n2\n3\n4\n5\n6\n7')
  await question.getByText('… and 2 more').waitFor()
  await question.getByRole('button', { name: 'Cancel' }).click()
  assert.equal((await learner.screen()).trim(), '')
  await learner.paste('1\n2\n3\n4\n5\n6\n7')
  await question.getByRole('button', { name: 'Paste' }).click()
  await learner.sees(/^71\n2\n3\n4\n5\n6$/m)
  await learner.leave()
})

test('what would end the paste early is left out of it', async () => {
  const learner = await Learner.arrive(stage, CLIPBOARD)
  await learner.openStep('the-bundle')
  await learner.paste('echo safe\x1b[201~\necho run')
  await learner.sees(/echo safe\[201~\necho run$/m)
  assert.doesNotMatch(await learner.screen(), /^run$/m)
  await learner.leave()
})

test('a MiB arrives as it was', { timeout: 120_000 }, async () => {
  const learner = await Learner.arrive(stage, CLIPBOARD)
  const { page } = learner
  await learner.openStep('the-bundle')
  const lines = Array.from({ length: 16_384 }, (_, i) =>
    `${i} ${'é漢😀 '.repeat(20)}`.slice(0, 47).padEnd(47, '.'),
  )
  let text = `${lines.join('\n')}\n`
  while (Buffer.byteLength(text) < 1024 * 1024) text += text.slice(0, 100_000).replace(/[^\n]*$/, '')
  const sum = createHash('sha256').update(text).digest('hex')
  await learner.type(`stty -echo; cat > /tmp/pasted; stty echo; sha256sum /tmp/pasted\r`)
  await until('cat reads', async () => {
    await learner.inSandbox('pgrep -x cat')
    return true
  })
  await learner.paste(text)
  await page.getByRole('button', { name: 'Paste', exact: true }).click()
  await learner.type('\x04')
  await page.keyboard.press('Control+d')
  const screen = await learner.sees(/\b[0-9a-f]{64}\b/, 1, 90_000)
  assert.match(screen, new RegExp(sum))
  await learner.leave()
})

test('selected text is copied by keys and by the menu, never by itself', async () => {
  const learner = await Learner.arrive(stage, CLIPBOARD)
  const { page } = learner
  await learner.openStep('the-bundle')
  await page.evaluate(() => navigator.clipboard.writeText('before'))
  await learner.type('clear; echo some-$((6*7))-word\r')
  await learner.sees(/^some-42-word$/m)
  const row = page.locator('[data-terminal="Terminal 1"] .xterm-rows > div', { hasText: /^some-42-word/ })
  const box = (await row.boundingBox())!
  await page.mouse.dblclick(box.x + 20, box.y + box.height / 2)
  assert.equal(await clipboard(learner), 'before')
  await page.keyboard.press('Control+Shift+C')
  await until('it is copied', async () => (await clipboard(learner)).trim() === 'some-42-word')

  const menu = page.getByRole('menu', { name: 'Terminal' })
  const choose = async (name: string | RegExp) => {
    await page.mouse.click(box.x + 20, box.y + box.height / 2, { button: 'right' })
    await menu.getByRole('menuitem', { name }).click()
    await menu.waitFor({ state: 'detached' })
  }
  await choose('Select all')
  await choose(/^Copy/)
  await until('all is copied', async () => /some-42-word\n.*root@lab/.test(await clipboard(learner)))
  await page.evaluate(() => navigator.clipboard.writeText('echo pasted'))
  await choose(/^Paste/)
  await learner.sees(/# echo pasted$/m)
  // The terminal has the focus again.
  await page.keyboard.press('Enter')
  await learner.sees(/^pasted$/m)
  await choose('Clear')
  assert.doesNotMatch(await learner.screen(), /some-42/)
  await learner.leave()
})
