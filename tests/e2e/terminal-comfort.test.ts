/** Search, size of type, width of characters, links, screen readers, fingers, and the graphics card. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

test('search in what has scrolled away', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  await learner.type('seq 1000 2000; clear -x\r')
  await learner.sees(/^root@lab[^\n]*# *$/m)
  await page.keyboard.press('Control+Shift+F')
  const field = page.getByRole('textbox', { name: 'Search in the terminal' })
  await field.fill('12')
  const count = page.getByRole('search').getByRole('status')
  const total = await until('it is counted', async () => /^\d+ of (\d+)$/.exec(await count.innerText())?.[1])
  assert.ok(Number(total) > 100)
  await field.fill('1234')
  await learner.sees(/^1234$/m)
  await until('there is one', async () => (await count.innerText()) === '1 of 1')
  await field.fill('9999')
  await until('there is none', async () => (await count.innerText()) === 'Not found')
  await field.fill('12')
  const at = async () => Number(/^(\d+) of/.exec(await count.innerText())?.[1])
  const first = await until('it is counted', at)
  await page.keyboard.press('Enter')
  await until('the one before', async () => (await at()) === first - 1)
  await page.keyboard.press('Shift+Enter')
  await until('the one after', async () => (await at()) === first)
  await page.keyboard.press('Escape')
  await field.waitFor({ state: 'detached' })
  await page.keyboard.type('echo back\r')
  await learner.sees(/^back$/m)
  await learner.leave()
})

test('the size of type changes by keys and menu, reaches the shell, and is kept', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  const columns = async () => {
    await learner.type('clear; stty size\r')
    return Number(/^\d+ (\d+)$/m.exec(await learner.sees(/^\d+ \d+$/m))![1])
  }
  const normal = await columns()
  for (let i = 0; i < 4; i++) await page.keyboard.press('Control+=')
  const large = await until('fewer columns', async () => {
    const now = await columns()
    return now < normal - 10 ? now : null
  })
  await page.reload()
  await learner.prompt()
  await until('still as many', async () => (await columns()) === large)
  await page.getByRole('button', { name: 'Terminal settings' }).click()
  await page.getByRole('menuitem', { name: 'Smaller text' }).click()
  await page.getByRole('menuitem', { name: 'Normal size' }).click()
  await until('as many as before', async () => (await columns()) === normal)
  await page.keyboard.press('Control+-')
  await until('more columns', async () => (await columns()) > normal)
  await page.keyboard.press('Control+0')
  await until('as many as before', async () => (await columns()) === normal)
  await learner.leave()
})

test('a pane with more room than a terminal may have leaves some of it empty', async () => {
  const learner = await Learner.arrive(stage, { viewport: { width: 12_000, height: 900 } })
  await learner.openStep('the-bundle')
  await learner.type('stty size\r')
  await learner.sees(/^\d+ 500$/m)
  await learner.leave()
})

test('characters are as wide as programs in the sandbox believe', async () => {
  const learner = await Learner.arrive(stage)
  await learner.openStep('the-bundle')
  // The cursor's column as the screen reports it, and the width as the C library has it.
  await learner.inSandbox(`cat > /tmp/width <<'END'
for text in 漢字 かな 한글 é e$'\\u0301' 😀 🫠 🥲 🧑‍🚀 ❤️ 👍🏽 → … ─ █; do
  stty -echo; printf '\\r%s\\e[6n' "$text"; IFS='[;' read -rsd R _ _ column; stty echo
  wide=$(printf %s "$text" | wc -L)
  [ $((column - 1)) = "$wide" ] && right=$((right + 1)) || printf '\\r\\e[Kwrong: %s %s %s\\n' "$text" "$column" "$wide"
done; printf '\\r\\e[K%s right\\n' $right
END`)
  await learner.type('clear; bash /tmp/width\r')
  const screen = await learner.sees(/^\d+ right$/m)
  assert.doesNotMatch(screen, /wrong/)
  assert.match(screen, /^15 right$/m)
  // Behind wide characters one deletes what one sees.
  await learner.type('clear\r')
  await learner.type('echo 漢字😀ab')
  await learner.page.keyboard.press('Backspace')
  await learner.page.keyboard.press('Backspace')
  await learner.page.keyboard.press('Backspace')
  await learner.type('c\r')
  await learner.sees(/^漢字c$/m)
  await learner.leave()
})

test('links: the address is shown, Ctrl+click opens it, a click alone does not', async () => {
  const learner = await Learner.arrive(stage)
  const { page, context } = learner
  await context.route('https://example.org/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<script>document.title = String(opener)</script>' }),
  )
  await learner.openStep('the-bundle')
  await learner.type('clear; echo https://example.org/docs\r')
  await learner.sees(/^https:\/\/example.org\/docs$/m)
  const row = page.locator('[data-terminal="Terminal 1"] .xterm-rows > div', { hasText: /^https:\/\/ex/ })
  const box = (await row.boundingBox())!
  await page.mouse.move(box.x + 40, box.y + box.height / 2)
  await page.mouse.move(box.x + 42, box.y + box.height / 2)
  await page.getByText('Ctrl+click opens it').waitFor()
  await page.mouse.click(box.x + 42, box.y + box.height / 2)
  const opened = context.waitForEvent('page')
  await page.keyboard.down('Control')
  await page.mouse.click(box.x + 42, box.y + box.height / 2)
  await page.keyboard.up('Control')
  const other = await opened
  await other.waitForLoadState()
  assert.equal(other.url(), 'https://example.org/docs')
  assert.equal(await other.title(), 'null')
  assert.equal(context.pages().length, 2)
  await learner.leave()
})

test('screen readers get the lines as text, once the learner wants it', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  await page.getByRole('button', { name: 'Terminal settings' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Screen reader support' }).click()
  await learner.type('echo spoken\r')
  const tree = page.locator('.xterm-accessibility')
  await until('the line is there', async () => /\nspoken\n/.test(await tree.innerText()))
  await page.getByRole('button', { name: 'Terminal settings' }).click()
  const item = page.getByRole('menuitemcheckbox', { name: 'Screen reader support' })
  assert.equal(await item.getAttribute('aria-checked'), 'true')
  await item.click()
  await tree.waitFor({ state: 'detached' })
  await learner.leave()
})

test('a menu is used by keyboard alone, and gives the focus back', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  const button = page.getByRole('button', { name: 'Terminal settings' })
  await button.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menu').waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await until('the first item', async () => /^Search/.test((await focused()) ?? ''))
  await page.keyboard.press('ArrowUp')
  assert.match((await focused()) ?? '', /^Screen reader/)
  await page.keyboard.press('ArrowDown')
  assert.match((await focused()) ?? '', /^Search/)
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })
  assert.equal(await button.evaluate((element) => element === document.activeElement), true)
  await learner.leave()
})

test('fingers have a row of keys, with a Ctrl that stays for one key', async () => {
  const learner = await Learner.arrive(stage, {
    viewport: { width: 375, height: 740 },
    hasTouch: true,
    isMobile: true,
  })
  const { page } = learner
  await learner.goto('/lessons/runc-by-hand/the-bundle')
  await page.getByRole('tab', { name: 'Machine' }).tap()
  await learner.prompt()
  const key = (name: string) =>
    page.getByRole('toolbar', { name: 'Keys' }).getByRole('button', { name }).tap()
  await learner.type('echo a')
  await key('Pipe')
  await learner.type('rev')
  await key('Left')
  await learner.type('X')
  await learner.sees(/echo a\|reXv/)
  await key('Control')
  await learner.type('c')
  await learner.sees(/echo a\|reX\^C/)
  await learner.type('echo c')
  await key('Slash')
  await key('Dash')
  await learner.sees(/echo c\/-$/m)
  await key('Control')
  await learner.type('c')
  await learner.type('ec')
  await key('Tabulator')
  await key('Up')
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0)
  await learner.leave()
})

test('on a desk there is no such row', async () => {
  const learner = await Learner.arrive(stage)
  await learner.openStep('the-bundle')
  assert.equal(await learner.page.getByRole('toolbar', { name: 'Keys' }).count(), 0)
  await learner.leave()
})

test('a graphics card draws the terminal until the browser takes it away', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  // The software of this machine says that it is a card: only the name keeps the page from using it.
  await page.addInitScript(() => {
    const real = WebGL2RenderingContext.prototype.getParameter
    WebGL2RenderingContext.prototype.getParameter = function (name) {
      return name === 0x9246 ? 'A card' : real.call(this, name)
    }
    const context = HTMLCanvasElement.prototype.getContext
    HTMLCanvasElement.prototype.getContext = function (
      this: HTMLCanvasElement,
      id: string,
      options?: object,
    ) {
      return context.call(this, id, { ...options, failIfMajorPerformanceCaveat: false } as never)
    } as typeof context
  })
  await learner.goto('/lessons/runc-by-hand/the-bundle')
  const canvas = page.locator('.xterm-screen > canvas').first()
  await canvas.waitFor({ state: 'attached', timeout: 20_000 })
  await page.evaluate(() => {
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('.xterm-screen > canvas'))
      canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')?.loseContext()
  })
  await canvas.waitFor({ state: 'detached', timeout: 20_000 })
  await learner.type('echo still\r')
  await learner.sees(/^still$/m)
  await learner.leave()
})

test('without a card the browser draws', async () => {
  const learner = await Learner.arrive(stage)
  await learner.openStep('the-bundle')
  await learner.page.evaluate(() => new Promise((done) => requestIdleCallback(done)))
  assert.equal(await learner.page.locator('.xterm-screen > canvas').count(), 0)
  await learner.leave()
})

test('a terminal has the name that the learner gives it, by mouse or keys, here and after a reload', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('the-bundle')
  const tab = (name: string) => page.getByRole('tab', { name, exact: true })
  await tab('Terminal 1').dblclick()
  const field = page.getByRole('textbox', { name: 'Name of Terminal 1' })
  await field.fill('watch')
  await field.press('Enter')
  await tab('watch, terminal 1').waitFor()
  await until('the focus is back', () =>
    tab('watch, terminal 1').evaluate((button) => button === document.activeElement),
  )
  // What is typed into the field goes to no shell, and Escape changes nothing.
  await page.keyboard.press('F2')
  await field.pressSequentially('x')
  await field.press('Escape')
  await tab('watch, terminal 1').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  assert.equal(await field.inputValue(), 'watch')
  await field.press('Escape')
  await page.reload()
  await learner.prompt()
  await tab('watch, terminal 1').waitFor()
  // An empty one takes it away.
  await tab('watch, terminal 1').dblclick()
  await field.fill('')
  await field.press('Enter')
  await tab('Terminal 1').waitFor()
  const more = page.getByRole('button', { name: 'Open another terminal' })
  for (let number = 2; number <= 6; number++) {
    await more.click()
    await tab(`Terminal ${number}`).waitFor()
  }
  assert.equal(await more.getAttribute('title'), 'There may be 6 terminals')
  assert.equal(await more.getAttribute('aria-disabled'), 'true')
  await learner.leave()
})
