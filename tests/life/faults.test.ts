/** The host process killed at every step of a sandbox's life, and the host breaking under it: no leak, others unharmed, the learner goes on. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { STEPS, type Step } from '../../server/host/steps.ts'
import { connectLearner, type Learner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

const idOf = ({ client }: Learner) => {
  const { sandbox } = client.view
  return sandbox?.state === 'ready' ? sandbox.id : ''
}

/** A lab with somebody in it whom nothing that happens to others may harm. */
async function withBystander(
  extra: Record<string, string>,
  body: (lab: TestLab) => Promise<void>,
): Promise<void> {
  const lab = await TestLab.start({ LAB_ON_STOP: 'keep', ...extra })
  try {
    const bystander = await connectLearner(lab)
    await (await Shell.open(bystander.client)).paste('echo mine > /root/mine; setsid --fork sleep 7651234')
    const id = idOf(bystander)
    await body(lab)
    const { client } = bystander
    await until(
      'the bystander is there',
      () => client.view.connection === 'open' && idOf(bystander) === id,
      20_000,
    )
    const shell = await Shell.open(bystander.client, 2)
    assert.equal(await shell.paste('cat /root/mine; pgrep -fc "sleep 7651234"'), 'mine\n1\n')
    const known = new Set(lab.sandboxIds())
    assert.equal(residue(lab.name).loops.length, known.size, 'a loop device for each sandbox')
    assert.deepEqual(new Set(fs.readdirSync(path.join(lab.env.LAB_STATE_DIR!, 'sandboxes'))), known)
    assert.deepEqual(new Set(fs.readdirSync(path.join(lab.env.LAB_RUN_DIR!, 'runc'))), known)
  } finally {
    stopLearners()
    await lab.stop()
  }
  assert.deepEqual(residue(lab.name), NOTHING)
}

/** Starts the host process again so that it kills itself at `step`; resolves when it has. */
async function untilKilledAt(lab: TestLab, step: Step, act: () => Promise<unknown>): Promise<void> {
  await lab.killHost()
  lab.env.RUNCLAB_STOP_AT = step
  const started = lab.startHost().catch(() => {})
  const gone = until(`it was killed at ${step}`, () => started.then(() => !alive(lab)), 20_000)
  await started
  await Promise.race([
    gone,
    act().then(
      () => gone,
      () => gone,
    ),
  ])
  delete lab.env.RUNCLAB_STOP_AT
  await lab.startHost()
}

function alive(lab: TestLab): boolean {
  try {
    process.kill(lab.hostPid, 0)
    return true
  } catch {
    return false
  }
}

describe('the host process killed', () => {
  for (const step of STEPS)
    test(`at ${step}`, () =>
      withBystander(
        { LAB_WARM_MIN: '1', LAB_WARM_MAX: step.startsWith('assign') ? '1' : '0' },
        async (lab) => {
          const learner = await connectLearner(lab)
          const shell = await Shell.open(learner.client)
          await shell.paste('mkdir -p /tmp/mycontainer; echo kept > /tmp/mycontainer/config.json')
          const needsKept = step.startsWith('restore') || step.startsWith('keep')
          if (needsKept) await lab.killHost('SIGTERM')
          if (needsKept) await lab.startHost()
          await untilKilledAt(lab, step, async () => {
            // Learners come and begin anew, until one of them gets there.
            while (alive(lab)) {
              const other = await connectLearner(lab)
              other.client.send({ type: 'reset' })
              await sleep(500)
              other.stop()
            }
          })
          const again = await connectLearner(lab, learner.cookie)
          assert.equal(
            await (await Shell.open(again.client, 3)).paste('cat /tmp/mycontainer/config.json'),
            'kept\n',
          )
        },
      ))
})
