/** Rows of the lens against a real container: the process, its capabilities and its terminal. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { expect, LensBox } from './lens-box.ts'

let box: LensBox

before(async () => {
  box = await LensBox.start()
})
after(() => box?.stop())

test('process: arguments, environment, directory, user, umask, scheduling', async () => {
  await box.run('process', (config) => {
    config.process.args = ['/bin/sh', '-c', 'sleep 1000; true', 'two words']
    config.process.env = ['PATH=/bin', 'A=first', 'A=second']
    config.process.cwd = '/tmp'
    config.process.user = { uid: 7, gid: 8, additionalGids: [9, 10], umask: 63 }
    config.process.oomScoreAdj = 700
    config.process.scheduler = { policy: 'SCHED_BATCH', nice: 5 }
    config.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 6 }
    config.process.rlimits = [
      { type: 'RLIMIT_NOFILE', hard: 300, soft: 200 },
      { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
    ]
  })
  const look = await box.look('process')
  expect(look, '/process/args', 'equal', "/bin/sh -c 'sleep 1000; true' 'two words'")
  const env = expect(look, '/process/env', 'equal', /A=second/)
  assert.ok(!env.got?.includes('first'))
  expect(look, '/process/cwd', 'equal', '/tmp')
  expect(look, '/process/user/uid', 'equal', '7')
  expect(look, '/process/user/gid', 'equal', '8')
  expect(look, '/process/user/additionalGids', 'equal', '9, 10')
  expect(look, '/process/user/umask', 'equal', /63 \(octal 0077\)/)
  expect(look, '/process/oomScoreAdj', 'equal', /^700, which makes a badness of \d+$/)
  expect(look, '/process/scheduler/policy', 'equal', 'SCHED_BATCH')
  expect(look, '/process/scheduler/nice', 'equal', '5')
  expect(look, '/process/ioPriority', 'equal', 'IOPRIO_CLASS_BE 6')
  expect(look, '/process/rlimits/0', 'equal', 'soft 200, hard 300')
  expect(look, '/process/rlimits/1', 'equal', 'soft 0, hard 0')
  // Not root: execve leaves what is ambient, and nothing is.
  const effective = expect(look, '/process/capabilities/effective', 'differs', 'none')
  assert.match(effective.why, /Not root/)
})

test('capabilities: what is masked, ambient, unknown', async () => {
  await box.run('caps', (config) => {
    const some = ['CAP_KILL', 'CAP_CHOWN', 'CAP_NET_RAW']
    config.process.capabilities = {
      bounding: some,
      permitted: some,
      effective: ['CAP_KILL'],
      inheritable: some,
      ambient: ['CAP_CHOWN'],
    }
    config.process.user = { uid: 5, gid: 5 }
    config.process.noNewPrivileges = false
  })
  const look = await box.look('caps')
  expect(look, '/process/capabilities/bounding', 'equal')
  expect(look, '/process/capabilities/inheritable', 'equal')
  expect(look, '/process/capabilities/ambient', 'equal', 'CAP_CHOWN')
  const permitted = expect(look, '/process/capabilities/permitted', 'differs', 'CAP_CHOWN')
  assert.match(permitted.why, /ambient/)
  expect(look, '/process/noNewPrivileges', 'equal', 'false')
  await box.run('unknown', (config) => {
    config.process.capabilities.bounding.push('CAP_TEA')
    config.process.capabilties = {}
    config.annotations = { 'org.example/key~1': 'value' }
  })
  const other = await box.look('unknown')
  assert.match(expect(other, '/process/capabilities/bounding', 'differs').why, /knows no CAP_TEA/)
  assert.match(expect(other, '/process/capabilties', 'not-applied').why, /no such key/)
  expect(other, '/annotations/org.example~1key~01', 'equal', 'value')
})

test('terminal: a pseudo-terminal of its own, and its size', async () => {
  await box.bundle('tty', (config) => {
    config.process.terminal = true
    config.process.consoleSize = { width: 91, height: 17 }
  })
  await box.sh(
    'cd /tmp/tty && (recvtty -p "" /tmp/tty/console.sock > /dev/null 2>&1 & ) ; (recvtty -m null /tmp/tty/console.sock > /dev/null 2>&1 &); for i in $(seq 100); do [ -S console.sock ] && break; sleep .05; done; runc create --console-socket /tmp/tty/console.sock tty && runc start tty',
  )
  const look = await box.look('tty')
  const row = expect(look, '/process/terminal', 'equal', /\/dev\/pts\/0, its controlling terminal/)
  assert.equal(row.value, true)
  expect(look, '/process/consoleSize', 'equal', '91 columns, 17 rows')
})
