/** What a page says when its sandbox is about to go, and when it is gone and rebuilt; on a host process whose times the test sets. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { now } from '../../server/host/life/clock.ts'
import type { Registry } from '../../server/host/registry.ts'
import { Learner, type Stage } from './helpers/browser.ts'
import { LONG, longLife, startOwnRegistry } from './helpers/own-registry.ts'

const MINUTE = 60_000
/** Changed while the lab runs: a minute is too long for a test. */
const life = longLife()

let stage: Stage
let registry: Registry
let learner: Learner

before(async () => {
  ;({ stage, registry } = await startOwnRegistry({ LAB_MAX_SANDBOXES: '3' }, { life }))
  learner = await Learner.arrive(stage, { acceptDownloads: true })
  await learner.openStep('the-bundle')
})
after(async () => {
  await stage?.stop()
  // A host process ends by leaving, as main.ts does: what it still watches has no other end.
  setTimeout(process.exit, 1000).unref()
})

/** The only learner with a sandbox. */
const session = () => registry.find([...sessionsOf(registry)][0]!)!
function sessionsOf(registry: Registry): string[] {
  return fs
    .readdirSync(path.join(stage.lab.env.LAB_STATE_DIR!, 'sandboxes'))
    .map((id) => JSON.parse(fs.readFileSync(sandboxFile(id), 'utf8')).owner)
    .filter((owner) => registry.find(owner))
}
const sandboxFile = (id: string) => path.join(stage.lab.env.LAB_STATE_DIR!, 'sandboxes', id, 'sandbox.json')

const text = (wanted: string | RegExp) => learner.page.getByText(wanted)

describe('a sandbox that is about to go', () => {
  test('because nobody does anything: a button keeps it', async () => {
    life.idleMs = 16_000
    const warning = text(
      /Nobody has done anything here for a while\. Your sandbox is cleared away in \d+ seconds?/,
    )
    await warning.waitFor({ timeout: 30_000 })
    assert.match(await learner.page.title(), /^\(!\) Sandbox ends soon/)
    await learner.page.getByRole('button', { name: 'I am still here' }).click()
    await warning.waitFor({ state: 'detached' })
    life.idleMs = LONG
    assert.doesNotMatch(await learner.page.title(), /ends soon/)
  })

  test('because it is old: it is extended once, and then there is only farewell', async () => {
    const age = () => now() - session().begunAt
    life.warnMs = 2 * MINUTE
    // It has to be as old as it has left to live.
    life.maxMs = age() + Math.min(50_000, age())
    await text('This sandbox has nearly reached its greatest age.').waitFor()
    await learner.page.getByRole('button', { name: '60 minutes more' }).click()
    await text('greatest age').waitFor({ state: 'detached' })
    life.warnMs = 30 * MINUTE
    life.maxMs = age() + Math.min(50_000, age()) - life.extensionMs
    await text(/It cannot be kept any longer: take with you what you need\./).waitFor()
    life.maxMs = LONG
    await text('It cannot be kept').waitFor({ state: 'detached' })
  })

  test('because the lab is drained: one is told, and who comes new is not let in', async () => {
    registry.drain(5 * MINUTE)
    await text(
      /will be stopped for a while\. Your sandbox is cleared away in 5 minutes\. Finish .* files are kept/,
    ).waitFor()
    const late = await Learner.arrive(stage)
    await late.goto('/lessons/runc-by-hand/the-bundle')
    await late.page.getByText('This lab is being stopped and takes nobody new.').waitFor()
    registry.cancelDrain()
    await text('will be stopped').waitFor({ state: 'detached' })
    await late.prompt()
    await late.leave()
  })
})

test('files are taken home, brought back, and are in the next sandbox when the first was reclaimed', async () => {
  const { page } = learner
  await learner.inSandbox('mkdir -p /tmp/mycontainer; echo mine > /tmp/mycontainer/note')
  const menu = page.getByRole('button', { name: 'My files' })
  await menu.click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /Download my files/ }).click(),
  ])
  const home = path.join(os.tmpdir(), `${stage.lab.name}.tar.gz`)
  try {
    await download.saveAs(home)
    await learner.inSandbox('rm /tmp/mycontainer/note')
    await menu.click()
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('menuitem', { name: /Bring files back/ }).click(),
    ])
    await chooser.setFiles(home)
    await page.getByText('Your files are in the sandbox.').waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    assert.equal(await learner.inSandbox('cat /tmp/mycontainer/note'), 'mine\n')
  } finally {
    fs.rmSync(home, { force: true })
  }
  life.idleMs = 100
  await text('Nobody did anything here for a while, so this sandbox was cleared away.').waitFor()
  life.idleMs = LONG
  await page.getByRole('button', { name: 'Get a fresh one' }).click()
  await text(/This is a fresh one with your files as they were kept on/).waitFor({ timeout: 30_000 })
  assert.equal(await learner.inSandbox('cat /tmp/mycontainer/note'), 'mine\n')
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await learner.prompt()
  await learner.leave()
})
