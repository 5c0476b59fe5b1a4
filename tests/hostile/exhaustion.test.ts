/** Attacks by taking all there is: processes, memory, disk, kernel objects, processor time. Neighbour and host go on. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { newId, sh } from '../helpers/exec.ts'
import { until } from '../helpers/until.ts'
import { neighbours } from './helpers/attack.ts'
import { knownCalls } from './helpers/prober.ts'

const MEMORY_MIB = 256
const PIDS = 200
const CPUS = 0.75
const { provider, config, b, says, refused, start, fresh, cgroupDirs } = neighbours({
  LAB_MEMORY_MIB: String(MEMORY_MIB),
  LAB_PIDS: String(PIDS),
  LAB_CPUS: String(CPUS),
})

const calls = knownCalls()

/** The first of these files that the sandbox's cgroup has, as a number. */
const counter = (id: string, ...names: string[]) => {
  const file = cgroupDirs(id)
    .flatMap((dir) => names.map((name) => path.join(dir, name)))
    .find(fs.existsSync)!
  return Number(fs.readFileSync(file, 'utf8'))
}
const neighbourWorks = async () => assert.equal(await says(b, 'echo works', { timeoutMs: 5000 }), 'works')

test('24. a fork bomb stops at its limit, and its sandbox is destroyed within 5 seconds', async (t) => {
  const id = await fresh(t)
  start(id, 'f() { f | f & }; f')
  await until('it has gone off', () => counter(id, 'pids.current') > PIDS * 0.9)
  assert.ok(counter(id, 'pids.current') <= PIDS)
  for (let i = 0; i < 5; i++) await neighbourWorks()
  assert.ok(await provider.isAlive(id))
  const began = performance.now()
  await provider.destroy(id)
  assert.ok(performance.now() - began < 5000)
  assert.equal(cgroupDirs(id).some(fs.existsSync), false)
})

test('25. memory that is taken in any way ends whoever takes it, and the sandbox lives', async (t) => {
  const ways = [
    `perl -e '$x = "a" x (${MEMORY_MIB * 2} * 1048576); print 1'`,
    `mkdir -p /big && mount -t tmpfs -o size=10g big /big && dd if=/dev/zero of=/big/f bs=1M count=${MEMORY_MIB * 2} 2>&1 && echo 1`,
    `for i in $(seq 20); do perl -e '$x = "a" x (30 * 1048576); sleep 60' & done; wait -n; echo $?; kill $(jobs -p); false`,
  ]
  for (const way of ways) {
    // What fills a file system in memory stays when its writer is killed, and leaves little for the next way.
    const id = await fresh(t)
    const { status } = await sh(provider, id, way)
    assert.notEqual(status, 0, way)
    assert.ok(counter(id, 'memory.current', 'memory.usage_in_bytes') <= MEMORY_MIB * 1024 ** 2)
    assert.ok(await provider.isAlive(id), way)
    await provider.destroy(id)
  }
  const id = await fresh(t)
  // Files that pass through the page cache are given back, not charged to anybody else.
  await says(
    id,
    `dd if=/dev/zero of=/root/large bs=1M count=${MEMORY_MIB * 2} status=none && cat /root/large > /dev/null`,
  )
  assert.ok(counter(id, 'memory.current', 'memory.usage_in_bytes') <= MEMORY_MIB * 1024 ** 2)
  await until('it works again', async () => (await sh(provider, id, 'echo works')).stdout === 'works\n')
  await neighbourWorks()
})

test('26. every folder that can be written to runs full for its owner alone', async (t) => {
  const id = await fresh(t)
  const disk = path.join(config.stateDir, 'sandboxes', id, 'disk.img')
  const { size } = fs.statSync(disk)
  const used = () => fs.statSync(disk).blocks * 512
  const before = used()
  // All but the last 64 MiB at once and unwritten; those are then written for real.
  const free = Number(await says(id, 'df --output=avail -m / | tail -n 1'))
  await says(id, `fallocate -l ${free - 64}M /root/most`)
  for (const place of ['/root', '/var/lib/docker', '/var/lib/containerd', '/tmp', '/etc'])
    assert.match(
      await refused(id, `dd if=/dev/zero of=${place}/rest bs=1M count=128`),
      /No space left/,
      place,
    )
  for (const place of ['/run', '/dev', '/dev/shm'])
    assert.match(
      await refused(id, `dd if=/dev/zero of=${place}/f bs=1M count=100; s=$?; rm ${place}/f; exit $s`),
      /No space left/,
      place,
    )
  assert.ok(used() - before < 80 * 1024 ** 2, `${used() - before} bytes of the host's disk`)
  assert.equal(fs.statSync(disk).size, size, 'the disk does not grow')
  await says(
    id,
    'rm -f /root/most /root/rest /var/lib/docker/rest /var/lib/containerd/rest /tmp/rest /etc/rest',
  )
  // Inodes run out as well: on the disk, and in memory.
  const inodes = Number(await says(id, 'df --output=iavail / | tail -n 1'))
  assert.ok(inodes < 1_000_000, `${inodes} inodes`)
  const fill = `perl -e 'mkdir "/root/many"; for my $d (1..100000) { mkdir("/root/many/$d") or do { print $!; exit }; for my $f (1..1000) { open(F, ">", "/root/many/$d/$f") or do { print $!; exit } } }'`
  assert.match(await says(id, fill, { timeoutMs: 60_000 }), /No space left/)
  assert.ok(await provider.isAlive(id))
  await neighbourWorks()
  assert.equal(await says(b, 'echo x > /root/x && cat /root/x'), 'x')
})

test('27. kernel objects run out for whoever takes them, and the next sandbox starts', async (t) => {
  const id = await fresh(t)
  const perl = (body: string) => `perl -e '${body}'`
  const ways: [string, string, RegExp][] = [
    [
      'ptys',
      perl('for (1..2000) { open($f[$_], "+<", "/dev/ptmx") or do { print "$_ $!"; exit } } print "all"'),
      /^\d{1,2} No space left/,
    ],
    [
      'open files',
      perl('for (1..3000000) { open($f[$_], "<", "/") or do { print "$_ $!"; exit } } print "all"'),
      /^\d+ Too many open files/,
    ],
    [
      'mounts',
      'mount -t tmpfs m /mnt; mkdir -p /mnt/a; for i in $(seq 20); do mount --rbind /mnt /mnt/a || exit; done',
      /No space left|cannot allocate/i,
    ],
    [
      'nested user namespaces',
      'n() { unshare -Ur bash -c "$(declare -f n); n"; }; n',
      /No space left|Invalid argument|not permitted|Too many users/,
    ],
    [
      'network namespaces',
      perl(
        `for (1..100000) { open($f[$_], "<", "/proc/self/ns/net") or do { print $!; exit }; if (syscall(${calls.get('unshare')}, 0x40000000) < 0) { print $!; exit } } print "all"`,
      ),
      // They are charged as memory.
      /Killed|No space left|Cannot allocate/,
    ],
  ]
  for (const [what, script, words] of ways) {
    const { stdout, stderr } = await sh(provider, id, `${script}; true`, { timeoutMs: 60_000 })
    assert.match(stdout + stderr, words, what)
    await until(
      `${what}: it works again`,
      async () => (await sh(provider, id, 'echo works')).stdout === 'works\n',
    )
  }
  // Inotify is counted for whoever made the namespaces, the host's root: what is left must do for a neighbour's shell.
  start(
    id,
    perl(
      `for (1..100000) { last if syscall(${calls.get('inotify_init1')}, 0) < 0 } open(F, ">", "/tmp/taken"); sleep 600`,
    ),
  )
  await until('all are taken', async () => (await sh(provider, id, 'test -e /tmp/taken')).status === 0)
  const another = newId()
  t.after(() => provider.destroy(another))
  await provider.create(another, 'another')
  assert.equal(await says(another, 'echo works'), 'works')
  await neighbourWorks()
})

test('28. whoever burns the processor gets their share and no more', async (t) => {
  const id = await fresh(t)
  const used = () => {
    for (const dir of cgroupDirs(id)) {
      const v1 = path.join(dir, 'cpuacct.usage')
      if (fs.existsSync(v1)) return Number(fs.readFileSync(v1, 'utf8')) / 1e9
      const v2 = path.join(dir, 'cpu.stat')
      const usec = fs.existsSync(v2) && /^usage_usec (\d+)/m.exec(fs.readFileSync(v2, 'utf8'))
      if (usec) return Number(usec[1]) / 1e6
    }
    throw new Error('no cgroup counts processor time')
  }
  for (let i = 0; i < 8; i++) start(id, 'while :; do :; done')
  await until('they burn', () => used() > 0.2)
  const [cpuBefore, timeBefore] = [used(), performance.now()]
  await until('a second has passed', async () => {
    await neighbourWorks()
    return performance.now() - timeBefore > 1000
  })
  const share = (used() - cpuBefore) / ((performance.now() - timeBefore) / 1000)
  // A period of 100 ms may fall on either side.
  assert.ok(share <= CPUS * 1.25, `${share} processors instead of ${CPUS}`)
})
