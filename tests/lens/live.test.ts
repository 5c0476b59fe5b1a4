/** The lens while things happen: states, ends, lack of memory, Docker’s containers, and nothing while nobody looks. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { AgentChannel } from '../../server/host/agent/channel.ts'
import { startHelper } from '../../server/host/agent/start.ts'
import type { LensEvent, LensView } from '../../server/protocol/index.ts'
import { dockerTrace } from '../../spec/lens/docker.ts'
import { textOf } from '../../spec/lens/facts.ts'
import { addSample, limitsOf, type Sample } from '../../spec/lens/gauges.ts'
import { lanes, participants } from '../../spec/lens/lanes.ts'
import type { Look } from '../../spec/lens/look.ts'
import { mountTree } from '../../spec/lens/mount-tree.ts'
import { processTrees } from '../../spec/lens/process-tree.ts'
import { parseJson } from '../../spec/lens/state.ts'
import { explainExit, timeline, troubles } from '../../spec/lens/timeline.ts'
import { until } from '../helpers/until.ts'
import { type Config, expect, LensBox } from './lens-box.ts'

let box: LensBox

before(async () => {
  box = await LensBox.start()
})
after(() => box?.stop())
afterEach(() => box?.closeTabs())

type Tab = ReturnType<LensBox['watch']>
const view = (tab: Tab) => tab.messages.findLast((message): message is LensView => message.type === 'lens')
const container = (tab: Tab, id: string) => view(tab)?.containers.find((each) => each.id === id)
const events = (tab: Tab): LensEvent[] =>
  tab.messages.flatMap((message) => (message.type === 'lens-events' ? message.events : []))
const phase = (tab: Tab, id: string, wanted: string) =>
  until(`${id} is ${wanted}`, () => container(tab, id)?.phase === wanted)
const collectors = async () => (await box.sh('pgrep -cf "^/usr/lib/runclab/lens" || true')).trim()

describe('a life', () => {
  test('is followed from creation to deletion, and told as it was', async () => {
    const tab = box.watch()
    await until('the lens looks', () => view(tab)?.state === 'live')
    await box.bundle('life', (config) => {
      config.hooks = { poststop: [{ path: '/bin/true' }] }
    })
    await box.sh('cd /tmp/life && runc create life < /dev/null > /dev/null 2>&1')
    await phase(tab, 'life', 'created')
    await box.sh('runc start life')
    await phase(tab, 'life', 'running')
    // Commands are seen while they run: this one does for a while.
    await box.sh('runc exec life sleep 1; runc pause life')
    await phase(tab, 'life', 'paused')
    await box.sh('runc resume life; runc update --pids-limit 44 life')
    await phase(tab, 'life', 'running')
    await box.sh('runc kill life KILL')
    await phase(tab, 'life', 'stopped')
    assert.equal(container(tab, 'life')?.exit, 9)
    await box.sh('runc delete life')
    await phase(tab, 'life', 'gone')
    const titles = timeline(events(tab), '/run/runc/life').map(({ title }) => title)
    for (const wanted of ['Created', 'Started', 'Paused', 'Resumed', 'Updated', 'Ended with 137', 'Deleted'])
      assert.ok(titles.includes(wanted), `${wanted} in ${titles}`)
    const order = ['Created', 'Started', 'Paused', 'Resumed', 'Ended with 137', 'Deleted'].map((title) =>
      titles.indexOf(title),
    )
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    )
    const commands = timeline(events(tab), '/run/runc/life')
      .filter(({ kind }) => kind === 'command')
      .map(({ detail }) => detail)
    assert.ok(commands.includes('runc exec life sleep 1'), commands.join('; '))
    tab.close()
  })

  test('of a moment is told with its exit code', async () => {
    const tab = box.watch()
    await until('the lens looks', () => view(tab)?.state === 'live')
    await box.bundle('short', (config) => {
      config.process.args = ['sh', '-c', 'exit 3']
    })
    await box.sh('cd /tmp/short && runc run short < /dev/null', { fails: true })
    await phase(tab, 'short', 'gone')
    const end = timeline(events(tab), '/run/runc/short').find(({ kind }) => kind === 'end')
    // Kernels before 6.15 tell an exit code to the parent alone.
    const [major = 0, minor = 0] = (await box.sh('uname -r')).split('.').map(Number)
    if (major > 6 || (major === 6 && minor >= 15)) assert.equal(end?.title, 'Ended with 3')
    else assert.match(end?.title ?? '', /^Ended/)
    tab.close()
  })

  test('that ends for lack of memory says so', async () => {
    const tab = box.watch()
    await until('the lens looks', () => view(tab)?.state === 'live')
    await box.bundle('oom', (config) => {
      config.process.args = ['sh', '-c', 'sleep 1; tail /dev/zero']
      config.linux.resources.memory = { limit: 16 * 1024 ** 2 }
    })
    await box.sh('cd /tmp/oom && runc run oom < /dev/null', { fails: true })
    await phase(tab, 'oom', 'gone')
    const moments = await until('the lack of memory is told', () => {
      const found = timeline(events(tab), '/run/runc/oom')
      return found.some(({ title }) => title === 'Out of memory') &&
        found.some(({ title }) => title.startsWith('Ended'))
        ? found
        : null
    })
    assert.ok(
      moments.findIndex(({ title }) => title === 'Out of memory') <
        moments.findIndex(({ title }) => title.startsWith('Ended')),
    )
    tab.close()
  })
})

test('commands of a lesson’s checks are no events, those of a learner are', async () => {
  const tab = box.watch()
  await until('the lens looks', () => view(tab)?.state === 'live')
  await box.run('checked')
  const agent = new AgentChannel(startHelper(box.provider, box.id, '/usr/lib/runclab/agent'), () => {})
  // Both run for longer than anybody who looks needs to see them.
  const result = await agent.run(['/bin/bash', '-c', 'runc exec checked sleep 1.5; true'], {
    timeoutMs: 10_000,
    maxOutput: 1000,
  })
  agent.close()
  assert.equal(result.status, 0)
  await box.sh('runc exec checked sleep 1')
  const told = await until('what the learner did is told', () => {
    const commands = timeline(events(tab), '/run/runc/checked').map(({ detail }) => detail)
    return commands.includes('runc exec checked sleep 1') ? commands : null
  })
  assert.ok(!told.some((command) => command.includes('sleep 1.5')), told.join('; '))
  await box.sh('runc delete -f checked')
  tab.close()
})

describe('what happens while the collector has no time to look', () => {
  const hold = () => box.sh('pkill -STOP -f "^/usr/lib/runclab/lens"')
  const letGo = () => box.sh('pkill -CONT -f "^/usr/lib/runclab/lens"')
  const pids = '/linux/resources/pids/limit'
  const limited = (limit: number) => (config: Config) => {
    config.linux.resources.pids = { limit }
  }

  test('a container that has taken the name of another is not taken for it', async () => {
    const tab = box.watch()
    await until('the lens looks', () => view(tab)?.state === 'live')
    await box.run('again', limited(100))
    expect(await box.look('again'), pids, 'equal', '100')
    await hold()
    try {
      await box.sh('runc delete -f again')
      await box.run('again', limited(50))
    } finally {
      await letGo()
    }
    const look = await box.look('again', ({ asked, rows }) => {
      const row = rows.find(({ pointer }) => pointer === pids)
      return asked.origin !== 'state' && row?.got === '50'
    })
    expect(look, pids, 'equal', '50')
    const titles = timeline(events(tab), '/run/runc/again').map(({ title }) => title)
    assert.equal(titles.filter((title) => title === 'Started').length, 2, titles.join())
    assert.ok(titles.includes('Deleted') && !titles.includes('Out of memory'), titles.join())
    await box.sh('runc delete -f again')
  })

  test('a configuration that is edited after the start is not taken for the one of the start', async () => {
    const tab = box.watch()
    await until('the lens looks', () => view(tab)?.state === 'live')
    await hold()
    try {
      await box.run('edited', limited(100))
      await box.bundle('edited', limited(50))
    } finally {
      await letGo()
    }
    const { asked, rows } = await box.look('edited')
    assert.equal(asked.origin, 'state')
    assert.equal(rows.find(({ pointer }) => pointer === pids)?.edited, '50')
    await box.sh('runc delete -f edited')
  })
})

test('throttling and refused processes are counted and told', async () => {
  await box.run('busy', (config) => {
    config.process.args = ['sh', '-c', 'while :; do :; done']
    config.linux.resources.pids = { limit: 5 }
    config.linux.resources.cpu = { quota: 5000, period: 100_000 }
  })
  let samples: readonly Sample[] = []
  let at = 0
  const take = (look: Look) => {
    at += 1000
    samples = addSample(samples, look.context.readings, look.container, at)
    return samples
  }
  await box.look('busy', (look) => take(look).length > 1)
  await box.sh('runc exec busy sh -c "for i in 1 2 3 4 5 6 7 8; do sleep 5 & done"', { fails: true })
  const told = await box.look('busy', (look) => {
    const titles = troubles(take(look))
      .map(({ title }) => title)
      .join()
    return titles.includes('Throttled') && titles.includes('refused')
  })
  assert.ok((samples.at(-1)?.pids ?? 9) <= 5)
  assert.deepEqual(limitsOf(told.context.readings, told.container), { memory: null, cpu: 0.05, pids: 5 })
  await box.sh('runc delete -f busy')
})

test('namespaces of several containers: joined ones share a letter, and the sandbox’s own is marked', async () => {
  await box.run('one')
  const one = await box.look('one')
  await box.run('two', (config) => {
    config.linux.namespaces.find((each: Config) => each.type === 'network').path =
      `/proc/${one.container.pid}/ns/net`
    config.linux.namespaces = config.linux.namespaces.filter((each: Config) => each.type !== 'uts')
    delete config.hostname
  })
  const two = await box.look('two')
  const who = participants([one.container, two.container], { pid: '1' }, two.context.readings)
  const rows = Object.fromEntries(lanes(who).map(({ type, cells }) => [type, cells]))
  assert.deepEqual(
    who.map(({ name }) => name),
    ['host', 'sandbox', 'one', 'two'],
  )
  assert.equal(rows.net![2]!.letter, rows.net![3]!.letter)
  assert.notEqual(rows.net![2]!.letter, rows.net![1]!.letter)
  assert.equal(rows.uts![3]!.shared, true)
  assert.equal(rows.uts![2]!.shared, false)
  assert.notEqual(rows.pid![2]!.letter, rows.pid![3]!.letter)
  const { inside, outside } = processTrees(one.context.readings, one.container)
  assert.deepEqual(
    inside.map(({ pid }) => pid),
    [1],
  )
  assert.ok(outside.some(({ pid, role }) => pid === one.container.pid && role === 'container'))
  const tree = mountTree(one.context.mounts)
  assert.equal(tree[0]?.mount.point, '/')
  assert.ok(tree.some(({ badges }) => badges.includes('masked')))
  assert.ok(tree.some(({ mount, badges }) => mount.point === '/proc/sys' && badges.includes('read-only')))
  await box.sh('runc delete -f one; runc delete -f two')
})

test('rootless: another root, found by itself, without cgroups', async () => {
  await box.bundle('rootless')
  await box.sh(`
    useradd -m lens-user 2>/dev/null || adduser -D lens-user 2>/dev/null || echo 'lens-user:x:1234:1234::/tmp:/bin/sh' >> /etc/passwd
    mkdir -p /run/user/1234 /tmp/rootless && chown 1234:1234 /run/user/1234
    cp -a /tmp/base/rootfs /tmp/rootless/ 2>/dev/null; chown -R 1234:1234 /tmp/rootless
    cd /tmp/rootless && rm -f config.json
    setpriv --reuid 1234 --regid 1234 --clear-groups sh -c '
      export XDG_RUNTIME_DIR=/run/user/1234 HOME=/tmp
      runc spec --rootless
      sed -i "s/\\"terminal\\": true/\\"terminal\\": false/; s/\\"sh\\"/\\"sleep\\", \\"600\\"/" config.json
      runc run -d rootless < /dev/null > log 2>&1 || { cat log; exit 1; }'`)
  const look = await box.look('rootless')
  assert.equal(look.container.dir, '/run/user/1234/runc/rootless')
  expect(look, '/linux/uidMappings/0', 'equal', '0 inside is 1234 outside, 1 ids')
  expect(look, '/process/user/uid', 'equal', '0 inside, 1234 in the sandbox')
  await box.sh(
    'kill -9 $(cat /proc/*/status 2>/dev/null | awk "/^Pid:/{p=\\$2} /^Uid:/{if(\\$2==1234)print p}") 2>/dev/null; true',
    { fails: true },
  )
})

test('a container of Docker’s: marked, traced back to its flags, with its shim', async () => {
  await box.sh(
    'docker run -d --name web -m 64m --pids-limit 50 --cap-add NET_ADMIN -e COLOUR=red -v /tmp/base:/data:ro busybox sleep 1000',
    { timeoutMs: 60_000 },
  )
  const id = (await box.sh('docker inspect -f {{.Id}} web')).trim()
  const look = await box.look(id)
  assert.equal(look.container.owner, 'docker')
  assert.ok(look.container.dir.startsWith('/run/docker/'))
  expect(look, '/linux/resources/memory/limit', 'equal', /64 MiB/)
  expect(look, '/linux/resources/pids/limit', 'equal', '50')
  const { outside } = processTrees(look.context.readings, look.container)
  assert.ok(outside.some(({ role }) => role === 'shim') && outside.some(({ role }) => role === 'docker'))
  const kept = (file: string) =>
    parseJson(textOf(look.context.readings, `b /var/lib/docker/containers/${id}/${file}`))!
  const trace = dockerTrace(kept('config.v2.json'), kept('hostconfig.json'), look.asked.config)
  assert.equal(trace.name, 'web')
  const flag = (text: string) =>
    trace.flags.find((each) => each.flag === text) ??
    assert.fail(`${text} in ${trace.flags.map((each) => each.flag)}`)
  assert.equal(flag('-m 64m').became[0]?.value, 64 * 1024 ** 2)
  assert.equal(flag('--pids-limit 50').became[0]?.value, 50)
  assert.match(JSON.stringify(flag('--cap-add NET_ADMIN').became), /"CAP_NET_ADMIN"/)
  assert.match(JSON.stringify(flag('-v /tmp/base:/data:ro').became), /\/data/)
  flag('-e COLOUR=red')
  assert.ok(
    trace.added.some(({ title }) => title === '15 capabilities'),
    JSON.stringify(trace.added),
  )
  assert.ok(trace.added.some(({ title }) => /masked paths/.test(title)))
  await box.sh('docker rm -f web')
})

test('nobody looks: nothing runs; somebody does again: it goes on', async () => {
  const tab = box.watch()
  await until('the lens looks', () => view(tab)?.state === 'live')
  assert.equal(await collectors(), '1')
  tab.close()
  await until('the collector is gone', async () => (await collectors()) === '0', 25_000)
  const again = box.watch()
  await until('the lens looks again', () => view(again)?.state === 'live')
  again.close()
})

test('exit codes in words', () => {
  assert.match(explainExit(9), /^137 = 128 \+ 9 \(SIGKILL\): killed: it could not object/)
  assert.match(explainExit(9, true), /memory ran out/)
  assert.match(explainExit(15), /^143 = 128 \+ 15 \(SIGTERM\)/)
  assert.match(explainExit(127 << 8), /^127: there is no such program/)
  assert.match(explainExit(139 << 8), /^139 = 128 \+ 11: .*SIGSEGV/)
  assert.match(explainExit(31), /seccomp/)
})
