/** Attacks on limits: through the cgroup files a sandbox sees, and those it would like to see. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { sh } from '../helpers/exec.ts'
import { neighbours } from './helpers/attack.ts'

const MEMORY_MIB = 256
const { provider, config, a, b, says, refused, fresh, initPid, cgroupDirs } = neighbours({
  LAB_MEMORY_MIB: String(MEMORY_MIB),
  LAB_PIDS: '200',
})
const NO = /Permission denied|Operation not permitted|Read-only|No such file|Invalid argument|cannot create/
const V1 =
  'cpu cpuacct cpuset memory devices freezer blkio pids perf_event net_cls net_prio hugetlb rdma misc'.split(
    ' ',
  )

test('5. no release_agent is there to be written, whatever hierarchy is mounted', async () => {
  // The way of CVE-2022-0492: a fresh mount of a v1 hierarchy, in namespaces of one's own too.
  const attempt = V1.map(
    (controller) => `mount -t cgroup -o ${controller} none /mnt 2>/dev/null && {
      echo "mounted ${controller}"; find /mnt -name release_agent; echo 1 > /mnt/notify_on_release 2>/dev/null
      echo /bin/true > /mnt/release_agent && echo "WROTE ${controller}"; umount /mnt; }`,
  ).join('\n')
  await says(a, 'mkdir -p /mnt')
  for (const way of ['bash -c', 'unshare -UrmC bash -c', 'unshare -mC bash -c']) {
    const { stdout } = await sh(provider, a, `${way} '${attempt}' 2>/dev/null`)
    assert.doesNotMatch(stdout, /WROTE|release_agent/, way)
  }
  const seen = await says(a, 'find /sys/fs/cgroup -name release_agent; find / -xdev -name release_agent')
  assert.equal(seen, '')
})

test('6. the sandbox sees its own part of the tree and nothing above it', async () => {
  for (const line of (await says(a, 'cat /proc/1/cgroup')).split('\n')) assert.match(line, /:\/(init)?$/)
  for (const line of fs
    .readFileSync(`/proc/${initPid(a)}/cgroup`, 'utf8')
    .trim()
    .split('\n'))
    assert.match(line, new RegExp(`:/${config.name}/${a}/box(/init)?$`))
  const mounts = ['-t cgroup2', '-t cgroup -o memory', '-t cgroup -o none,name=systemd']
  const look = mounts
    .map((m) => `mount ${m} none /mnt 2>/dev/null && { find /mnt -type d; umount /mnt; }`)
    .join('; ')
  const seen = await says(a, `${look}; ls -R /sys/fs/cgroup; true`)
  assert.match(seen, /^\/mnt$/m)
  for (const name of [config.name, a, b]) assert.ok(!seen.includes(name), name)
})

/** Everything that limits a sandbox, as the host reads it. */
const limits = (id: string) =>
  Object.fromEntries(
    cgroupDirs(id).flatMap((dir) =>
      fs
        .readdirSync(dir)
        .filter((name) => /(max|limit_in_bytes|quota_us|period_us|shares|cpus|mems|weight)$/.test(name))
        .filter((name) => !/(usage|max_usage_in_bytes)/.test(name))
        .map((name) => [path.join(dir, name), fs.readFileSync(path.join(dir, name), 'utf8')]),
    ),
  )

test('6. whatever is written to every file there, the limits stay', async (t) => {
  const id = await fresh(t)
  const before = limits(id)
  assert.ok(Object.keys(before).length >= 3)
  await sh(
    provider,
    id,
    `find /sys/fs/cgroup/ -type f -name '*[.]*' ! -name '*freeze*' ! -name '*.kill' ! -name '*.type' | while read -r f; do
       for value in max -1 99999999999 "+memory +pids" "a *:* rwm" "b 7:0 rwm"; do echo "$value" > "$f"; done; done 2>/dev/null`,
  )
  assert.deepEqual(limits(id), before)
  const eat = `perl -e '$x = "a" x (${MEMORY_MIB + 50} * 1048576); print 1'`
  assert.equal((await sh(provider, id, eat)).status, 137)
  assert.match(await refused(id, 'mknod /tmp/disk b 7 0'), /not permitted/)
})

test('6. no process leaves its cgroup, upwards or to a neighbour', async (t) => {
  const id = await fresh(t)
  const own = fs.readFileSync(`/proc/${initPid(id)}/cgroup`, 'utf8')
  const targets = cgroupDirs(b).flatMap((dir) => [`${dir}/cgroup.procs`, `${dir}/box/cgroup.procs`])
  targets.push('/sys/fs/cgroup/../../cgroup.procs')
  for (const target of targets) assert.match(await refused(id, `echo 1 > ${target}`), NO, target)
  assert.equal(fs.readFileSync(`/proc/${initPid(id)}/cgroup`, 'utf8'), own)
  // From a cgroup namespace of its own it would see itself as the root, and still be where it is.
  const move = `find /sys/fs/cgroup -maxdepth 2 -name cgroup.procs -exec sh -c "echo 0 > {}" \\;`
  await says(id, `unshare -C sh -c '${move} 2>/dev/null; true'`)
  for (const line of fs
    .readFileSync(`/proc/${initPid(id)}/cgroup`, 'utf8')
    .trim()
    .split('\n'))
    assert.match(line, new RegExp(`/${config.name}/${id}/box`))
})
