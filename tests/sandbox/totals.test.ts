/** Limits beyond those of tests/life/limits: of all sandboxes together, swap, and what Docker logs; tried for real. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const PIDS = 90
const MEMORY_MIB = 220
const CPUS = 0.5
const SWAP_MIB = 64
const lab = testProvider({
  ...{ LAB_TOTAL_PIDS: String(PIDS), LAB_TOTAL_MEMORY_MIB: String(MEMORY_MIB), LAB_TOTAL_CPUS: String(CPUS) },
  ...{ LAB_PIDS: '80', LAB_MEMORY_MIB: '160', LAB_SWAP_MIB: String(SWAP_MIB) },
})
const { provider, config } = lab
const [a, b] = [newId(), newId()]
before(async () => {
  await provider.create(a, 'a')
  await provider.create(b, 'b')
})
after(() => lab.dispose())

/** The number in the first of these files of a cgroup below the lab's that this host has, in any hierarchy. */
function counter(below: string, ...files: string[]): number {
  const mounts = ['', 'memory', 'pids', 'cpu,cpuacct', 'cpuacct', 'unified'].map((name) =>
    path.join('/sys/fs/cgroup', name),
  )
  const found = mounts
    .flatMap((mount) => files.map((file) => path.join(mount, config.name, below, file)))
    .find((file) => fs.existsSync(file))
  assert.ok(found, files.join())
  return Number(/\d+/.exec(fs.readFileSync(found, 'utf8'))![0])
}

/** Runs on in the sandbox until the test ends. */
function start(t: TestContext, id: string, script: string): void {
  const { file, args } = provider.command(id, ['/bin/bash', '-c', script], { tty: false })
  const child = spawn(file, args, { stdio: 'ignore' })
  t.after(async () => {
    await sh(provider, id, 'kill -9 -1')
    child.kill('SIGKILL')
  })
}

describe('all sandboxes together', () => {
  test('have so many processes, although each alone might have more', async (t) => {
    start(t, a, 'for i in $(seq 60); do sleep 600 & done; wait')
    await until('one has its share', () => counter(a, 'pids.current') > 60)
    const { stderr } = await sh(provider, b, 'for i in $(seq 60); do sleep 3 & done; wait')
    assert.match(stderr, /Resource temporarily unavailable/)
    assert.ok(counter('', 'pids.current') <= PIDS)
    assert.ok(await provider.isAlive(b))
  })

  test('have so much memory: whoever takes more is ended, and both sandboxes live', async () => {
    const take = (id: string) =>
      sh(provider, id, `perl -e '$x = "a" x (130 * 1048576); sleep 3; print "kept"'`, { timeoutMs: 30_000 })
    const both = await Promise.all([take(a), take(b)])
    assert.notDeepEqual(
      both.map(({ stdout }) => stdout),
      ['kept', 'kept'],
    )
    assert.ok(counter('', 'memory.peak', 'memory.max_usage_in_bytes') <= MEMORY_MIB * 1024 ** 2)
    for (const id of [a, b]) {
      assert.ok(await provider.isAlive(id))
      await until('it works', async () => (await sh(provider, id, 'echo works')).stdout === 'works\n')
    }
  })

  test('have so many processors', async (t) => {
    for (const id of [a, b]) start(t, id, 'for i in 1 2 3; do (while :; do :; done) & done; wait')
    const used = () => {
      const v1 = fs.existsSync('/sys/fs/cgroup/cpuacct')
      return v1 ? counter('', 'cpuacct.usage') / 1e9 : counter('', 'cpu.stat') / 1e6
    }
    const idle = used()
    await until('they burn', () => used() - idle > 0.2)
    const [before, began] = [used(), performance.now()]
    await until('a second has passed', () => performance.now() - began > 1000)
    const share = (used() - before) / ((performance.now() - began) / 1000)
    // A period of 100 ms may fall on either side.
    assert.ok(share <= CPUS * 1.3, `${share} processors instead of ${CPUS}`)
  })
})

test('a sandbox may use so much swap and no more, where the kernel counts it', (t) => {
  const v1 = `/sys/fs/cgroup/memory/${config.name}/${a}/memory.memsw.limit_in_bytes`
  const v2 = `/sys/fs/cgroup/${config.name}/${a}/memory.swap.max`
  const mib = 1024 ** 2
  if (fs.existsSync(v1)) assert.equal(Number(fs.readFileSync(v1, 'utf8')), (160 + SWAP_MIB) * mib)
  else if (fs.existsSync(v2)) assert.equal(Number(fs.readFileSync(v2, 'utf8')), SWAP_MIB * mib)
  else t.skip('this kernel does not count swap')
})

test("a container that logs without end keeps the last of it, and not its sandbox's disk full", async () => {
  const { stdout } = await sh(
    provider,
    a,
    'docker run --name chatty busybox sh -c "yes a line of a log | head -c 5000000" > /dev/null; cat /var/lib/docker/containers/*/*-json.log* | wc -c; docker rm chatty > /dev/null',
    { timeoutMs: 180_000 },
  )
  const bytes = Number(stdout)
  assert.ok(bytes > 500_000 && bytes <= 2.2e6, `${bytes} bytes`)
})
