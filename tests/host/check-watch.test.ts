/** When a step's check runs: at once, soon after a change, and ever more rarely while nothing happens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CheckWatch } from '../../server/host/check.ts'

/** Lets promises settle; the clock is the test's. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

test('whoever only reads costs five runs in the first minute; a change is looked at soon', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  let runs = 0
  const verdicts: string[] = []
  const watch = new CheckWatch(
    async () => {
      runs++
      return { passed: false, message: 'not yet' }
    },
    ({ message }) => verdicts.push(message),
  )
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      t.mock.timers.tick(100)
      await settle()
    }
  }
  await pass(60_000)
  assert.equal(runs, 5)
  assert.deepEqual(verdicts, ['not yet'], 'the same verdict is told once')
  watch.poke()
  await pass(500)
  assert.equal(runs, 6)
  await pass(3000)
  assert.equal(runs, 7)
  watch.stop()
  await pass(60_000)
  assert.equal(runs, 7)
})
