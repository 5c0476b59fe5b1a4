/** The host process or the web process killed at every step of a sandbox's life: no leak, others unharmed, the learner goes on. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { NOBODY } from '../../server/host/life/warm-pool.ts'
import { sandboxPaths } from '../../server/host/providers/runc/paths.ts'
import { readRecord } from '../../server/host/providers/runc/record.ts'
import { STEPS, type Step } from '../../server/host/steps.ts'
import { connectLearner, type Learner, newCookie, startLearner, stopLearners } from '../helpers/client.ts'
import { initPid } from '../helpers/exec.ts'
import { TestLab } from '../helpers/lab.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'
import { archiveOf, keepFor, ownerOf, workOf } from './helpers/kept.ts'
import { assertNoLeak, idOf, isThere, Neighbour } from './helpers/neighbour.ts'

/**
 * What a learner does that leads to the step:
 * - comes: for the first time
 * - returns: after their sandbox has ended; their files were kept
 * - works: types in their shell, so that their files are kept
 * - begins anew
 */
type Act = 'comes' | 'returns' | 'works' | 'begins anew'
/** What they are in afterwards: the `same` sandbox as before, or a `fresh` one; with their files, or `empty`. */
type Outcome = 'same' | 'fresh, with files' | 'fresh, empty'

const TABLE: Record<Step, { act: Act; outcome: Outcome }> = {
  'wait.begun': { act: 'comes', outcome: 'fresh, empty' },
  'create.recorded': { act: 'comes', outcome: 'fresh, empty' },
  'create.limited': { act: 'comes', outcome: 'fresh, empty' },
  'create.started': { act: 'returns', outcome: 'fresh, with files' },
  'restore.before': { act: 'returns', outcome: 'fresh, with files' },
  'restore.half': { act: 'returns', outcome: 'fresh, with files' },
  'restore.after': { act: 'returns', outcome: 'fresh, with files' },
  'keep.before': { act: 'works', outcome: 'same' },
  'keep.half': { act: 'works', outcome: 'same' },
  'keep.whole': { act: 'works', outcome: 'same' },
  'keep.after': { act: 'works', outcome: 'same' },
  'reset.begun': { act: 'begins anew', outcome: 'fresh, empty' },
  'destroy.before': { act: 'begins anew', outcome: 'fresh, empty' },
  'destroy.killed': { act: 'begins anew', outcome: 'fresh, empty' },
  'destroy.state-gone': { act: 'begins anew', outcome: 'fresh, empty' },
  'adopt.found': { act: 'works', outcome: 'same' },
  'assign.before': { act: 'returns', outcome: 'fresh, with files' },
  'assign.after': { act: 'returns', outcome: 'fresh, with files' },
}

const ofPool = (step: Step) => step.startsWith('assign')

const FILE = '/tmp/mycontainer/config.json'

// Each has a lab of its own, so that they do not wait for one another.
describe('killed', { concurrency: true }, () => {
  for (const victim of ['host', 'web'] as const)
    describe(`the ${victim} process at`, { concurrency: 1 }, () => {
      let lab: TestLab
      let neighbour: Neighbour
      /** Kept files of a learner. */
      let work: Buffer
      let armed: string

      before(async () => {
        lab = await TestLab.start({ LAB_ON_STOP: 'keep', LAB_SAVE_SECONDS: '1' })
        armed = path.join(lab.dir, 'stop-at')
        lab.env.RUNCLAB_STOP_FILE = armed
        await lab.killHost('SIGTERM')
        await lab.startHost()
        neighbour = await Neighbour.settle(lab)
        const learner = await connectLearner(lab)
        const mine = `mkdir -p /tmp/mycontainer/rootfs; echo kept > ${FILE}; head -c 300K /dev/urandom > /root/more`
        await (await Shell.open(learner.client)).paste(mine)
        work = await workOf(lab, learner)
        learner.stop()
      })
      after(async () => {
        neighbour?.learner.stop()
        await lab?.stop()
        if (lab) assert.deepEqual(residue(lab.name), NOTHING)
      })

      const arm = (step: Step) => {
        const pid = victim === 'web' ? ` ${lab.webPid}` : ''
        fs.writeFileSync(`${armed}.new`, `${step}${pid}`)
        fs.renameSync(`${armed}.new`, armed)
      }
      const restart = async () => {
        await until('the step was reached', () => !fs.existsSync(armed))
        if (victim === 'host') await lab.hostEnded()
        else await lab.webEnded()
        await (victim === 'host' ? lab.startHost() : lab.startWeb())
      }

      /** Brings a learner so far that the next thing they do is `act`. */
      async function prepare(act: Act): Promise<Learner & { shell?: Shell }> {
        const cookie = await newCookie(lab)
        if (act === 'returns') keepFor(lab, ownerOf(cookie), work)
        if (act === 'comes' || act === 'returns') return startLearner(lab, cookie, { wait: true })
        const learner = await connectLearner(lab, cookie)
        const shell = await Shell.open(learner.client)
        await shell.paste(
          `mkdir -p /tmp/mycontainer; echo kept > ${FILE}; head -c 300K /dev/urandom > /root/more`,
        )
        return { ...learner, shell }
      }

      async function killedAt(step: Step): Promise<void> {
        const { act, outcome } = TABLE[step]
        let learner = await prepare(act)
        const before = idOf(learner)
        arm(step)
        if (step === 'adopt.found') {
          await lab.killHost()
          if (victim === 'web') await lab.startHost()
          else await assert.rejects(lab.startHost())
        } else if (act === 'begins anew') learner.client.send({ type: 'reset' })
        else if (act === 'works') learner.shell?.type('echo more >> /root/more\r')
        else learner.client.start()
        // The sandbox that was made in advance may not have been quite ready: whoever comes next gets it.
        while (ofPool(step) && fs.existsSync(armed)) {
          await until('one way or the other', () => !fs.existsSync(armed) || idOf(learner))
          if (!fs.existsSync(armed)) break
          learner = await prepare(act)
          learner.client.start()
        }
        await restart()
        const { client, cookie } = learner

        const now = await isThere(learner)
        if (outcome === 'same') assert.equal(now, before)
        else if (victim === 'web' || act !== 'begins anew') assert.notEqual(now, before)
        const shell = await Shell.open(client, 3)
        const text = await shell.paste(`cat ${FILE}; stat -c %s /root/more`)
        // Killed before anything of it was written, beginning anew has not happened.
        const isEmpty = outcome === 'fresh, empty' && now !== before
        if (isEmpty) assert.match(text, /No such file[\s\S]*No such file/)
        else assert.match(text, /^kept\n3\d{5}\n$/)
        if (act === 'returns') {
          assert.equal(client.view.restored?.ok, true, 'and is told so')
          assert.ok(fs.existsSync(archiveOf(lab, ownerOf(cookie))))
        }
        await neighbour.check({ newShell: victim === 'host' || step === 'adopt.found' })
        await assertNoLeak(lab)
        client.stop()
        // It would be kept again after every restart, and hold up those that are looked at.
        process.kill(initPid(lab.env.LAB_RUN_DIR!, now), 'SIGKILL')
      }

      for (const step of STEPS.filter((each) => !ofPool(each))) test(step, () => killedAt(step))
      for (const step of STEPS.filter(ofPool))
        test(`${step}, with a sandbox made in advance`, async () => {
          Object.assign(lab.env, { LAB_WARM_MIN: '1', LAB_WARM_MAX: '1' })
          await lab.killHost('SIGTERM')
          await lab.startHost()
          const recordOf = (id: string) => readRecord(sandboxPaths(lab.env.LAB_STATE_DIR!, id).record)
          await until('one is ready', () => lab.sandboxIds().some((id) => recordOf(id)?.owner === NOBODY))
          await neighbour.check({ newShell: true })
          await killedAt(step)
        })
    })
  test('while learners wait in the queue: they wait on, and get in when there is room', async () => {
    const lab = await TestLab.start({ LAB_MAX_SANDBOXES: '1', LAB_ON_STOP: 'keep' })
    try {
      const first = await connectLearner(lab)
      const id = idOf(first)
      const waiting: Learner[] = []
      const places = () =>
        waiting.map(({ client: { view } }) => (view.sandbox?.state === 'waiting' ? view.sandbox.place : 0))
      for (const place of [1, 2]) {
        waiting.push(startLearner(lab, await newCookie(lab)))
        await until('the newcomer waits', () => places().at(-1) === place)
      }
      const inTouch = () => waiting.every(({ client }) => client.view.connection === 'open')
      await lab.killWeb()
      await until('the pages have noticed', () => !inTouch())
      await lab.startWeb()
      await until('the pages are back', inTouch)
      assert.deepEqual(places(), [1, 2], 'the web process keeps no places')
      await lab.killHost()
      await lab.startHost()
      // The host process does: whoever is back first is first.
      await until('they wait again', () => inTouch() && places().sort().join() === '1,2', 20_000)
      assert.deepEqual(lab.sandboxIds(), [id])
      process.kill(initPid(lab.env.LAB_RUN_DIR!, id), 'SIGKILL')
      const lucky = await until('one gets in', () => waiting.find(idOf), 20_000)
      assert.equal(await (await Shell.open(lucky.client)).paste('echo fine'), 'fine\n')
      assert.deepEqual(places().sort(), [0, 1])
      for (const { stop } of [first, ...waiting]) stop()
    } finally {
      await lab.stop()
    }
    assert.deepEqual(residue(lab.name), NOTHING)
  })

  after(stopLearners)
})
