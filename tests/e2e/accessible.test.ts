/** Nothing that axe finds: on every kind of page, in both themes, with the text twice as large; and the keyboard alone. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import type { AxeResults, RunOptions } from 'axe-core'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}

const PAGES: Record<string, string> = {
  home: '/',
  step: '/lessons/runc-by-hand/memory',
  'step with a picture': '/lessons/runc-by-hand/meet-the-tools',
  challenge: '/lessons/runc-by-hand/challenge',
  'take home': '/lessons/runc-by-hand/take-home',
  paper: '/print/runc-by-hand',
  'not found': '/lessons/runc-by-hand/no-such-step',
}

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

async function violations(learner: Learner): Promise<string[]> {
  // By the debugger's own door: the page's policy lets no script in.
  await learner.page.evaluate(await import('node:fs').then((fs) => fs.readFileSync(AXE, 'utf8')))
  const results = await learner.page.evaluate(
    // Monaco and xterm are others' work inside; their frames are ours and are looked at. Handles between panes belong to
    // no region.
    async (options) =>
      (await (window as never as { axe: { run: (...args: unknown[]) => Promise<AxeResults> } }).axe.run(
        { exclude: [['.monaco-editor'], ['.xterm'], ['.separator']] },
        options,
      )) as AxeResults,
    OPTIONS,
  )
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => `${id}: ${target.join(' ')}: ${html}: ${failureSummary}`),
  )
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${colorScheme}`, async () => {
    const learner = await Learner.arrive(stage, { colorScheme })
    for (const [name, path] of Object.entries(PAGES)) {
      // It is long, and has one theme on paper.
      if (name === 'paper' && colorScheme === 'dark') continue
      await learner.goto(path)
      await learner.page.locator('h1').first().waitFor()
      if (path.startsWith('/lessons/') && name !== 'not found')
        await learner.page.getByText(/Sandbox ready/).waitFor()
      assert.deepEqual(await violations(learner), [], `${name}, ${colorScheme}`)
    }
    await learner.context.close()
  })
}

test('with everything open: a hint, an answer, the solution, a term, a dialog', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('memory')
  await page.getByRole('button', { name: 'Give me a hint' }).click()
  await page.getByText('Two things are checked').first().waitFor()
  await page.getByLabel('64 bytes').check()
  await page.getByRole('button', { name: 'Check the answer' }).first().click()
  await page.getByText('Show the solution').click()
  await page.getByRole('button', { name: 'Good', exact: true }).click()
  assert.deepEqual(await violations(learner), [])
  await page.getByRole('button', { name: 'cgroups', exact: true }).click()
  await page.getByText('group of processes with a common budget').waitFor()
  assert.deepEqual(await violations(learner), [])
  await page.keyboard.press('Escape')
  await page.getByText('group of processes with a common budget').waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Everything' }).click()
  await page.getByRole('dialog').waitFor()
  assert.deepEqual(await violations(learner), [])
  await learner.context.close()
})

test('text at 200 percent is all there: nothing is cut off or pushed out of the page', async () => {
  const learner = await Learner.arrive(stage, { viewport: { width: 1280, height: 1024 } })
  const { page } = learner
  for (const path of ['/', '/lessons/runc-by-hand/memory', '/print/runc-by-hand']) {
    await learner.goto(path)
    await page.addStyleTag({ content: 'html { font-size: 200% }' }).catch(async () => {
      await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
    })
    const { wide, main } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      main: [...document.querySelectorAll('main')].map((each) => each.scrollWidth - each.clientWidth),
    }))
    assert.equal(wide, 0, `${path} is wider than the window`)
    assert.deepEqual(main, [0], `the text of ${path} is wider than its pane`)
  }
  await learner.context.close()
})

test('with the keyboard alone: an edit, a hint, a question, and starting over', async () => {
  const learner = await Learner.arrive(stage, { reducedMotion: 'reduce' })
  const { page } = learner
  await learner.openStep('two-views')
  await learner.inSandbox('mkdir -p /tmp/mycontainer && cd /tmp/mycontainer && runc spec')
  await learner.editorShows('"ociVersion"')
  const press = async (name: string | RegExp, key: string) => {
    const button = page.getByRole('button', { name, exact: typeof name === 'string' })
    await button.focus()
    await page.keyboard.press(key)
  }
  await press(/^Apply: No terminal/, 'Enter')
  await page.getByRole('button', { name: /^Applied: No terminal/ }).waitFor()
  await press('Give me a hint', 'Space')
  await page.getByText('The check wants a container').first().waitFor()
  await page.getByLabel('One', { exact: true }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  await page.getByText('gives it a number of its own').first().waitFor()
  await press('The sandbox', 'Enter')
  await page.getByRole('dialog').getByText('thrown away').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  // Whoever asked for less motion gets none.
  const moving = await page.evaluate(
    () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
  )
  assert.equal(moving, 0)
  await learner.leave()
})
