/** What a sandbox has to itself: namespaces, limits, cgroups, files. The attacks on it are in tests/hostile. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { parseHierarchies } from '../../server/host/providers/runc/hierarchies.ts'
import { currentImage } from '../../server/host/providers/runc/image.ts'
import { initPid, newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const MEMORY_MIB = 256
const PIDS = 200
const lab = testProvider({ LAB_MEMORY_MIB: String(MEMORY_MIB), LAB_PIDS: String(PIDS) })
const { provider, config } = lab
const image = currentImage(config.imageDir)
/** Two neighbours that no test harms. */
const [a, b] = [newId(), newId()]

before(async () => {
  await Promise.all([provider.create(a, 'a'), provider.create(b, 'b')])
})
after(() => lab.dispose())

/** A sandbox for one test that may ruin it. */
async function fresh(t: TestContext): Promise<string> {
  const id = newId()
  t.after(() => provider.destroy(id))
  await provider.create(id, id)
  return id
}

/** The sandbox's limiting cgroup, in every hierarchy of the host. */
const cgroupDirs = (id: string) =>
  parseHierarchies(fs.readFileSync('/proc/self/mountinfo', 'utf8')).map((h) =>
    path.join(h.mount, config.name, id),
  )

/** What a script prints, which must succeed. */
async function says(id: string, script: string): Promise<string> {
  const { status, stdout, stderr } = await sh(provider, id, script)
  assert.equal(status, 0, `${script}: ${stderr}`)
  return stdout.trim()
}

/** Takes as many bytes of memory and writes to each page. */
const eat = (mib: number) => `perl -e '$x = "a" x (${mib} * 1048576); print length $x'`

/** A directory for a learner's own cgroup, in the hierarchy that has the controller. */
const OWN_CGROUP = (controller: string) =>
  `own=/sys/fs/cgroup/own; [ -d /sys/fs/cgroup/${controller} ] && own=/sys/fs/cgroup/${controller}/own; mkdir -p $own`

describe('namespaces', () => {
  for (const kind of ['user', 'pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'])
    test(`the ${kind} namespace is neither the host's nor the neighbour's`, async () => {
      const of = (pid: number | 'self') => fs.readlinkSync(`/proc/${pid}/ns/${kind}`)
      const all = [of('self'), of(initPid(config.runDir, a)), of(initPid(config.runDir, b))]
      assert.equal(new Set(all).size, 3, all.join(' '))
      assert.equal(await says(a, `readlink /proc/self/ns/${kind}`), all[1], 'a program in it is in it')
    })

  test('there is loopback, up, and no other interface and no route', async () => {
    assert.match(await says(a, 'ip -o link'), /^1: lo: <LOOPBACK,UP[^\n]*$/)
    assert.equal(await says(a, 'ip route; ip -6 route'), '')
  })
})

describe('limits', () => {
  test('a process that wants more memory than there is dies alone', async (t) => {
    const id = await fresh(t)
    assert.equal(await says(id, eat(MEMORY_MIB / 2)), String((MEMORY_MIB / 2) * 1024 ** 2))
    assert.equal((await sh(provider, id, eat(MEMORY_MIB + 50))).status, 137)
    assert.ok(await provider.isAlive(id))
    assert.equal(await says(id, 'echo works'), 'works')
  })

  test('there are no more processes than the limit says', async (t) => {
    const id = await fresh(t)
    const forks = `perl -e '$| = 1; setpgrp; for (1..1000) { $p = fork; if (!defined $p) { print "$_ $!"; last } if (!$p) { sleep 1000 } } kill 9, -$$'`
    const said = await sh(provider, id, forks)
    const [, count, why] = /^(\d+) (.*)$/.exec(said.stdout)!
    assert.equal(why, 'Resource temporarily unavailable')
    assert.ok(Number(count) > PIDS / 2 && Number(count) <= PIDS, count)
    await until(
      'they are gone',
      async () => (await sh(provider, id, 'ps -e --no-headers | wc -l')).stdout.length < 4,
    )
  })

  test('the processor limit is the one that was asked for', () => {
    const read = (file: string) =>
      cgroupDirs(a)
        .map((dir) => path.join(dir, file))
        .filter(fs.existsSync)
        .map((f) => fs.readFileSync(f, 'utf8').trim())
    const v1 = read('cpu.cfs_quota_us')
    if (v1.length > 0) assert.deepEqual([v1, read('cpu.cfs_period_us')], [['150000'], ['100000']])
    else assert.deepEqual(read('cpu.max'), ['150000 100000'])
  })
})

describe('cgroups', () => {
  test('below it the learner can limit on their own', async (t) => {
    const id = await fresh(t)
    const script = (mib: number) => `${OWN_CGROUP('memory')}
      for f in memory.max memory.limit_in_bytes; do [ -e $own/$f ] && echo ${mib}M > $own/$f; done
      (echo $BASHPID > $own/cgroup.procs && exec ${eat(60)})`
    assert.equal((await sh(provider, id, script(30))).status, 137)
    assert.equal((await sh(provider, id, script(100))).stdout, String(60 * 1024 ** 2))
  })
})

describe('files', () => {
  test('what one sandbox writes or deletes, no other has or misses', async (t) => {
    const id = await fresh(t)
    await says(
      id,
      'echo mine > /root/mine; echo mine > /var/lib/docker/mine; rm /usr/bin/jq; echo x >> /etc/passwd',
    )
    const next = await fresh(t)
    for (const other of [b, next])
      assert.equal(
        await says(
          other,
          'ls /root/mine /var/lib/docker/mine 2>/dev/null; tail -c 2 /etc/passwd; command -v jq',
        ),
        'h\n/usr/bin/jq'.replace('h', await says(a, 'tail -c 2 /etc/passwd')),
      )
    assert.ok(fs.existsSync(path.join(image.rootfs, 'usr/bin/jq')))
  })
})
