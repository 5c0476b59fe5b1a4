/** The page around the machine: readable without JavaScript, usable by keyboard and on a phone, and it remembers. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

test('every step reads completely without JavaScript, and starts no sandbox', async () => {
  const sandboxes = stage.lab.sandboxIds().length
  const learner = await Learner.arrive(stage, { javaScriptEnabled: false })
  const { page } = learner
  await learner.goto('/')
  const outline = page.getByRole('link', { name: /spec/i })
  assert.ok((await outline.count()) > 0)
  await learner.goto('/lessons/runc-by-hand/meet-the-tools')
  for (let step = 1; step <= 20; step++) {
    assert.ok((await page.locator('.prose').first().innerText()).length > 400)
    assert.ok((await page.locator('.prose pre').count()) > 0)
    assert.equal(await page.getByRole('button', { name: /^Run/ }).filter({ visible: true }).count(), 0)
    if (step < 20) await page.getByRole('link', { name: /Next/ }).last().click()
  }
  assert.equal(stage.lab.sandboxIds().length, sandboxes)
  await learner.leave()
})

test('moving between steps keeps the terminal, what it shows, and the editor', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('runc-spec')
  await learner.type('mkdir -p /tmp/mycontainer && cd /tmp/mycontainer && runc spec\r')
  await learner.editorShows('"ociVersion"')
  await page.evaluate(() => document.querySelector('.xterm')!.setAttribute('data-kept', ''))
  await page.evaluate(() => document.querySelector('.monaco-editor')!.setAttribute('data-kept', ''))
  await page.getByRole('link', { name: /Previous/ }).click()
  await page.waitForURL('**/the-bundle')
  assert.equal(await page.locator('.xterm[data-kept]').count(), 1)
  assert.equal(await page.locator('.monaco-editor[data-kept]').count(), 1)
  await learner.sees('runc spec')
  await learner.leave()
})

test('a double click on Run is one click, and Copy copies', async () => {
  const learner = await Learner.arrive(stage, { permissions: ['clipboard-read', 'clipboard-write'] })
  const { page } = learner
  await learner.openStep('the-bundle')
  const run = page.getByRole('button', { name: /^Run: mkdir/ }).first()
  await run.dblclick()
  await page.getByText('There is no bin/sh in').waitFor()
  await learner.type('echo end\r')
  const screen = await learner.sees(/\nend\n/)
  assert.equal(screen.match(/# mkdir -p/g)?.length, 1)
  await page
    .getByRole('button', { name: /^Copy: mkdir/ })
    .first()
    .click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'mkdir -p /tmp/mycontainer/rootfs')
  await learner.leave()
})

test('F6 leads out of the terminal and out of the editor', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('runc-spec')
  await learner.type('mkdir -p /tmp/mycontainer && cd /tmp/mycontainer && runc spec\r')
  await learner.editorShows('"ociVersion"')
  const pane = () =>
    page.evaluate(() => document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane'))
  const seen: (string | null | undefined)[] = [await pane()]
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('F6')
    seen.push(await pane())
  }
  assert.deepEqual(seen, ['terminal', 'prose', 'editor', 'terminal'])
  await page.keyboard.press('Shift+F6')
  assert.equal(await pane(), 'editor')
  await learner.leave()
})

test('the terminal has the size of its pane, and panes keep theirs', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  const columns = async () => {
    await learner.type('clear; stty size\r')
    const screen = await learner.sees(/^\d+ \d+$/m)
    return Number(/^\d+ (\d+)$/m.exec(screen)![1])
  }
  const before = await columns()
  const handle = page.getByRole('separator', { name: 'Width of the lesson' })
  const box = (await handle.boundingBox())!
  await page.mouse.move(box.x, 300)
  await page.mouse.down()
  await page.mouse.move(box.x + 200, 300, { steps: 5 })
  await page.mouse.up()
  await until('the shell knows the new size', async () => (await columns()) < before - 15)
  const width = async () => Math.round((await page.locator('#prose').boundingBox())!.width)
  const wide = await width()
  await page.reload()
  await until('the pane is as wide as it was', async () => Math.abs((await width()) - wide) <= 2)
  await learner.leave()
})

test('panes are resized by keyboard, and their handles say how large they are', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  const handle = page.getByRole('separator', { name: 'Width of the lesson' })
  const size = async () => Number(await handle.getAttribute('aria-valuenow'))
  const width = async () => (await page.locator('#prose').boundingBox())!.width / 1280
  assert.equal(await size(), 40)
  await handle.focus()
  for (const [key, expected] of [
    ['ArrowRight', 45],
    ['End', 75],
    ['ArrowLeft', 70],
    ['Home', 20],
  ] as const) {
    await page.keyboard.press(key)
    assert.equal(await size(), expected, key)
    assert.ok(Math.abs((await width()) * 100 - expected) < 1, `${key}: ${await width()}`)
  }
  await handle.dblclick({ position: { x: 0, y: 60 } })
  assert.equal(await size(), 40)
  const height = page.getByRole('separator', { name: 'Height of the editor' })
  await height.press('ArrowDown')
  assert.equal(await height.getAttribute('aria-valuenow'), '55')
  await learner.leave()
})

test('a visitor’s own sizes are there at the first paint, and nonsense in their place does no harm', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  const atFirst = async (columns: string) => {
    await page.evaluate((text) => localStorage.setItem('runclab.columns', text), columns)
    await page.reload({ waitUntil: 'commit' })
    await page.locator('#prose h1').waitFor()
    return Math.round(((await page.locator('#prose').boundingBox())!.width / 1280) * 100)
  }
  await learner.goto('/lessons/runc-by-hand/the-bundle')
  assert.equal(await atFirst('{"prose":60,"machine":40}'), 60)
  for (const nonsense of ['{"prose":1e9,"machine":-3}', '{"prose":"x","x y":5}', '[', 'null', '7'])
    assert.equal(await atFirst(nonsense), 40, nonsense)
  await learner.leave()
})

test('a second terminal, an ended shell, a closed terminal', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  await page.getByRole('button', { name: 'Open another terminal' }).click()
  await learner.prompt(2)
  await learner.type('exit 3\r', 2)
  await page.getByText('The shell of Terminal 2 has ended (exit code 3).').waitFor()
  await page.getByRole('button', { name: 'New shell' }).click()
  await learner.prompt(2)
  await page.getByRole('button', { name: 'Close Terminal 2' }).click()
  await page.getByRole('tab', { name: 'Terminal 2' }).waitFor({ state: 'detached' })
  await learner.prompt(1)
  await learner.leave()
})

test('starting over gives a fresh sandbox', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  await learner.run('mkdir -p /tmp/mycontainer/rootfs')
  await page.getByText('There is no bin/sh in').waitFor()
  const title = await page.getByTitle(/^Sandbox \w{20}$/).getAttribute('title')
  await page.getByRole('button', { name: 'Start over' }).click()
  await page.getByRole('button', { name: 'Throw it away' }).click()
  await until('it is another sandbox', async () => {
    const now = page.getByTitle(/^Sandbox \w{20}$/)
    return (await now.count()) === 1 && (await now.getAttribute('title')) !== title
  })
  await learner.prompt()
  await learner.type('ls /tmp; echo end\r')
  assert.doesNotMatch(await learner.sees(/\nend\n/), /mycontainer/)
  await learner.leave()
})

test('a sandbox whose first process ends is told, and a click gives a fresh one', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  // The first process takes no signal from within its own namespace: it is killed from outside.
  await learner.killSandbox()
  await page.getByText('The first process of this sandbox has ended').waitFor({ timeout: 15_000 })
  await page.getByRole('button', { name: 'Get a fresh one' }).click()
  await learner.prompt()
  await learner.leave()
})

test('on a phone: prose first, the machine behind a tab, and Run leads to it', async () => {
  const learner = await Learner.arrive(stage, {
    viewport: { width: 375, height: 740 },
    hasTouch: true,
    isMobile: true,
  })
  const { page } = learner
  await learner.goto('/lessons/runc-by-hand/the-bundle')
  await page.locator('.prose').first().waitFor()
  assert.equal(await page.locator('.xterm').filter({ visible: true }).count(), 0)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.equal(overflow, 0)
  // Nobody sees it yet, and its shell has a screen all the same: not the few columns of a pane without a size.
  const size = () => learner.inSandbox('stty -F /dev/pts/0 size 2>/dev/null || true')
  await until('the hidden terminal is there', async () => (await size()).includes(' 80'))
  await learner.run('mkdir -p /tmp/mycontainer/rootfs')
  await learner.sees('mkdir -p')
  await page.getByRole('tab', { name: 'Lesson' }).click()
  await page.getByText('There is no bin/sh in').waitFor()
  await learner.leave()
})

test('the chosen theme is kept, and the terminal and the editor follow', async () => {
  const learner = await Learner.arrive(stage, { colorScheme: 'light' })
  const { page } = learner
  await learner.openStep('the-bundle')
  const background = () =>
    page.evaluate(() => getComputedStyle(document.querySelector('main')!).backgroundColor)
  const light = await background()
  await page.getByRole('button', { name: 'Dark theme' }).click()
  await until('the page is dark', async () => (await background()) !== light)
  const dark = await background()
  await page.reload()
  assert.equal(await background(), dark)
  await learner.leave()
})
