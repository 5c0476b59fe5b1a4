/** The editor that knows runC, in Chromium on a real sandbox: what it says before a run, after one, and what it brings back. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { until } from '../helpers/until.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const DIR = '/tmp/mycontainer'
let stage: Stage
let learner: Learner
let page: Page
before(async () => {
  stage = await startStage()
  learner = await Learner.arrive(stage, { viewport: { width: 1280, height: 1000 } })
  page = learner.page
  await learner.openStep('make-it-yours')
  await learner.type(
    `mkdir -p ${DIR}/rootfs && cd ${DIR} && docker export $(docker create busybox) | tar -C rootfs -xf - && clear\r`,
  )
  await learner.sees(/^root@lab:\/tmp\/mycontainer#$/m, 1, 30_000)
})
after(() => stage?.stop())

/** Runs a command in the terminal and waits until it prints its own end. */
async function shell(command: string): Promise<void> {
  await learner.type(`clear; ${command}; echo "[done]"\r`)
  await learner.sees(/^\[done\]$/m)
}
/** Waits until a command, tried again and again, prints this one line: saves take their time. */
async function prints(command: string, wanted: string): Promise<void> {
  let last = ''
  await until(`${command} prints ${wanted}`, async () => {
    await learner.type(`clear; echo "<$(${command})>"\r`)
    last = /^<(.*)>$/m.exec(await learner.sees(/^<.*>$/m))![1]!
    return last === wanted
  }).catch((error: Error) => assert.fail(`${error.message}; it prints ${last}`))
}
const fresh = () => shell('rm -f config.json && runc spec')
const menu = async (item: string) => {
  await page.getByRole('button', { name: 'More for this file' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
const card = () => page.getByRole('region', { name: 'What the message means' })
const problems = () => page.getByRole('region', { name: 'Problems' })

describe('before a run', () => {
  test('a bundle elsewhere is found and offered', async () => {
    await shell('mkdir /root/b && (cd /root/b && runc spec)')
    await page.getByRole('button', { name: 'Open /root/b/config.json' }).click()
    await learner.editorShows('"ociVersion"')
    await page.getByRole('tab', { name: /config.json mycontainer/ }).click()
    await page.getByRole('button', { name: 'Close /root/b/config.json' }).click()
    await shell('rm -r /root/b')
  })

  test('a field is explained where one points at it', async () => {
    await fresh()
    await learner.editorShows('"ociVersion"')
    await page.getByText('"ociVersion"', { exact: true }).hover()
    await page.locator('.monaco-hover').getByText('Version of the specification').waitFor()
    await page.mouse.move(5, 5)
  })

  test('keys are completed, with what belongs behind them', async () => {
    await learner.replaceInEditor('"terminal": true', '"terminal": true, "oomSc')
    await page.locator('.suggest-widget').getByText('oomScoreAdj').first().waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.type('100')
    await learner.saved()
    await prints('jq .process.oomScoreAdj config.json', '100')
  })

  test('values are completed with what this machine has', async () => {
    await learner.replaceInEditor('"CAP_KILL"', '"CAP_KILL", "CAP_SYS_CHR')
    await page.locator('.suggest-widget').getByText('CAP_SYS_CHROOT').first().waitFor()
    await page.keyboard.press('Enter')
    await learner.saved()
    await prints('grep -c CAP_SYS_CHROOT config.json', '1')
  })

  test('what has been saved can be undone, and reset to what runc spec writes', async () => {
    await page.locator('.monaco-editor .view-lines').first().click()
    await page.keyboard.press('Control+z')
    await prints('grep -c CAP_SYS_CHROOT config.json', '0')
    await menu('Reset to runc spec')
    await learner.saved()
    await shell('mkdir /tmp/s && (cd /tmp/s && runc spec)')
    await prints('cmp config.json /tmp/s/config.json && echo same', 'same')
  })

  test('a mistake is underlined, counted, explained, and mended by its fix', async () => {
    await shell(`sed -i 's/"cwd": "\\/"/"cwd": "data"/' config.json`)
    const list = problems()
    await list.getByRole('button', { name: /^Problems.*runc refuses this/ }).click()
    await list.getByRole('button', { name: /runc refuses this: .*process\/cwd/ }).click()
    await page.locator('.squiggly-error').first().waitFor()
    // By the keyboard, as anywhere in Monaco.
    await page.keyboard.press('Control+.')
    await page.locator('.action-widget').getByText('Use "/data"').waitFor()
    await page.keyboard.press('Escape')
    await list.getByRole('button', { name: 'Use "/data"' }).click()
    await learner.saved()
    await prints('jq -r .process.cwd config.json', '/data')
    await list.getByText('runc refuses this').first().waitFor({ state: 'detached' })
    await fresh()
  })

  test('the rootfs is looked into: a program that is not there is reported before it is run', async () => {
    await shell(`sed -i 's/"sh"/"bash"/' config.json`)
    await problems().getByText('runc refuses this').first().waitFor()
    await shell('cp rootfs/bin/busybox rootfs/bin/bash')
    await problems().getByText('runc refuses this').first().waitFor({ state: 'detached' })
    await shell(`rm rootfs/bin/bash; sed -i 's/"bash"/"sh"/' config.json`)
  })

  test('common changes are made in one step', async () => {
    await menu('Insert')
    await page.getByRole('combobox', { name: 'Insert into config.json' }).fill('limit memory')
    await page.keyboard.press('Enter')
    await learner.saved()
    await prints('jq .linux.resources.memory.limit config.json', '67108864')
    await page.getByRole('navigation', { name: 'Place in the file' }).getByText('memory').waitFor()
  })

  test('a link in the lesson leads to its field', async () => {
    await page.getByRole('main').getByRole('button', { name: 'hostname', exact: true }).first().click()
    await page.locator('.lab-revealed').getByText('"hostname"').waitFor()
  })
})

describe('after a run', () => {
  test('the message of runc is explained, with the line, a fix and a way to see it', async () => {
    await fresh()
    await shell(`sed -i 's/"cwd": "\\/"/"cwd": "data"/' config.json`)
    await learner.type('clear; runc run demo\r')
    await learner.sees('Cwd must be an absolute path')
    await card().getByText('The working directory is not an absolute path').waitFor()
    await page.locator('.lab-revealed').getByText('"cwd"').waitFor()
    await card().getByRole('button', { name: 'Show the line' }).click()
    await page.getByRole('navigation', { name: 'Place in the file' }).getByText('cwd').waitFor()
    await card().getByRole('button', { name: 'Use "/data"' }).click()
    await learner.saved()
    await card().waitFor({ state: 'detached' })
  })

  test('a run that works says nothing', async () => {
    await learner.type('clear; runc run demo\r')
    await learner.sees(/^\/data #/m)
    await learner.type('exit\r')
    await learner.sees(/^root@lab:/m)
    assert.equal(await card().count(), 0)
  })

  test('a message that nobody knows is shown as it is, and stays away once dismissed', async () => {
    await learner.type(
      `clear; echo 'time="2026" level=error msg="runc run failed: the moon is \\"full\\""'\r`,
    )
    await card().getByText('A message that this lab does not know').waitFor()
    await card().getByText('runc run failed: the moon is "full"').waitFor()
    await page.reload()
    await learner.prompt()
    await card().getByText('A message that this lab does not know').waitFor()
    await card().getByRole('button', { name: 'Dismiss' }).click()
    await page.reload()
    await learner.sees(/the moon/)
    await learner.editorShows('"ociVersion"')
    // What comes later is explained, so what was dismissed has been passed over.
    await shell(`sed -i 's/"cwd": "\\/data"/"cwd": "data"/' config.json`)
    await learner.type('clear; runc run demo\r')
    await card().getByText('The working directory is not an absolute path').waitFor()
    assert.equal(await card().getByText('does not know').count(), 0)
    await shell(`sed -i 's/"cwd": "data"/"cwd": "\\/data"/' config.json`)
  })

  test('runs are kept with what came of them, to be compared and brought back', async () => {
    await learner.replaceInEditor('"cwd": "/data"', '"cwd": "/elsewhere"')
    await learner.saved()
    await menu('Compare with the last run that worked')
    await page.getByText('1 difference', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await menu('Compare with runc spec')
    await page.getByText('1 difference', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Take the left side' }).click()
    await page.getByText('No difference').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await learner.saved()
    await prints('jq -r .process.cwd config.json', '/')
    await menu('History of runs')
    const runs = page.getByRole('dialog', { name: 'Runs' }).getByRole('listitem')
    const refused = runs.filter({ hasText: 'refused: runc run failed: Cwd must be an absolute path' })
    await refused.first().waitFor()
    await runs.filter({ hasText: 'ran, exit status 0' }).getByRole('button', { name: 'Restore' }).click()
    await learner.saved()
    await prints('jq -r .process.cwd config.json', '/data')
  })
})

describe('other files', () => {
  const open = async (path: string) => {
    await page.getByRole('button', { name: 'Open another file' }).click()
    await page.getByRole('combobox').fill(path)
    await page.keyboard.press('Enter')
  }

  test('are opened by their path, in tabs, and saved', async () => {
    await shell('printf "%s\\\\n" first second > /tmp/notes.txt')
    await open('/tmp/notes.txt')
    await learner.editorShows('second')
    await learner.replaceInEditor('second', 'third')
    await learner.saved()
    await prints('tail -n 1 /tmp/notes.txt', 'third')
    assert.equal(await page.getByRole('tablist', { name: 'Files' }).getByRole('tab').count(), 2)
  })

  test('that cannot be edited say why', async () => {
    await shell('truncate -s 2M /tmp/large; head -c 99 /dev/urandom > /tmp/bytes')
    await open('/tmp/large')
    await page.getByText('large cannot be shown here: it is larger than 1 MiB.').waitFor()
    await open('/tmp/bytes')
    await page.getByText('bytes cannot be shown here: it is not a text file.').waitFor()
    await shell('cd /tmp && echo still > ro && mount --bind ro ro && mount -o remount,bind,ro ro')
    await open('/tmp/ro')
    await page.getByText('This file cannot be written, not even by root in this sandbox.').waitFor()
    await open('/tmp/nothing')
    await page.getByRole('button', { name: 'Make an empty file' }).click()
    await learner.saved()
    await prints('stat -c %s /tmp/nothing', '0')
    await shell('umount ro')
    await learner.leave()
  })
})
