/** The host process is stopped, killed, started twice: sandboxes are adopted or cleared away, and nothing is left. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { PROTOCOL_VERSION } from '../../server/protocol/index.ts'
import { connectLearner, newCookie, RawSocket, stopLearners } from '../helpers/client.ts'
import { initPid, sh } from '../helpers/exec.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { processes } from '../helpers/processes.ts'
import { randomFrom } from '../helpers/random.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { PROMPT, Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

describe('the host process', () => {
  /** Ends with nothing left of the lab on this host. */
  async function stopped(lab: TestLab): Promise<void> {
    stopLearners()
    await lab.stop()
    assert.deepEqual(residue(lab.name), NOTHING)
  }

  test('killed: the next one adopts what is whole and clears away what is not', async () => {
    const lab = await TestLab.start()
    try {
      const [kept, lost] = [await connectLearner(lab), await connectLearner(lab)]
      const idOf = ({ client }: typeof kept) =>
        client.view.sandbox?.state === 'ready' && client.view.sandbox.id
      const [keptId, lostId] = [idOf(kept) as string, idOf(lost) as string]
      await (await Shell.open(kept.client)).paste('echo mine > /root/mine; setsid --fork sleep 7654323')
      await (await Shell.open(lost.client)).paste('echo mine > /root/mine')
      const shellsBefore = processes(`runc/runc .* ${keptId}`)
      kept.stop()
      lost.stop()
      await lab.killHost()
      process.kill(initPid(lab.env.LAB_RUN_DIR!, lostId), 'SIGKILL')
      await lab.startHost()

      assert.deepEqual(lab.sandboxIds(), [keptId])
      assert.deepEqual(residue(lostId), NOTHING)
      const again = await connectLearner(lab, kept.cookie)
      assert.equal(idOf(again), keptId)
      const shell = await Shell.open(again.client)
      assert.equal(await shell.paste('cat /root/mine'), 'mine\n')
      assert.match(await shell.paste('pgrep -f "sleep 7654323" | wc -l'), /^1$/m)
      const anew = await connectLearner(lab, lost.cookie)
      assert.notEqual(idOf(anew), lostId)
      assert.match(await (await Shell.open(anew.client)).paste('cat /root/mine'), /No such file/)
      for (const pid of shellsBefore)
        assert.throws(() => process.kill(Number(pid), 0), 'a program of the killed host process is left')
      again.stop()
      anew.stop()
    } finally {
      await stopped(lab)
    }
    assert.deepEqual(processes('sleep 7654323'), [])
  })

  test('killed at any moment of a creation: the next one leaves nothing half-made', async () => {
    const lab = await TestLab.start()
    try {
      const random = randomFrom(20_260)
      for (let round = 0; round < 15; round++) {
        const cookie = await newCookie(lab)
        const socket = await RawSocket.open(lab, cookie)
        socket.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'a'.repeat(16) })
        const creating = socket.next('welcome')
        const delay = performance.now() + random() * 120
        await creating
        await until('the moment has come', () => performance.now() >= delay)
        await lab.killHost()
        socket.close()
        await lab.startHost()
        const whole = lab.sandboxIds()
        const provider = lab.provider()
        for (const id of whole) {
          assert.ok(await provider.isAlive(id), `round ${round}: ${id} was adopted and is dead`)
          assert.equal((await sh(provider, id, 'echo works')).stdout, 'works\n', `round ${round}`)
        }
        const { loops } = residue(lab.name)
        assert.equal(loops.length, whole.length, `round ${round}: ${loops}`)
        assert.deepEqual(fs.readdirSync(path.join(lab.env.LAB_STATE_DIR!, 'sandboxes')).sort(), whole.sort())
        assert.deepEqual(fs.readdirSync(path.join(lab.env.LAB_RUN_DIR!, 'runc')).sort(), whole.sort())
      }
    } finally {
      await stopped(lab)
    }
  })

  test('a second one of the same name refuses to start and harms nothing', async () => {
    const lab = await TestLab.start()
    try {
      const learner = await connectLearner(lab)
      const shell = await Shell.open(learner.client)
      const second = spawnSync(process.execPath, [path.join(ROOT, 'build/host.js')], {
        env: { PATH: process.env.PATH, NODE_ENV: 'production', ...lab.env },
        encoding: 'utf8',
        timeout: 20_000,
      })
      assert.equal(second.status, 3)
      assert.match(second.stderr, /^Another runC Lab of this name is running .*Stop it, or set LAB_NAME\.$/m)
      assert.equal(await shell.paste('echo still here'), 'still here\n')
      assert.equal(learner.client.view.connection, 'open')
      await (await connectLearner(lab, learner.cookie)).stop()
      learner.stop()
    } finally {
      await stopped(lab)
    }
  })

  test('stopped: every sandbox is destroyed', async () => {
    const lab = await TestLab.start()
    try {
      const learners = [await connectLearner(lab), await connectLearner(lab)]
      assert.equal(lab.sandboxIds().length, 2)
      await lab.killHost('SIGTERM')
      assert.deepEqual(lab.sandboxIds(), [])
      assert.deepEqual(residue(lab.name).loops, [])
      for (const learner of learners) learner.stop()
    } finally {
      await stopped(lab)
    }
  })

  test('stopped while a sandbox is being made: it is destroyed too', async () => {
    const lab = await TestLab.start()
    try {
      const socket = await RawSocket.open(lab, await newCookie(lab))
      socket.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'a'.repeat(16) })
      assert.equal((await socket.next('welcome')).sandbox.state, 'creating')
      await lab.killHost('SIGTERM')
      assert.deepEqual(lab.sandboxIds(), [])
      socket.close()
    } finally {
      await stopped(lab)
    }
  })

  test('stopped with LAB_ON_STOP=keep: sandboxes and shells run on and are adopted', async () => {
    const lab = await TestLab.start({ LAB_ON_STOP: 'keep' })
    try {
      const learner = await connectLearner(lab)
      const before = await Shell.open(learner.client)
      await before.paste('echo mine > /root/mine; shell=same')
      const ids = lab.sandboxIds()
      learner.stop()
      await lab.killHost('SIGTERM')
      assert.deepEqual(lab.sandboxIds(), ids)
      assert.ok(await lab.provider().isAlive(ids[0]!))
      await lab.startHost()
      const again = await connectLearner(lab, learner.cookie)
      const shell = Shell.follow(again.client, before.id)
      await shell.until(PROMPT)
      assert.equal(await shell.paste('cat /root/mine; echo $shell'), 'mine\nsame\n')
      assert.deepEqual(lab.sandboxIds(), ids)
      again.stop()
    } finally {
      await stopped(lab)
    }
  })
})
