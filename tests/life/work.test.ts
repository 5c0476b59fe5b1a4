/** A learner's files: kept when their sandbox ends, put into the next one, taken home and brought back. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { WORK_PATH } from '../../server/protocol/index.ts'
import { connectLearner, newCookie, stopLearners } from '../helpers/client.ts'
import { initPid } from '../helpers/exec.ts'
import { TestLab } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start({ LAB_SAVE_MIB: '8', LAB_SAVE_SECONDS: '3' })
})
after(async () => {
  stopLearners()
  await lab?.stop()
})

const MAKE =
  'mkdir -p /tmp/mycontainer/rootfs/bin && cd /tmp/mycontainer && echo "{}" > config.json && ln -s ../x rootfs/link && ' +
  'echo own > rootfs/bin/own && chmod 750 rootfs/bin/own && chown 7:8 rootfs/bin/own && echo no > /etc/motd && ' +
  'head -c 20M /dev/zero > /root/large'
const LOOK =
  'cd /tmp/mycontainer && cat config.json /etc/motd && readlink rootfs/link && stat -c "%a %u %g" rootfs/bin/own; ls /root'
const FOUND = '{}\nno\n../x\n750 7 8\n'

const saved = () => {
  const dir = path.join(lab.env.LAB_STATE_DIR!, 'saved')
  return fs.readdirSync(dir).map((name) => fs.statSync(path.join(dir, name)))
}
/** The archive of the learner whom the cookie names. */
const archiveOf = (cookie: string) => {
  const owner = cookie.split('=')[1]!.split('.')[0]!
  const name = createHash('sha256').update(owner).digest('hex').slice(0, 40)
  return path.join(lab.env.LAB_STATE_DIR!, 'saved', `${name}.tar.gz`)
}
const fetchWork = (cookie: string, init: RequestInit = {}, origin = lab.url) =>
  fetch(`${lab.url}${WORK_PATH}`, { ...init, headers: { Cookie: cookie, Origin: origin } })

test('a lab that is stopped keeps them, and the next sandbox has them, but for what is too large', async () => {
  const learner = await connectLearner(lab)
  await (await Shell.open(learner.client)).paste(MAKE)
  learner.stop()
  await lab.killHost('SIGTERM')
  assert.deepEqual(lab.sandboxIds(), [])
  const [file] = saved()
  assert.equal(file!.mode & 0o777, 0o600)
  assert.ok(file!.size < 100_000, `only what is the learner's: ${file!.size} bytes`)
  await lab.startHost()

  const again = await connectLearner(lab, learner.cookie)
  assert.deepEqual(again.client.view.restored?.ok, true)
  assert.equal(await (await Shell.open(again.client)).paste(LOOK), FOUND)
  // Starting over is starting over.
  const before = again.client.view.sandbox
  again.client.send({ type: 'reset' })
  await until('there is another', () => {
    const { sandbox } = again.client.view
    return sandbox?.state === 'ready' && before?.state === 'ready' && sandbox.id !== before.id
  })
  assert.equal(again.client.view.restored, null)
  assert.deepEqual(saved(), [])
  assert.match(await (await Shell.open(again.client)).paste('ls /tmp/mycontainer'), /No such file/)
  again.stop()
})

test('they are taken home as one file and brought back into another sandbox', async () => {
  const one = await connectLearner(lab)
  await (await Shell.open(one.client)).paste(MAKE)
  const response = await fetchWork(one.cookie)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-disposition')!, /^attachment; filename=".*\.tar\.gz"$/)
  const archive = Buffer.from(await response.arrayBuffer())
  one.stop()

  const two = await connectLearner(lab)
  const shell = await Shell.open(two.client)
  const brought = await fetchWork(two.cookie, { method: 'POST', body: archive })
  assert.equal(await brought.text(), 'Your files are in the sandbox.\n')
  assert.equal(await shell.paste(LOOK), `${FOUND}large\n`)

  for (const [what, body, status] of [
    ['nonsense', Buffer.from('no archive at all'), 422],
    ['a gzip of nonsense', gzipSync('nonsense'.repeat(1000)), 422],
    ['half of it', archive.subarray(0, archive.length / 2), 422],
    ['too much', Buffer.alloc(65 * 1024 * 1024), 413],
  ] as const) {
    const refused = await fetchWork(two.cookie, { method: 'POST', body }).catch(() => null)
    // A server that refuses at once may close before all is sent.
    if (refused || status !== 413) assert.equal(refused?.status, status, what)
  }
  assert.equal(
    (await fetchWork(two.cookie, { method: 'POST', body: archive }, 'https://evil.example')).status,
    403,
  )
  assert.equal((await fetchWork('nobody=1')).status, 401)
  assert.equal((await fetchWork(await newCookie(lab))).status, 409)
  assert.equal(await shell.paste('echo fine'), 'fine\n')
  two.stop()
})

test('a sandbox that breaks leaves what was kept last', async () => {
  const learner = await connectLearner(lab)
  await (await Shell.open(learner.client)).paste(MAKE)
  await until('they are kept', () => fs.existsSync(archiveOf(learner.cookie)))
  const { sandbox } = learner.client.view
  assert.ok(sandbox?.state === 'ready')
  process.kill(initPid(lab.env.LAB_RUN_DIR!, sandbox.id), 'SIGKILL')
  await until('it has ended', () => learner.client.view.sandbox?.state === 'ended')
  learner.client.send({ type: 'reset' })
  await until('there is another', () => learner.client.view.sandbox?.state === 'ready')
  assert.equal(learner.client.view.restored?.ok, true)
  assert.equal(await (await Shell.open(learner.client)).paste(LOOK), FOUND)
  learner.stop()
})
