/** Rows of the lens against a real container: the default configuration, hooks, and an edited file. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { expect, LensBox, rowOf } from './lens-box.ts'

let box: LensBox
/** cgroup v2 for the limits, as on a unified host. */
let v2 = false

before(async () => {
  box = await LensBox.start()
  v2 = (await box.sh('stat -f -c %T /sys/fs/cgroup')).trim() === 'cgroup2fs'
})
after(() => box?.stop())

describe('the default configuration', () => {
  test('is in force, field by field', async () => {
    await box.run('plain')
    const look = await box.look('plain')
    assert.equal(look.container.phase, 'running')
    assert.equal(look.asked.origin === 'start' || look.asked.origin === 'unchanged', true)
    const odd = look.rows.filter(({ verdict }) => verdict === 'differs')
    // Device rules of a user namespace are the one thing that runc cannot do here.
    assert.deepEqual(
      odd.map(({ pointer }) => pointer),
      v2 ? [] : ['/linux/resources/devices'],
    )
    expect(look, '/process/args', 'equal', 'sleep 1000')
    expect(look, '/process/args/0', 'equal', '/bin/busybox')
    expect(look, '/process/env', 'equal', /PATH=.* TERM=xterm HOME=\/root/)
    expect(look, '/process/cwd', 'equal', '/')
    expect(look, '/process/terminal', 'equal', /no terminal of its own/)
    expect(look, '/process/user/uid', 'equal', '0')
    expect(look, '/process/noNewPrivileges', 'equal', 'true')
    expect(
      look,
      '/process/capabilities/bounding',
      'equal',
      /CAP_KILL, CAP_NET_BIND_SERVICE|CAP_NET_BIND_SERVICE/,
    )
    expect(look, '/process/capabilities/ambient', 'default', 'none')
    expect(look, '/process/rlimits/0', 'equal', /soft 1024, hard 1024/)
    expect(look, '/hostname', 'equal', 'runc')
    expect(look, '/root/path', 'equal', '/tmp/plain/rootfs')
    expect(look, '/root/readonly', 'equal', 'true')
    for (const index of [0, 1, 2, 3, 4])
      expect(
        look,
        `/linux/namespaces/${index}`,
        'equal',
        /its own/,
        `${['pid', 'network', 'ipc', 'uts', 'mount'][index]} namespace`,
      )
    expect(look, '/linux/namespaces/0', 'equal', /^\d+ in the sandbox, 1 inside$/, 'pid outside and inside')
    expect(look, '/linux/namespaces/1', 'default', 'lo', 'network interfaces')
    // Not every kernel has /proc/acpi.
    const acpi = await box.sh('[ -e /proc/acpi ] && echo there || true')
    if (acpi) expect(look, '/linux/maskedPaths/0', 'equal', /read-only tmpfs|dev\/null/)
    else expect(look, '/linux/maskedPaths/0', 'not-applied', 'no such path')
    expect(look, '/linux/readonlyPaths/0', 'equal', 'ro')
    for (const [index, mount] of look.context.mounts.entries())
      assert.ok(mount.point.startsWith('/'), `${index}`)
    expect(look, '/ociVersion', 'equal')
    expect(look, '/linux/cgroupsPath', 'default', /\/plain$/)
    for (const row of look.rows) {
      if (
        row.source.startsWith('/') &&
        row.got !== null &&
        !row.source.includes(',') &&
        row.family !== 'runc'
      )
        await box.sh(`[ -e ${row.source} ] || [ -L ${row.source} ]`)
    }
  })

  test('is told with commands that show the same', async () => {
    const look = await box.look('plain')
    const says = async (pointer: string, title?: string) =>
      (await box.sh(rowOf(look, pointer, title).command, { fails: true })).trim()
    assert.equal(await says('/process/args'), 'sleep 1000')
    assert.match(await says('/process/env'), /TERM=xterm/)
    assert.equal(await says('/hostname'), 'runc')
    assert.match(await says('/process/capabilities/bounding'), /cap_kill/)
    assert.match(await says('/process/rlimits/0'), /Max open files\s+1024/)
    assert.match(await says('/root/path'), /rootfs/)
    assert.match(await says('/linux/namespaces/0', 'pid namespace'), /pid:\[\d+\]\n?/)
    const commands = [...new Set(look.rows.map(({ command }) => command).filter(Boolean))]
    for (const command of commands) {
      const output = await box.sh(`${command} > /tmp/output 2>&1; echo $?; cat /tmp/output`, { fails: true })
      assert.doesNotMatch(output, /not found|Permission denied|[Uu]sage:/, command)
    }
  })
})

test('hooks: those that have run, by the state that was reached', async () => {
  await box.bundle('hooks', (config) => {
    const hook = { path: '/bin/true' }
    config.hooks = {
      createRuntime: [hook],
      startContainer: [{ path: '/bin/true' }],
      poststart: [hook],
      poststop: [hook],
    }
  })
  await box.sh('cd /tmp/hooks && runc create hooks < /dev/null > /dev/null 2>&1')
  const created = await box.look('hooks', ({ rows }) =>
    rows.some(({ pointer }) => pointer.startsWith('/hooks/')),
  )
  assert.equal(created.container.phase, 'created')
  expect(created, '/hooks/createRuntime/0', 'equal', 'has run')
  expect(created, '/hooks/startContainer/0', 'not-applied')
  expect(created, '/process/args', 'not-applied')
  await box.sh('runc start hooks')
  const running = await box.look('hooks', (look) => look.container.phase === 'running')
  expect(running, '/hooks/poststart/0', 'equal', 'has run')
  expect(running, '/hooks/poststop/0', 'not-applied')
})

test('an edited file: what is in force stays, and the edit is marked', async () => {
  const config = await box.run('edited', (config) => {
    config.linux.resources.pids = { limit: 11 }
  })
  await box.look('edited')
  config.linux.resources.pids.limit = 99
  config.hostname = 'later'
  await box.sh(
    `echo ${Buffer.from(JSON.stringify(config)).toString('base64')} | base64 -d > /tmp/edited/config.json`,
  )
  const look = await box.look('edited', (each) => rowOf(each, '/hostname').edited !== null)
  assert.equal(expect(look, '/hostname', 'equal', 'runc').edited, 'later')
  assert.equal(expect(look, '/linux/resources/pids/limit', 'equal', '11').edited, '99')
  assert.equal(rowOf(look, '/process/cwd').edited, null)
  // A lens that has not seen its start goes by what runc kept.
  const late = box.newLens()
  try {
    const seen = await until('the other lens sees it', () => late.ask('edited'))
    assert.equal(seen.asked.origin, 'state')
    assert.equal(expect(seen, '/linux/resources/pids/limit', 'equal', '11').edited, '99')
    assert.equal(expect(seen, '/hostname', 'equal', 'runc').edited, 'later')
    assert.equal(rowOf(seen, '/process/args').asked, null)
  } finally {
    late.end()
  }
})
