/** The lens in Chromium: a container appears by itself, each line of the file has its fact, and one leads to the other. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage

before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

const BUNDLE = `mkdir -p /tmp/mycontainer/rootfs/bin && cd /tmp/mycontainer && cp "$(command -v busybox)" rootfs/bin/ && ln -sf busybox rootfs/bin/sleep && runc spec &&
  jq '.process.terminal = false | .process.args = ["sleep", "1000"] | .linux.resources.pids.limit = 20 | .linux.resources.memory.limit = 33554432' config.json > new && mv new config.json`
const RUN = 'cd /tmp/mycontainer && runc run -d mycontainer < /dev/null > /dev/null 2>&1'

test('a container shows up live, and rows and lines lead to each other', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('meet-the-tools')
  await page.getByRole('button', { name: 'Lens' }).click()
  await page.getByText('No container yet').waitFor()
  await learner.inSandbox(BUNDLE)
  await learner.inSandbox(RUN)
  const list = page.getByRole('list', { name: 'Containers' })
  await list.getByText('mycontainer').waitFor()
  const row = (pointer: string) => page.locator(`[data-pointer="${pointer}"]`).first()
  await row('/linux/resources/memory/limit').waitFor()
  assert.equal(await row('/linux/resources/memory/limit').getAttribute('data-verdict'), 'equal')

  // From a fact to its line …
  await row('/linux/resources/pids/limit').getByRole('button').first().click()
  await learner.editorShows('"limit": 20')
  await page.getByText('/sys/fs/cgroup/', { exact: false }).first().waitFor()
  await page.locator('.lab-mark-in-force, [class*="in-force"]').first().waitFor({ state: 'attached' })

  // … and from a line to its fact.
  await page.locator('.monaco-editor .view-lines').first().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('Control+f')
  await page.getByRole('textbox', { name: 'Find' }).fill('"hostname"')
  await page.getByText(/^1 of \d+$/).waitFor()
  await page.keyboard.press('Escape')
  await until(
    'the fact of the line lights up',
    async () => (await row('/hostname').getAttribute('data-lit')) === 'true',
  )

  // An edit is marked as not in force.
  await learner.replaceInEditor('"limit": 20', '"limit": 40')
  await learner.saved()
  await row('/linux/resources/pids/limit').getByText('edited since').waitFor()

  // The same, seen in the terminal.
  const command = page.getByRole('button', { name: /^Run: .*pids\.max/ })
  if ((await command.count()) === 0)
    await row('/linux/resources/pids/limit').getByRole('button').first().click()
  await command.click()
  await learner.sees(/pids\.max\n20/)

  for (const [tab, seen] of [
    ['Namespaces', 'table[data-lens="lanes"] >> text=network'],
    ['Processes', '[data-pid="1"] >> text=sleep'],
    ['Capabilities', 'table[data-lens="capabilities"] >> text=NET_BIND_SERVICE'],
    ['Mounts', 'table[data-lens="mounts"] >> text=masked'],
    ['Cgroup', '[data-gauge="Memory"] >> text=/of 32 MiB/'],
    ['Timeline', '[data-pane="lens"] >> text=Started'],
    ['Compare', 'select'],
  ] as const) {
    await page.getByRole('tab', { name: tab, exact: true }).click()
    await page.locator(seen).first().waitFor()
  }

  await learner.inSandbox('runc pause mycontainer')
  await page.locator('[aria-current="step"]', { hasText: 'paused' }).waitFor()
  await learner.inSandbox('runc resume mycontainer; runc kill mycontainer KILL')
  await page.getByText('137 = 128 + 9 (SIGKILL)', { exact: false }).first().waitFor()
  await learner.leave()
})

test('the lens stays as it was left, and a phone has it behind a tab of its own', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.openStep('meet-the-tools')
  const lens = page.getByRole('region', { name: 'Lens' })
  assert.equal(await lens.count(), 0)
  await page.getByRole('button', { name: 'Lens' }).click()
  await lens.waitFor()
  await page.reload()
  await lens.waitFor()
  await page.getByRole('button', { name: 'Close the lens' }).click()
  await lens.waitFor({ state: 'detached' })
  await page.reload()
  await learner.prompt()
  assert.equal(await lens.count(), 0)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('tab', { name: 'Lens' }).click()
  await lens.waitFor()
  assert.equal(await page.getByRole('region', { name: 'Editor' }).isVisible(), false)
  await page.getByRole('tab', { name: 'Machine' }).click()
  await page.getByRole('region', { name: 'Editor' }).waitFor()
  await learner.leave()
})
