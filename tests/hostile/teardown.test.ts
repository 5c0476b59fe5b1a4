/** Attacks on the end: whatever a learner leaves running, stopped, mounted or hung, nothing of it outlives the sandbox. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { newId, sh } from '../helpers/exec.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { until } from '../helpers/until.ts'
import { neighbours } from './helpers/attack.ts'

const { provider, config, b, says, fresh } = neighbours()
const STAY = 'sleep 7650035'
const staying = () =>
  fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').startsWith(STAY)
      } catch {
        return false
      }
    })

/** What is left of this one sandbox. */
function left(id: string) {
  const all = residue(config.name)
  return Object.fromEntries(
    Object.entries(all).map(([what, items]) => [
      what,
      what === 'links' ? [] : (items as string[]).filter((item) => item.includes(id)),
    ]),
  )
}

const MESS: [string, string][] = [
  [
    'daemons that ignore every signal',
    `for i in $(seq 10); do (setsid sh -c 'trap "" TERM HUP INT QUIT USR1; setsid ${STAY} & exec ${STAY}' >/dev/null 2>&1 </dev/null &) ; done`,
  ],
  [
    'nested containers, one of them paused',
    `mkdir -p /b/rootfs && cd /b && cp /bin/busybox rootfs/ && runc spec &&
     jq '.process.args = ["/busybox", "sleep", "7650035"] | .process.terminal = false' config.json > x && mv x config.json
     for name in one two; do runc run -d $name </dev/null >/dev/null 2>&1; done; runc pause two
     docker run -d --privileged --name three busybox ${STAY} >/dev/null; docker pause three >/dev/null`,
  ],
  [
    'a frozen cgroup of their own',
    `d=/sys/fs/cgroup/freezer; [ -d $d ] || d=/sys/fs/cgroup; mkdir $d/ice; 
     (${STAY} >/dev/null 2>&1 </dev/null & p=$!; until grep -q sleep /proc/$p/comm; do :; done; echo $p > $d/ice/cgroup.procs)
     echo FROZEN > $d/ice/freezer.state 2>/dev/null || echo 1 > $d/ice/cgroup.freeze`,
  ],
  [
    'a stopped and traced program',
    `(${STAY} >/dev/null 2>&1 </dev/null & p=$!; until grep -q sleep /proc/$p/comm; do :; done; kill -STOP $p; strace -p $p -o /dev/null >/dev/null 2>&1 </dev/null &) ; true`,
  ],
  [
    'mounts over mounts, shared, in namespaces of their own',
    `mkdir -p /m && for i in $(seq 20); do mount --bind / /m && mount -t tmpfs deep /m/mnt; done; mount --make-rshared /
     unshare -m sh -c '${STAY} >/dev/null 2>&1 </dev/null &'; unshare -Urmpf --mount-proc ${STAY} >/dev/null 2>&1 </dev/null &`,
  ],
  [
    'links, filters and namespaces of networks',
    `ip link add x type veth peer name y; ip link add name br type bridge; ip link set br up; unshare -n ${STAY} >/dev/null 2>&1 </dev/null & iptables -A INPUT -j DROP; true`,
  ],
  [
    'files that are open and deleted',
    `perl -e 'open F, ">", "/root/gone"; unlink "/root/gone"; print F "x" x 10000000; exec "${STAY.split(' ')[0]}", "7650035"' >/dev/null 2>&1 </dev/null &`,
  ],
  [
    'cgroups by the hundred',
    'd=/sys/fs/cgroup; [ -d $d/memory ] && d=$d/memory; for i in $(seq 300); do mkdir $d/many$i; mkdir $d/many1/deep$i; done',
  ],
]

for (const [what, script] of MESS)
  test(`35. nothing is left after ${what}`, async (t) => {
    const id = await fresh(t)
    const { status, stderr } = await sh(provider, id, script)
    assert.equal(status, 0, stderr)
    if (script.includes(STAY)) await until('it runs', () => staying().length > 0)
    const began = performance.now()
    await provider.destroy(id)
    assert.ok(performance.now() - began < 5000, 'within 5 seconds')
    assert.deepEqual(left(id), NOTHING)
    assert.deepEqual(staying(), [])
    assert.ok(!fs.existsSync(path.join(config.stateDir, 'sandboxes', id)))
    assert.equal(await says(b, 'echo works'), 'works')
  })

test('35. nothing is left after a hung file system of their own', async (t) => {
  const id = newId()
  t.after(() => provider.destroy(id))
  await provider.create(id, 'a')
  const usable = await sh(provider, id, ': < /dev/fuse')
  if (usable.status !== 0)
    return t.skip(`FUSE cannot be used in a sandbox of this host: ${usable.stderr.trim()}`)
  const hang = `mkdir /hang; perl -e 'require Fcntl; open(F, "+<", "/dev/fuse") or die; fcntl(F, Fcntl::F_SETFD(), 0); my $n = fileno F; system "mount -i -t fuse -o fd=$n,rootmode=40000,user_id=0,group_id=0 none /hang"; exec "sleep", "7650035"' >/dev/null 2>&1 </dev/null &
    sleep 0.2; (ls /hang >/dev/null 2>&1 </dev/null &); true`
  await sh(provider, id, hang)
  await provider.destroy(id)
  assert.deepEqual(left(id), NOTHING)
})
