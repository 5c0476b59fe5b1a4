/** What the machine does for lessons: hints that fit, a step done for the learner, progress with the session, feedback kept. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { nextHint } from '../../components/lesson/next-hint.ts'
import { LearningClient } from '../../components/session/learning-client.ts'
import { FeedbackLog } from '../../server/host/learning/feedback.ts'
import { loadFolder } from '../../server/lessons/load.ts'
import type { ServerMessage } from '../../server/protocol/index.ts'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const COURSE = 'runc-by-hand'

let lab: TestLab
before(async () => {
  lab = await TestLab.start()
})
after(async () => {
  stopLearners()
  await lab?.stop()
})

async function learn() {
  const learner = await connectLearner(lab)
  const messages: ServerMessage[] = []
  learner.client.onMessage((message) => messages.push(message))
  const learning = new LearningClient(learner.client)
  const latest = (type: ServerMessage['type']) => messages.findLast((message) => message.type === type)
  return { ...learner, learning, latest }
}

test('a step is done for the learner: what its edits change is prepared, edited, and its check passes', async () => {
  const { client, learning, latest } = await learn()
  for (const step of ['meet-the-tools', 'the-bundle', 'runc-spec', 'two-views'])
    assert.deepEqual(await learning.solve(COURSE, step), { done: true, output: '' }, step)
  client.watchStep(COURSE, 'two-views')
  const passed = () => {
    const check = latest('check')
    return check?.type === 'check' && check.step === 'two-views' && check.passed
  }
  await until('the check passes', passed)

  // Bytes that the edit does not concern are as runc has written them.
  client.watchFile('/tmp/mycontainer/config.json')
  const file = await until('the file is there', () => client.view.files['/tmp/mycontainer/config.json'])
  assert.ok(file.state === 'text')
  assert.match(file.text, /^\{\n\t"ociVersion": "1\.2\.1",\n\t"process": \{\n\t\t"terminal": false,/)
})

test('every step of the course can be done for the learner, and its check, which follows its files, notices', async () => {
  const { client, learning } = await learn()
  for (const { slug } of loadFolder(path.join(ROOT, 'lessons', COURSE)).steps) {
    // Watched before they are there: what a preparation makes can be edited all the same.
    client.watchStep(COURSE, slug)
    assert.deepEqual(await learning.solve(COURSE, slug), { done: true, output: '' }, slug)
    const verdict = () => client.view.checks[`${COURSE}/${slug}`]
    await until(
      () => `${slug} is done: ${JSON.stringify(verdict())}`,
      () => verdict()?.passed,
      20_000,
    )
  }
})

test('a step that cannot be done says why, and a step that is not there does nothing', async () => {
  const { learning } = await learn()
  const early = await learning.solve(COURSE, 'memory')
  assert.equal(early.done, false)
  assert.match(early.output, /There is no \/tmp\/mycontainer\/config\.json to edit/)
  assert.deepEqual(await learning.solve(COURSE, 'no-such-step'), { done: true, output: '' })
})

test('hints look at the sandbox', async () => {
  const { learning } = await learn()
  const before = await learning.fittingHints(COURSE, 'the-bundle')
  assert.deepEqual(before, [true, false, false, true])
  await learning.solve(COURSE, 'runc-spec')
  const { client } = await connectLearner(lab)
  assert.deepEqual(await new LearningClient(client).fittingHints(COURSE, 'nothing'), [])
})

test('hints come in their order, and those that fit come first', () => {
  const conditional = [false, true, true, false]
  assert.equal(nextHint(conditional, [true, false, true, true], []), 2)
  assert.equal(nextHint(conditional, [true, false, true, true], [2]), 0)
  assert.equal(nextHint(conditional, [true, true, true, true], [2, 0]), 1)
  assert.equal(nextHint(conditional, null, []), 0)
  assert.equal(nextHint(conditional, null, [0, 3]), null)
})

test('progress is with the session: another tab of the same learner learns it, and it can be forgotten', async () => {
  const first = await learn()
  first.client.send({ type: 'note-progress', lesson: COURSE, passed: ['meet-the-tools'], last: 'the-bundle' })
  await until('it is noted', () => first.latest('learned'))

  const second = await connectLearner(lab, first.cookie)
  const heard: ServerMessage[] = []
  second.client.onMessage((message) => heard.push(message))
  const learned = () => heard.findLast((message) => message.type === 'learned')
  second.client.send({ type: 'note-progress', lesson: COURSE, passed: ['run-it'], last: null })
  const message = await until('the other tab learns it', learned)
  assert.deepEqual(message, {
    type: 'learned',
    lesson: COURSE,
    passed: ['meet-the-tools', 'run-it'],
    last: 'the-bundle',
  })

  second.client.send({ type: 'forget-progress', lesson: COURSE, step: 'run-it' })
  await until('one step is forgotten', () => JSON.stringify(learned()).includes('["meet-the-tools"]'))
  second.client.send({ type: 'forget-progress', lesson: COURSE, step: null })
  await until('all of it is forgotten', () => JSON.stringify(learned()).includes('"passed":[],"last":null'))
})

test('feedback is a JSON line in the state folder, without a word of whose it is', async () => {
  const { learning, cookie } = await learn()
  assert.equal(await learning.feedback(COURSE, 'run-it', 'down', ' too\nfast \u001b[31m'), true)
  const text = fs.readFileSync(path.join(lab.env.LAB_STATE_DIR!, 'feedback.jsonl'), 'utf8')
  const { at, ...rest } = JSON.parse(text)
  assert.ok(Date.now() - Date.parse(at) < 60_000)
  assert.deepEqual(rest, { lesson: COURSE, step: 'run-it', thumb: 'down', line: 'too fast  [31m' })
  assert.ok(!text.includes(cookie.split('=')[1]!.slice(0, 20)))
})

test('feedback is bounded: by learner and hour, and in size', async (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'feedback-'))
  t.after(() => fs.rmSync(dir, { recursive: true }))
  const file = path.join(dir, 'deep', 'feedback.jsonl')
  const opinion = { lesson: COURSE, step: 'run-it', thumb: 'up', line: 'x' } as const
  const log = new FeedbackLog(file)
  const kept = await Promise.all(Array.from({ length: 70 }, () => log.keep('one', opinion)))
  assert.equal(kept.filter(Boolean).length, 60)
  assert.equal(fs.readFileSync(file, 'utf8').trim().split('\n').length, 60)
  assert.equal(await log.keep('another', opinion), true)

  fs.writeFileSync(file, 'x'.repeat(4 * 1024 * 1024))
  assert.equal(await log.keep('another', opinion), true)
  assert.equal(fs.statSync(`${file}.1`).size, 4 * 1024 * 1024)
  assert.ok(fs.statSync(file).size < 200)

  const nowhere = new FeedbackLog('/dev/null/feedback.jsonl')
  assert.equal(await nowhere.keep('one', opinion), false)
})
