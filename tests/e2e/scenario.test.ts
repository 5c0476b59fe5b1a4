/** A scenario as Katacoda's authors wrote them, in Chromium: its panes, terminals, files, pictures, questions and hints. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const lessons = fs.mkdtempSync(path.join(os.tmpdir(), 'lessons-'))
let stage: Stage

const TEXT = `Run it beside: \`echo be\${x}side-$((6 * 7))\`{{execute T2}}

\`sleep 999\`{{execute T1}}, and then \`echo inter\${x}rupted\`{{execute interrupt T1}}

On the other host: \`hostname -f\`{{execute HOST2}}

<pre class="file" data-filename="app.js" data-target="replace">let a = 1
#TODO</pre>

<pre class="file" data-filename="app.js" data-target="insert" data-marker="#TODO">let b = 2</pre>

<pre class="file" data-filename="app.js" data-target="append">let c = 3</pre>

Look at \`app.js\`{{open}}, and at [the page](https://[[HOST_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com/a).

![A far picture](https://pictures.example/far.png)
`

const QUIZ = `>>Which one?<<
( ) this
(*) that

>>Its name?<<
=== run c

>>Nobody can answer this one<<
( ) no
`

const FILES: Record<string, string> = {
  'foreign/index.json': JSON.stringify({
    title: 'From elsewhere',
    details: {
      steps: [
        { title: 'Click', text: 'click.md', hint: 'hint.sh' },
        { title: 'Answer', text: 'answer.md' },
        { title: 'Answer, then do', text: 'both.md', verify: 'verify.sh' },
        { title: 'After', text: 'after.md' },
      ],
    },
    environment: { uilayout: 'terminal-iframe', uieditorpath: '/root/src', dashboards: [] },
    backend: { imageid: 'ubuntu:2004' },
  }),
  'foreign/click.md': TEXT,
  'foreign/answer.md': QUIZ,
  'foreign/both.md': '>>What now?<<\n=~= /docker +run/\n',
  'foreign/after.md': 'The end.',
  'foreign/hint.sh': '[ "$1" -ge 4 ] && echo "**Psst:** try \\`ls\\` after $1 <b>s</b>."; exit 3',
  'foreign/verify.sh': 'test -e /root/done',
  'editing/index.json': JSON.stringify({
    title: 'Only an editor',
    details: { steps: [{ title: 'Read', text: 'a.md' }] },
    environment: { uilayout: 'editor' },
  }),
  'pods/one/index.json': JSON.stringify({
    title: 'All pods',
    details: { steps: [{ title: 'List', text: 'a.md' }] },
    backend: { imageid: 'kubernetes-kubeadm-1node' },
  }),
  'pods/one/a.md': 'Look around.',
  'pods/two/index.json': JSON.stringify({
    title: 'A web server',
    details: {
      steps: [
        { title: 'Start', text: 'a.md' },
        { title: 'Stop', text: 'b.md' },
      ],
    },
    backend: { imageid: 'docker' },
  }),
  'pods/two/a.md': '`docker run -d nginx:alpine`{{exec}}',
  'pods/two/b.md': 'Nothing is amiss.',
  'editing/a.md': '`echo from-the-prose`{{exec}}',
}

before(async () => {
  fs.chmodSync(lessons, 0o755)
  for (const [name, text] of Object.entries(FILES)) {
    fs.mkdirSync(path.dirname(path.join(lessons, name)), { recursive: true })
    fs.writeFileSync(path.join(lessons, name), text)
  }
  stage = await startStage({ LESSONS_PATH: lessons })
})
after(async () => {
  await stage?.stop()
  fs.rmSync(lessons, { recursive: true })
})

test('a layout decides which panes are there, what happens in a hidden one shows it, and the learner has the last word', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  const toggle = (name: string) => page.getByRole('group', { name: 'Panes' }).getByRole('button', { name })
  const isShown = (pane: string) => page.locator(`#${pane}`).isVisible()

  await learner.goto('/lessons/foreign/click')
  await learner.prompt()
  assert.deepEqual([await isShown('editor'), await isShown('terminals')], [false, true])
  assert.equal(await toggle('Editor').getAttribute('aria-pressed'), 'false')
  await page.getByRole('button', { name: 'Open /root/src/app.js in the editor' }).click()
  await page.locator('#editor').waitFor()
  await toggle('Editor').click()
  assert.equal(await isShown('editor'), false)
  // The only pane that is left is not sent away: it is exchanged.
  await toggle('Terminal').click()
  assert.deepEqual([await isShown('editor'), await isShown('terminals')], [true, false])
  await page.reload()
  await until('the choice is kept', async () => (await isShown('editor')) && !(await isShown('terminals')))

  await learner.goto('/lessons/editing')
  await toggle('Terminal').waitFor()
  assert.deepEqual([await isShown('editor'), await isShown('terminals')], [true, false])
  await learner.run('echo from-the-prose')
  await learner.sees(/^from-the-prose/m)
  assert.equal(await isShown('terminals'), true)

  // Our own course has both, and no need of buttons for that.
  await learner.goto('/lessons/runc-by-hand/the-bundle')
  await page.locator('#editor').waitFor()
  assert.equal(await page.getByRole('group', { name: 'Panes' }).count(), 0)
  await learner.leave()
})

test('the home page lists lessons by course, and pages say what the machine lacks for them', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto('/')
  const course = page.getByRole('region', { name: 'Pods' })
  await course.getByText('to be read only').waitFor()
  assert.equal(await course.getByRole('listitem').count(), 2)
  await course.getByRole('link', { name: /All pods/ }).click()
  const lacks = page.getByRole('complementary', { name: 'What does not work here' })
  await lacks.getByText('kubernetes-kubeadm-1node').waitFor()

  await learner.goto('/lessons/pods-two/a')
  await lacks.getByText('Not all of this page works here').click()
  await lacks.getByText('nginx:alpine needs the internet').waitFor()
  await page.getByRole('link', { name: /Next/ }).last().click()
  await page.getByText('Nothing is amiss.').waitFor()
  assert.equal(await lacks.count(), 0)
  await learner.leave()
})

test('commands go to the terminal and the host that they name, files to the editor, pictures nowhere unasked', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.route('https://pictures.example/**', (route) => route.abort())
  await learner.goto('/lessons/foreign/click')
  await learner.prompt()

  await learner.run('sleep 999')
  await learner.sees(/sleep 999/)
  await learner.run('echo inter')
  await learner.sees(/^interrupted/m)
  await learner.run('echo be')
  await learner.sees(/^beside-42/m, 2)
  assert.equal(await page.getByRole('button', { name: /^Run: hostname/ }).count(), 0)
  await page.getByText('for host 2, which is not there').waitFor()
  assert.equal(await page.getByRole('button', { name: /curl -s http:\/\/localhost\/a/ }).count(), 2)

  const copied = async (name: RegExp, text: string) => {
    await page.getByRole('button', { name }).click()
    const content = () => learner.inSandbox('cat /root/src/app.js 2>/dev/null || true')
    await until(`the file is in the sandbox`, async () => (await content()).trim() === text).catch(
      async (error) => {
        const said = await page.locator('.edit-block-said').allInnerTexts()
        throw new Error(`${error.message}: ${await content()} and the page says ${said.join('|')}`)
      },
    )
  }
  await copied(/^Copy to editor: all of app.js/, 'let a = 1\n#TODO')
  await learner.editorShows('let a = 1')
  await copied(/^Copy to editor: into app.js/, 'let a = 1\nlet b = 2')
  await copied(/^Copy to editor: at the end of app.js/, 'let a = 1\nlet b = 2\nlet c = 3')

  assert.ok(!asked.some((url) => url.includes('pictures.example')), 'nothing is fetched unasked')
  await page.getByRole('button', { name: 'Show the picture from pictures.example: A far picture' }).click()
  await page.getByText('could not be fetched from pictures.example').waitFor()
  assert.ok(asked.includes('https://pictures.example/far.png'))

  // The script's exit status is no matter, and what it prints is text.
  await page
    .getByRole('region', { name: 'Hint of this lesson' })
    .getByText(/try ls after \d+ <b>s<\/b>\./)
    .waitFor()
  await learner.leave()
})

test('questions in the text stand before the way on, and do the step; a check is the last word', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  const next = () => page.getByRole('link', { name: /Next/ }).count()
  await learner.goto('/lessons/foreign/answer')
  // The terminal takes the focus when it comes: not between an answer and its Enter.
  await learner.prompt()
  const gate = page.getByRole('region', { name: 'Questions of this step' })
  await gate.getByText('0 of 2 answered').waitFor()
  assert.equal(await next(), 0)
  const ask = (question: string) => page.locator('form').filter({ hasText: question })
  const check = (question: string) => ask(question).getByRole('button', { name: 'Check the answer' }).click()
  await ask('Which one?').getByRole('radio', { name: 'this' }).check()
  await check('Which one?')
  await ask('Which one?').getByText('Not right').waitFor()
  await ask('Which one?').getByRole('radio', { name: 'that' }).check()
  await check('Which one?')
  await gate.getByText('1 of 2 answered').waitFor()
  await ask('Its name?').getByRole('textbox').fill('  Run   C ')
  await ask('Its name?').getByRole('textbox').press('Enter')
  await learner.stepDone()
  await page.reload()
  await learner.stepDone()
  await learner.prompt()
  await learner.next()

  await gate.getByText('0 of 1 answered').waitFor()
  assert.equal(await next(), 0)
  await ask('What now?').getByRole('textbox').fill('I would docker  run it')
  await check('What now?')
  await page.getByText('Checked while you work').waitFor()
  await learner.inSandbox('touch /root/done')
  await learner.stepDone()
  await learner.leave()
})
