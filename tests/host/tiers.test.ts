/** A learner's sandbox has the tier of the lesson it was made for, and a lesson that needs more is told so. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { TIERS } from '../../server/protocol/index.ts'
import { newCookie, RawSocket } from '../helpers/client.ts'
import { sh } from '../helpers/exec.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const lessons = fs.mkdtempSync(path.join(os.tmpdir(), 'lessons-'))
let lab: TestLab

before(async () => {
  fs.chmodSync(lessons, 0o755)
  for (const tier of [...TIERS, 'unnamed']) {
    const folder = path.join(lessons, `for-${tier}`)
    fs.mkdirSync(folder)
    fs.writeFileSync(path.join(folder, 'text.md'), '# Look\n')
    const index = { title: tier, details: { steps: [{ title: 'Look', text: 'text.md' }] } }
    fs.writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index))
    if (tier !== 'unnamed') fs.writeFileSync(path.join(folder, 'lab.yaml'), `tier: ${tier}\n`)
  }
  lab = await TestLab.start({ LESSONS_PATH: lessons })
})
after(async () => {
  await lab?.stop()
  fs.rmSync(lessons, { recursive: true })
})

for (const [lesson, tier] of [
  ['for-plain', 'plain'],
  ['for-unshare', 'unshare'],
  ['for-docker', 'docker'],
  ['for-unnamed', 'docker'],
  ['that-is-not-there', 'docker'],
] as const)
  test(`the lesson ${lesson} gets a ${tier} sandbox`, async () => {
    const tab = await RawSocket.open(lab, await newCookie(lab))
    const sandbox = await tab.enter({ lesson })
    assert.equal(sandbox.tier, tier)
    // The host's word is one thing, the kernel's another.
    const { status } = await sh(lab.provider(), sandbox.id, 'unshare --mount true')
    assert.equal(status === 0, tier !== 'plain')
    tab.close()
  })

test('a lesson that needs more keeps the sandbox until its learner asks for a fresh one', async () => {
  const cookie = await newCookie(lab)
  const low = await RawSocket.open(lab, cookie)
  const first = await low.enter({ lesson: 'for-plain' })
  const high = await RawSocket.open(lab, cookie)
  // Nothing is thrown away behind anybody's back: the page compares the tiers and asks.
  assert.deepEqual(await high.enter({ lesson: 'for-docker' }), first)
  high.say({ type: 'reset' })
  const second = await high.ready()
  assert.equal(second.tier, 'docker')
  assert.deepEqual(await low.ready(), second, 'the other tab has moved over')
  // The lower lesson's tab asks: the higher one is still looked at and must not lose what it needs.
  low.say({ type: 'reset' })
  assert.equal((await low.ready()).tier, 'docker')
  await high.ready()
  high.close()
  await until('only the lower lesson is looked at', async () => {
    low.say({ type: 'reset' })
    return (await low.ready()).tier === 'plain'
  })
  low.close()
})

test('the tier outlives the host process', async () => {
  const cookie = await newCookie(lab)
  const tab = await RawSocket.open(lab, cookie)
  const { id } = await tab.enter({ lesson: 'for-unshare' })
  await lab.killHost()
  await lab.startHost()
  const again = await RawSocket.open(lab, cookie)
  const sandbox = await again.enter({ lesson: 'for-plain' })
  assert.deepEqual([sandbox.id, sandbox.tier], [id, 'unshare'])
  again.close()
})
