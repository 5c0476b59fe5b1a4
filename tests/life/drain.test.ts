/** A stop that lets learners finish: nobody new is let in, who is here is told and finishes, files are kept, and the lab ends. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Drain } from '../../server/host/life/drain.ts'
import { PROTOCOL_VERSION } from '../../server/protocol/index.ts'
import { connectLearner, newCookie, RawSocket, stopLearners } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { withRegistry } from '../helpers/registry.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

describe('a lab that is drained', () => {
  test('takes nobody new, tells who is here, and goes on as before when it is cancelled', () =>
    withRegistry({ maxSandboxes: 4, warm: { min: 1, max: 1 } }, async ({ registry, join }) => {
      const here = join('here')
      await here.ready()
      await until('one is in reserve', () => registry.warm === 1)
      registry.drain(60_000)
      const ending = await until('the page is told', () => here.ending)
      assert.deepEqual([ending.why, ending.more, ending.kept], ['stop', 0, true])
      assert.ok(ending.inMs > 50_000 && ending.inMs <= 60_000)
      assert.equal(join('new').view.state, 'waiting')
      await until('nothing is kept in reserve', () => registry.warm === 0)
      assert.deepEqual(registry.drainState.learners, 1)
      assert.deepEqual(registry.notes, ['draining'])
      registry.cancelDrain()
      await until('the page is told that it is over', () => here.ending === null)
      await join('new').ready()
      assert.deepEqual(registry.notes, [])
    }))

  test('ends when the last learner has left, or their time is over', async () => {
    let drained = false
    const onDrained = () => {
      drained = true
    }
    await withRegistry({ onDrained }, async ({ registry, join }) => {
      const tab = join()
      await tab.ready()
      registry.drain(1000)
      assert.match(await tab.ended(), /has been stopped\. Your files were kept/)
      await until('that is told', () => drained)
    })
  })

  test('says nothing of files where none are kept, and leaves nobody out who only reloads', () => {
    const folder = fs.mkdtempSync(path.join('/tmp', 'drain-'))
    try {
      const drain = new Drain(folder, false)
      assert.equal(drain.isOver(0), false)
      drain.begin(60_000)
      assert.equal(drain.sooner(null)?.kept, false)
      // What comes before the stop is told instead.
      const idle = { why: 'idle', inMs: 5, more: 5 } as const
      assert.deepEqual(drain.sooner(idle), idle)
      assert.equal(drain.isOver(null), false)
      assert.equal(new Drain(folder, false).isOn, true, 'another process goes on with it')
      drain.begin(0)
      assert.equal(drain.isOver(null), true)
      assert.equal(new Drain(folder, false).isOn, false, 'one that is over was cut short')
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })
})

describe('npm run drain', () => {
  let lab: TestLab
  before(async () => {
    lab = await TestLab.start()
  })
  after(async () => {
    stopLearners()
    await lab?.stop()
  })

  async function drain(...args: string[]): Promise<{ code: number; text: string }> {
    const child = spawn(process.execPath, [path.join(ROOT, 'scripts/drain.mjs'), ...args], {
      env: { ...process.env, ...lab.env },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk
      })
    const [code] = await once(child, 'close')
    return { code, text }
  }

  const health = async () => (await fetch(`${lab.url}/api/health`)).text()

  test('begins, is seen, survives a host process that is killed, and is cancelled', async () => {
    const learner = await connectLearner(lab)
    assert.equal(fs.statSync(path.join(lab.env.LAB_RUN_DIR!, 'control.sock')).mode & 0o777, 0o600)
    assert.match((await drain('--status')).text, /^No drain\. 1 learner has a sandbox\.$/m)
    const { text } = await drain('--minutes=30', '--no-wait')
    assert.match(text, /^Draining: 1 learner has a sandbox, for at most 30 more minutes\.$/m)
    await until('the page knows', () => learner.client.view.ending?.why === 'stop')
    assert.match(await health(), /^ok\ndraining: /)
    const late = await RawSocket.open(lab, await newCookie(lab))
    late.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'somebody-who-comes-late' })
    const { sandbox } = await late.next('welcome')
    assert.equal(sandbox.state === 'waiting' && sandbox.why, 'stopping')
    await lab.killHost()
    await lab.startHost()
    assert.match((await drain('--status')).text, /^Draining: /m)
    assert.match((await drain('--cancel')).text, /^Cancelled/m)
    assert.equal(await health(), 'ok\n')
    await until('the page knows that, too', () => learner.client.view.ending === null)
    late.close()
    learner.stop()
  })

  test('ends the lab with everybody’s files kept, and watches until then', async () => {
    const learner = await connectLearner(lab)
    const shell = await Shell.open(learner.client)
    await shell.paste('mkdir -p /tmp/mycontainer; echo mine > /tmp/mycontainer/config.json')
    const { code, text } = await drain('--minutes=0.05')
    assert.equal(code, 0, text)
    assert.match(text, /The lab has stopped\.\n$/)
    assert.deepEqual(lab.sandboxIds(), [])
    const { sandbox } = learner.client.view
    assert.match(sandbox?.state === 'ended' ? sandbox.reason : '', /Your files were kept/)
    const gone = await drain('--status')
    assert.deepEqual([gone.code, /No lab called/.test(gone.text)], [1, true])
    await lab.startHost()
    const again = await connectLearner(lab, learner.cookie)
    assert.equal(await (await Shell.open(again.client)).paste('cat /tmp/mycontainer/config.json'), 'mine\n')
  })

  test('refuses what makes no sense, with what it knows', async () => {
    for (const [argument, words] of [
      ['--minutes=soon', /must be a number/],
      ['--minutes=999999', /from 0 to/],
      ['--now', /There are --minutes/],
    ] as const) {
      const { code, text } = await drain(argument)
      assert.deepEqual([code, words.test(text)], [1, true], text)
    }
  })
})
