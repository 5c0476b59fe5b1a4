/** A sandbox at one of its limits: the page says which one and what to do, and the shell goes on. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
let learner: Learner
before(async () => {
  stage = await startStage({ LAB_MEMORY_MIB: '192', LAB_PIDS: '120' })
  learner = await Learner.arrive(stage)
  await learner.openStep('the-bundle')
})
after(() => stage?.stop())

const text = (wanted: string | RegExp) => learner.page.getByText(wanted)

describe('a sandbox at its limit says which one and what to do, and goes on', () => {
  /** Types a line, waits for what the page says, and that the shell still answers. */
  async function meets(line: string, says: RegExp, hint: RegExp): Promise<void> {
    await learner.type(`${line}\r`)
    const notice = learner.page.getByRole('list', { name: 'Limits of your sandbox' }).locator('li')
    const ours = notice.filter({ hasText: says })
    await ours.waitFor({ timeout: 30_000 })
    assert.match((await ours.textContent())!, hint)
    const word = `alive-${Math.random().toString(36).slice(2, 7)}`
    await learner.type(`\recho ${word.slice(0, 5)}""${word.slice(5)}\r`)
    await learner.sees(new RegExp(`^${word}`, 'm'), 1, 30_000)
  }

  test('memory', () =>
    meets('tail /dev/zero', /Memory: limit reached\. The kernel killed .* the 192 MiB/, /Your shell lives\./))

  test('processes', () =>
    meets(
      "bash -c 'for i in $(seq 200); do sleep 2 & done; wait' 2>/dev/null",
      /Processes: limit reached\..* 120 processes and threads/,
      /pkill/,
    ))

  test('disk, until there is room again; and a notice is put away', async () => {
    await meets(
      'cd; fallocate -l $(( $(stat -f -c "%a*%S" /) )) all; echo x > y',
      /Disk: limit reached\. The disk of this sandbox is full \(2048 MiB\)/,
      /Delete what you do not need/,
    )
    await learner.type('rm -f all y\r')
    await text('The disk of this sandbox is full').waitFor({ state: 'detached', timeout: 20_000 })
    await learner.page.getByRole('button', { name: 'Put away: Memory' }).click()
    await text('Memory: limit reached.').waitFor({ state: 'detached' })
  })

  test('inodes', async () => {
    await meets(
      'mkdir -p /var/lib/docker/m; (cd /var/lib/docker/m; seq $(stat -f -c %d /) | xargs touch 2>&1 | tail -1)',
      /Number of files: limit reached\. This sandbox has no room for more files/,
      /Delete files/,
    )
    await learner.leave()
  })
})
