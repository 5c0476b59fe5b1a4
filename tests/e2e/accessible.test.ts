/** Nothing that axe finds: on every kind of page, in both themes, with the text twice as large; and the keyboard alone. */
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { write } from '../lessons/helpers.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}

/** A scenario as others write them: an introduction, a question, a last page. */
const foreign = write({
  'theirs/index.json': {
    title: 'Theirs',
    details: {
      intro: { title: 'Before', text: 'intro.md' },
      steps: [{ title: 'A question', text: 'one.md', verify: 'verify.sh' }],
      finish: { title: 'After', text: 'finish.md' },
    },
    backend: { imageid: 'ubuntu' },
  },
  'theirs/intro.md':
    '# Welcome\n\nSee [this](https://example.org), and ![a picture](https://example.org/p.png).\n',
  'theirs/one.md':
    'Run `ls`{{execute}}, open `/etc/hosts`{{open}}.\n\n<pre class="file" data-filename="a.txt" data-target="replace">text</pre>\n\n>>Which of these?<<\n(*) right\n( ) wrong\n\n>>And which?<<\n[*] one\n[*] two\n[ ] three\n\n>>Say it<<\n=== word\n',
  'theirs/verify.sh': 'echo one; echo two; echo three; exit 1\n',
  'theirs/finish.md': 'That was it.\n',
})

// The web process is another user.
for (const folder of [foreign, path.dirname(foreign)]) chmodSync(folder, 0o755)

const PAGES: Record<string, string> = {
  home: '/',
  introduction: '/lessons/theirs/intro',
  'step of others, with questions': '/lessons/theirs/one',
  finish: '/lessons/theirs/finish',
  glossary: '/glossary/runc-by-hand',
  'no such page': '/no-such-page',
  step: '/lessons/runc-by-hand/memory',
  'step with a picture': '/lessons/runc-by-hand/meet-the-tools',
  challenge: '/lessons/runc-by-hand/challenge',
  'take home': '/lessons/runc-by-hand/take-home',
  paper: '/print/runc-by-hand',
  'not found': '/lessons/runc-by-hand/no-such-step',
}

let stage: Stage
before(async () => {
  stage = await startStage({ LESSONS_PATH: foreign, LAB_MAX_SANDBOXES: '5' })
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
  const learner = await Learner.arrive(stage, { viewport: { width: 1280, height: 720 } })
  const { page } = learner
  const long = ['memory', 'capabilities', 'volumes-and-hooks', 'take-home'].map(
    (step) => `/lessons/runc-by-hand/${step}`,
  )
  for (const path of ['/', ...long, '/print/runc-by-hand', '/glossary/runc-by-hand']) {
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
    assert.deepEqual(await cutOff(page), [], `words of ${path} are cut off`)
  }
  await learner.context.close()
})

/** Buttons and links of the lesson whose words do not fit into them. */
const cutOff = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('main :is(button, a, summary, label, input)')]
    .filter((each) => each.offsetParent && each.type !== 'radio' && each.type !== 'checkbox')
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline')
    .map((each) => each.outerHTML.slice(0, 120))`)

/** Presses Tab until the focus is on what has this name; fails if it never comes there. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let press = 0; press < 120; press++) {
    await page.keyboard.press('Tab')
    const here = await page.evaluate<string>(`(() => {
      const { activeElement: it } = document
      return it.getAttribute('aria-label') || it.closest('label')?.innerText || it.labels?.[0]?.innerText || it.innerText || ''
    })()`)
    if (name.test(here)) return
  }
  throw new Error(`no Tab leads to ${name}`)
}

test('one step with the keyboard alone: read, run, edit, hint, answer, start over, go on', async () => {
  const learner = await Learner.arrive(stage, { reducedMotion: 'reduce' })
  const { page } = learner
  await learner.openStep('two-views')
  await learner.inSandbox(
    'mkdir -p /tmp/mycontainer/rootfs/bin && cd /tmp/mycontainer && cp "$(command -v busybox)" rootfs/bin/ && ln -sf busybox rootfs/bin/sleep && runc spec',
  )
  await learner.editorShows('"ociVersion"')
  // Out of the terminal, which has the other keys, into the text.
  const inText = () =>
    page.evaluate(() => document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane'))
  const toText = async () => {
    for (let press = 0; press < 6 && (await inText()) !== 'prose'; press++) await page.keyboard.press('F6')
    assert.equal(await inText(), 'prose')
  }
  await toText()
  await page.keyboard.press('End')
  await tabTo(page, /^Run in terminal 2: cd \/tmp\/mycontainer/)
  await page.keyboard.press('Enter')
  await learner.prompt(2)
  await toText()
  await tabTo(page, /^Apply: No terminal/)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^Applied: No terminal/ }).waitFor()
  await tabTo(page, /^Run in terminal 2: runc run --detach demo/)
  await page.keyboard.press('Enter')
  await learner.stepDone()
  await toText()
  await tabTo(page, /^One$/)
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  await page.getByText('gives it a number of its own').first().waitFor()
  await tabTo(page, /^Give me a hint/)
  await page.keyboard.press('Space')
  await page.getByText('Fits your sandbox now').waitFor()
  await tabTo(page, /^The sandbox$/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText('thrown away').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  // Whoever asked for less motion gets none.
  const moving = await page.evaluate(
    () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
  )
  assert.equal(moving, 0)
  await tabTo(page, /^Next: Make it yours/)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/make-it-yours')
  await learner.leave()
})

test('axe finds nothing on a page that waits for a place, and on one that has stumbled', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const late = await Learner.arrive(stage, { colorScheme })
    await late.goto('/lessons/runc-by-hand/memory')
    await late.page.getByText('All sandboxes of this lab are in use.').waitFor()
    assert.deepEqual(await violations(late), [], `full, ${colorScheme}`)
    await late.goto('/')
    // React's own part of the page is alive once the theme can be switched.
    await late.page
      .getByRole('button', { name: `${colorScheme === 'dark' ? 'Dark' : 'Light'} theme` })
      .click()
    await late.page.evaluate(() => {
      Object.assign(window, { findIndex: Array.prototype.findIndex })
      Array.prototype.findIndex = () => {
        throw new Error('something that should not happen')
      }
      localStorage.setItem('runclab.progress', '{"version":1,"passed":{"runc-by-hand":["meet-the-tools"]}}')
      window.dispatchEvent(new StorageEvent('storage', { key: 'runclab.progress' }))
    })
    await late.page.getByText('This page has stumbled').waitFor()
    assert.deepEqual(await violations(late), [], `stumbled, ${colorScheme}`)
    await late.context.close()
  }
})
