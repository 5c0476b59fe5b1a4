/** Who gets a sandbox and for how long: ends, the queue, one address, sandboxes made in advance, clocks that jump. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sandboxPaths } from '../../server/host/providers/runc/paths.ts'
import { readRecord } from '../../server/host/providers/runc/record.ts'
import { sh } from '../helpers/exec.ts'
import { LIFE, withRegistry } from '../helpers/registry.ts'
import { until } from '../helpers/until.ts'

const life = (times: Partial<typeof LIFE>) => ({ life: { ...LIFE, ...times } })

describe('a sandbox whose time is over', () => {
  test('because nobody did anything: its page is warned before', () =>
    withRegistry(life({ idleMs: 1000 }), async ({ registry, provider, join }) => {
      const tab = join()
      const id = await tab.ready()
      const begin = Date.now()
      // Somebody does something for longer than that: it stays.
      await until('more than the idle time has passed', () => {
        tab.session.lifetime.touch()
        return Date.now() - begin > 1200
      })
      assert.ok(await provider.isAlive(id))
      await until('it is warned', () => tab.ending?.why === 'idle')
      void tab.session.handle(tab, { type: 'stay' })
      assert.equal(tab.ending, null)
      assert.match(await tab.ended(), /Nobody did anything/)
      await until('it is gone', async () => registry.size === 0 && !(await provider.isAlive(id)))
      assert.notEqual(await join().ready(), id)
    }))

  test('leaves its files to the next one, also for whoever comes back while they are being kept', async () => {
    const times = { ...LIFE }
    await withRegistry({ life: times }, async ({ provider, join }) => {
      const tab = join()
      await sh(provider, await tab.ready(), 'echo mine > /root/mine')
      times.idleMs = 1
      await tab.ended()
      times.idleMs = LIFE.idleMs
      const id = await join().ready()
      assert.equal((await sh(provider, id, 'cat /root/mine')).stdout, 'mine\n')
    })
  })

  test('because all its pages are hidden', () =>
    withRegistry(life({ hiddenMs: 500 }), async ({ join }) => {
      const tab = join()
      await tab.ready()
      void tab.session.handle(tab, { type: 'presence', visible: false, active: false })
      assert.match(await tab.ended(), /background tab/)
    }))

  test('because it was its last hour, used or not, unless there is more', () =>
    withRegistry(life({ maxMs: 1500, extensionMs: 1500 }), async ({ registry, provider, join }) => {
      const tab = join()
      const id = await tab.ready()
      assert.equal((await until('it is warned', () => tab.ending)).more, 1500)
      void tab.session.handle(tab, { type: 'stay' })
      assert.equal(tab.ending, null)
      const { why, more } = await until('it is warned again', () => tab.ending)
      assert.deepEqual([why, more], ['age', 0])
      assert.match(await tab.ended(), /end of its life/)
      await until('it is gone', async () => registry.size === 0 && !(await provider.isAlive(id)))
    }))

  test('because its first process has ended', () =>
    withRegistry({}, async ({ registry, provider, join }) => {
      const tab = join()
      await provider.destroy(await tab.ready())
      assert.match(await tab.ended(), /first process/)
      assert.equal(registry.size, 0)
    }))

  test('is not so because somebody set the date', () =>
    withRegistry(life({ idleMs: 3000, maxMs: 60_000, warnMs: 10 }), async ({ provider, join }) => {
      const tab = join()
      const id = await tab.ready()
      const real = Date.now
      try {
        for (const days of [400, -400]) {
          Date.now = () => real() + days * 24 * 3_600_000
          const begin = performance.now()
          await until('it was looked at', () => performance.now() - begin > 100)
          assert.ok(await provider.isAlive(id))
          assert.equal(tab.view.state, 'ready')
          assert.equal(tab.ending, null)
        }
        // And its time passes nevertheless.
        assert.match(await tab.ended(), /Nobody did anything/)
      } finally {
        Date.now = real
      }
    }))
})

describe('learners too many', () => {
  test('wait in the order in which they came, are told their place, and get in', () =>
    withRegistry({ maxSandboxes: 1 }, async ({ provider, join }) => {
      const first = join('first')
      const id = await first.ready()
      const [second, third, fourth] = [join('second'), join('third'), join('fourth')]
      assert.deepEqual(second.view, { state: 'waiting', place: 1, why: 'full', limit: 1 })
      assert.deepEqual(fourth.view, { state: 'waiting', place: 3, why: 'full', limit: 1 })
      // Who has gone keeps the place for a while, but holds up nobody.
      second.leave()
      await provider.destroy(id)
      await third.ready()
      assert.deepEqual(fourth.view, { state: 'waiting', place: 2, why: 'full', limit: 1 })
      assert.deepEqual(join('second').view, { state: 'waiting', place: 1, why: 'full', limit: 1 })
    }))
})

describe('one network address', () => {
  test('has as many sandboxes as it may, and others do not wait for it', () =>
    withRegistry({ maxSandboxes: 3, maxPerAddress: 1 }, async ({ join }) => {
      await join('one', '192.0.2.1').ready()
      const two = join('two', '192.0.2.1')
      assert.deepEqual(two.view, { state: 'waiting', place: 1, why: 'address', limit: 1 })
      await join('three', '192.0.2.2').ready()
      assert.equal(two.view.state, 'waiting')
    }))
})

test('with a disk that is nearly full nobody gets a sandbox until there is room', async () => {
  let room = false
  await withRegistry({ hasDisk: () => room }, async ({ join }) => {
    const tab = join()
    assert.deepEqual(tab.view, { state: 'waiting', place: 1, why: 'disk', limit: 0 })
    room = true
    await tab.ready()
  })
})

describe('sandboxes made in advance', () => {
  test('are there before anybody comes, are given at once, and are made again', () =>
    withRegistry({ maxSandboxes: 5, warm: { min: 2, max: 3 } }, async (parts) => {
      const { registry, join, stateDir, provider } = parts
      await until('two are ready', () => registry.warm === 2)
      const tab = join('somebody')
      const id = await tab.ready()
      assert.equal(readRecord(sandboxPaths(stateDir, id).record)?.owner, 'somebody')
      assert.ok(await provider.isAlive(id))
      await until('two are ready again', () => registry.warm === 2)
    }))

  test('never take the place of a learner', () =>
    withRegistry({ maxSandboxes: 2, warm: { min: 2, max: 2 } }, async ({ registry, join }) => {
      await until('two are ready', () => registry.warm === 2)
      await join('one').ready()
      await join('two').ready()
      assert.equal(registry.warm, 0)
      assert.equal(join('three').view.state, 'waiting')
      assert.equal(registry.warm, 0)
    }))

  test('of which one is dead: the next one is given', () =>
    withRegistry({ maxSandboxes: 4, warm: { min: 2, max: 2 } }, async ({ registry, join, provider }) => {
      await until('two are ready', () => registry.warm === 2)
      const [dead] = (await provider.reconcile()).map(({ id }) => id)
      await provider.destroy(dead!)
      const id = await join('one').ready()
      assert.notEqual(id, dead)
    }))
})
