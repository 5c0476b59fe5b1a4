/** Programs that print what they should not: nothing of it reaches the clipboard, the page, or the shell's keyboard. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
let learner: Learner
before(async () => {
  stage = await startStage()
  learner = await Learner.arrive(stage, { permissions: ['clipboard-read', 'clipboard-write'] })
  await learner.openStep('the-bundle')
  // Prints its argument, and then what comes back as if typed.
  await learner.inSandbox(`cat > /usr/local/bin/answer <<'END'
#!/bin/bash
stty -echo raw
printf "$1"
read -r -t 0.5 -N 10000 back
stty sane
printf '\\r\\e[2J\\e[Hanswer<%s>\\n' "$(printf %s "$back" | sed -e 's/\\x1b/ESC/g' | tr '\\0-\\37' '.')"
END
chmod +x /usr/local/bin/answer`)
})
after(async () => {
  await learner?.leave()
  await stage?.stop()
})

async function answer(sequence: string): Promise<string> {
  await learner.type(`clear; answer '${sequence}'\r`)
  const screen = await learner.sees(/^answer<.*>/ms)
  const text = /^answer<(.*?)>$/ms.exec(screen)![1]!
  await learner.type('clear\r')
  await learner.sees(/^root@lab[^\n]*# *\n*$/)
  return text
}

test('OSC 52 neither reads nor writes the clipboard', async () => {
  const { page } = learner
  await page.evaluate(() => navigator.clipboard.writeText('mine'))
  assert.equal(await answer('\\e]52;c;?\\a'), '')
  assert.equal(await answer('\\e]52;c;aGFja2Vk\\a\\e]52;p;aGFja2Vk\\e\\\\'), '')
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'mine')
})

test('OSC 0, 1 and 2 change no title, and it cannot be asked for', async () => {
  const { page } = learner
  const title = await page.title()
  for (const which of [0, 1, 2]) assert.equal(await answer(`\\e]${which};rm -rf /\\n\\a\\e[20t\\e[21t`), '')
  assert.equal(await answer('\\e]0;x\\a\\e[22;0t\\e]0;y\\a\\e[23;0t\\e[21t'), '')
  assert.equal(await page.title(), title)
})

test('the size and place of the window cannot be asked for or changed', async () => {
  const before = learner.page.viewportSize()
  for (const n of ['3;9;9', '4;10;10', '8;10;10', '9;1', '11', '13', '14', '15', '16', '18', '19'])
    assert.equal(await answer(`\\e[${n}t`), '', n)
  assert.deepEqual(learner.page.viewportSize(), before)
})

test('OSC 8: only addresses of the web are links, and the true one is shown', async () => {
  const { page, context } = learner
  const link = (address: string, text: string) => `\\e]8;;${address}\\e\\\\${text}\\e]8;;\\e\\\\`
  await learner.type(
    `clear; printf '${link('javascript:alert(1)', 'https-looking')}\\n${link('file:///etc/passwd', 'a-file-link')}\\n` +
      `${link('https://evil.example/x', 'good-bank')}\\n'; echo end\r`,
  )
  await learner.sees(/^end$/m)
  const at = async (text: string) => {
    const row = page.locator('[data-terminal="Terminal 1"] .xterm-rows > div', {
      hasText: new RegExp(`^${text}`),
    })
    const box = (await row.boundingBox())!
    await page.mouse.move(5, 5)
    await page.mouse.move(box.x + 30, box.y + box.height / 2)
    await page.mouse.move(box.x + 32, box.y + box.height / 2)
  }
  const hint = page.getByText('Ctrl+click opens it')
  await at('good-bank')
  await hint.waitFor()
  await page.getByText('https://evil.example/x').waitFor()
  for (const text of ['https-looking', 'a-file-link']) {
    await at(text)
    await hint.waitFor({ state: 'detached' })
    await page.keyboard.down('Control')
    await page.mouse.down()
    await page.mouse.up()
    await page.keyboard.up('Control')
  }
  assert.equal(context.pages().length, 1)
})

test('what is answered is fixed: none of it was chosen by who asks', async () => {
  const cases: [string, RegExp][] = [
    ['\\e[c', /^ESC\[\?[\d;]+c$/],
    ['\\e[>c', /^ESC\[>[\d;]+c$/],
    ['\\e[=c', /^(ESCP![|][0-9A-F]+ESC\\)?$/],
    ['\\e[5n', /^ESC\[0n$/],
    ['\\e[6n', /^ESC\[\d+;\d+R$/],
    ['\\e[?6n', /^(ESC\[\?\d+;\d+R)?$/],
    ['\\e[>q', /^(ESCP>[|]xterm\.js\([\w.-]+\)ESC\\)?$/],
    ['\\eP$qm\\e\\\\', /^ESCP1\$r0mESC\\$/],
    ['\\eP$qrm -rf x\\r\\e\\\\', /^ESCP0\$rESC\\$/],
    ['\\eP+q726d202d7266\\e\\\\', /^$/],
    ['\\e[?2004$p', /^ESC\[\?2004;\d\$y$/],
    ['\\e]4;1;?\\a', /^ESC\]4;1;rgb:[0-9a-f]{4}\/[0-9a-f]{4}\/[0-9a-f]{4}ESC\\$/],
    ['\\e]10;?\\a', /^ESC\]10;rgb:[0-9a-f]{4}\/[0-9a-f]{4}\/[0-9a-f]{4}ESC\\$/],
    ['\\e]11;?\\a', /^ESC\]11;rgb:[0-9a-f]{4}\/[0-9a-f]{4}\/[0-9a-f]{4}ESC\\$/],
  ]
  for (const [sequence, expected] of cases) assert.match(await answer(sequence), expected, sequence)
})

test('ENQ, APC, PM, SOS, ReGIS and sixel, and the answers of others, are answered by nothing', async () => {
  for (const sequence of [
    '\\005',
    '\\e_rm -rf x\\r\\e\\\\',
    '\\e^rm -rf x\\r\\e\\\\',
    '\\eXrm -rf x\\r\\e\\\\',
    '\\eP0pS(E)\\e\\\\',
    '\\ePq#0;2;0;0;0\\e\\\\',
    '\\e]50;?\\a',
    '\\e]51;rm\\a',
    '\\e]1337;ReportVariable=bmFtZQ==\\a',
    '\\e]777;notify;a;b\\a',
    '\\e[?1;2c',
    '\\e[1x',
  ]) {
    assert.equal(await answer(sequence), '', sequence)
  }
})

test('no output becomes part of the page', async () => {
  const { page } = learner
  await learner.type(`clear; printf '<img src=x onerror=alert(1)><b>bold</b>'; echo\r`)
  await learner.sees('<img src=x onerror=alert(1)><b>bold</b>')
  assert.equal(await page.locator('.xterm img, .xterm b').count(), 0)
})
