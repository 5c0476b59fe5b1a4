/** When a step's check runs: at once, soon after a change, less often the longer nothing comes of it, and what is told of it. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CheckWatch, type Verdict } from '../../server/host/check.ts'
import { followAll, pathsOf } from '../../server/host/lesson/check-signals.ts'

/** Lets promises settle; the clock is the test's. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
const NOT_YET: Verdict = { passed: false, message: 'not yet' }

function begin(t: TestContext, verdict: () => Verdict) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const seen = { runs: 0, told: [] as Verdict[] }
  const watch = new CheckWatch(
    async () => {
      seen.runs++
      return verdict()
    },
    (told) => seen.told.push(told),
  )
  const pass = async (ms: number, every = () => {}) => {
    for (let passed = 0; passed < ms; passed += 50) {
      every()
      t.mock.timers.tick(50)
      await settle()
    }
  }
  return { seen, watch, pass }
}

test('whoever only reads costs five runs in the first minute, then one a minute; a sign is followed soon', async (t) => {
  const { seen, watch, pass } = begin(t, () => NOT_YET)
  await pass(60_000)
  assert.equal(seen.runs, 5)
  await pass(600_000)
  assert.ok(seen.runs <= 16, `${seen.runs} runs`)
  const before = seen.runs
  watch.poke()
  await pass(500)
  assert.equal(seen.runs, before + 1)
  await pass(3000)
  assert.equal(seen.runs, before + 2)
  assert.deepEqual(seen.told, [NOT_YET], 'the same verdict is told once')
  watch.stop()
  await pass(60_000)
  assert.equal(seen.runs, before + 2)
})

test('a change of what the check looks at is followed within a tenth of a second', async (t) => {
  const { seen, watch, pass } = begin(t, () => NOT_YET)
  await pass(1000)
  watch.poke('change')
  await pass(150)
  assert.equal(seen.runs, 2)
})

test('output without end does not make it run without end, and a change is followed at once all the same', async (t) => {
  const { seen, watch, pass } = begin(t, () => NOT_YET)
  await pass(60_000, () => watch.poke())
  assert.ok(seen.runs < 40, `${seen.runs} runs in a minute of output`)
  const before = seen.runs
  watch.poke('change')
  await pass(150)
  assert.equal(seen.runs, before + 1)
})

test('behind another window nothing runs by itself; who comes back gets a fresh verdict', async (t) => {
  const { seen, watch, pass } = begin(t, () => NOT_YET)
  await pass(100)
  watch.show(false)
  await pass(10_000)
  const hidden = seen.runs
  await pass(600_000)
  assert.equal(seen.runs, hidden)
  watch.show(true)
  await pass(500)
  assert.equal(seen.runs, hidden + 1)
})

test('one check that could not be carried out does not replace what is known; two do', async (t) => {
  let now: Verdict = NOT_YET
  const { seen, watch, pass } = begin(t, () => now)
  await pass(100)
  now = { passed: false, message: 'it took too long', trouble: true }
  watch.poke('change')
  await pass(200)
  assert.deepEqual(seen.told, [NOT_YET])
  now = NOT_YET
  watch.poke('change')
  await pass(200)
  assert.deepEqual(seen.told, [NOT_YET], 'no flicker')
  now = { passed: false, message: 'it took too long', trouble: true }
  for (let i = 0; i < 2; i++) {
    watch.poke('change')
    await pass(200)
  }
  assert.deepEqual(seen.told.at(-1), { passed: false, message: 'it took too long' })
})

test('what a check looks at: files of the spec, and what runc keeps of its containers', () => {
  const text = 'x'
  assert.deepEqual(
    pathsOf(
      [
        { spec: { pointer: '/a', exists: true }, else: text },
        { spec: { pointer: '/a', exists: true, file: '/tmp/other' }, else: text },
        { runc: { id: 'demo', status: 'running' }, else: text },
        { kernel: { id: 'demo', proc: 'status', equals: 'x' }, else: text },
      ],
      '/tmp/own',
    ),
    ['/tmp/own', '/tmp/other', '/run/runc/demo/state.json'],
  )
})

test('the first look at a path is no change; each later one is, until it is let go of', () => {
  const listeners = new Set<() => void>()
  let changes = 0
  const stop = followAll(
    ['/a'],
    (path, listener) => {
      const heard = () => listener({ state: 'absent', path })
      listeners.add(heard)
      heard()
      return () => listeners.delete(heard)
    },
    () => changes++,
  )
  assert.equal(changes, 0)
  for (const heard of listeners) heard()
  assert.equal(changes, 1)
  stop()
  assert.equal(listeners.size, 0)
})
