/** From nothing to running and back to nothing, whatever is done in between. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { after, describe, type TestContext, test } from 'node:test'
import { initPid, newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { processes } from '../helpers/processes.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { until } from '../helpers/until.ts'

describe('a sandbox', () => {
  const lab = testProvider()
  const { provider, config } = lab
  after(() => lab.dispose())

  /** A sandbox that is destroyed, whatever the test does. */
  async function fresh(t: TestContext): Promise<string> {
    const id = newId()
    t.after(() => provider.destroy(id))
    await provider.create(id, 'somebody')
    return id
  }

  /** Nothing of the sandbox is left on this host. */
  function gone(id: string): void {
    assert.deepEqual(residue(id), NOTHING)
    for (const dir of ['sandboxes', 'runc'].map((name) =>
      path.join(name === 'runc' ? config.runDir : config.stateDir, name, id),
    ))
      assert.ok(!fs.existsSync(dir), dir)
  }

  test('is made and destroyed ten times, and nothing is left', async () => {
    for (let i = 0; i < 10; i++) {
      const id = newId()
      const info = await provider.create(id, 'somebody')
      try {
        assert.deepEqual([info.id, info.owner], [id, 'somebody'])
        assert.ok(await provider.isAlive(id))
        assert.ok(residue(id).loops.length + residue(id).cgroups.length > 1, 'residue would be noticed')
        assert.deepEqual(residue(id).mounts, [], 'its mounts are its own')
        assert.equal((await sh(provider, id, 'echo works')).stdout, 'works\n')
      } finally {
        await provider.destroy(id)
      }
      assert.equal(await provider.isAlive(id), false)
      gone(id)
    }
  })

  test("writes to its disk past the host's page cache, where the file system below can do that", async (t) => {
    const probe = path.join(config.stateDir, 'probe')
    try {
      fs.closeSync(fs.openSync(probe, fs.constants.O_CREAT | fs.constants.O_RDWR | fs.constants.O_DIRECT))
    } catch {
      return t.skip(`there is no direct I/O to ${config.stateDir}`)
    }
    const id = await fresh(t)
    const loop = fs
      .readdirSync('/sys/block')
      .map((name) => `/sys/block/${name}/loop`)
      .find((dir) => {
        // Devices of other labs come and go meanwhile.
        const backing = fs.existsSync(`${dir}/backing_file`) && spawnSync('cat', [`${dir}/backing_file`])
        return backing && String(backing.stdout).includes(id)
      })
    assert.ok(loop)
    await until('it is switched on', () => fs.readFileSync(`${loop}/dio`, 'utf8') === '1\n')
    assert.equal((await sh(provider, id, 'echo kept > /root/x; sync; cat /root/x')).stdout, 'kept\n')
  })

  test('is made while others are', async (t) => {
    const ids = Array.from({ length: 8 }, newId)
    t.after(() => Promise.all(ids.map((id) => provider.destroy(id))))
    await Promise.all(ids.map((id) => provider.create(id, id)))
    for (const id of ids) assert.equal((await sh(provider, id, 'hostname')).stdout, 'lab\n')
    await Promise.all(ids.map((id) => provider.destroy(id)))
    for (const id of ids) gone(id)
  })

  test('is destroyed with all that was done in it', async (t) => {
    const id = await fresh(t)
    const mess = await sh(
      provider,
      id,
      `set -e
       mkdir -p /b/rootfs && cd /b && cp /bin/busybox rootfs/ && runc spec
       jq '.process.args = ["/busybox", "sleep", "7654321"] | .process.terminal = false' config.json > x && mv x config.json
       for name in one two; do runc run -d $name < /dev/null > /dev/null 2>&1; done
       runc pause two
       docker run -d --name three busybox sleep 7654321 > /dev/null
       docker pause three > /dev/null
       (setsid sh -c 'trap "" TERM HUP INT; setsid sleep 7654321 & exec sleep 7654321' > /dev/null 2>&1 < /dev/null &)
       mkdir /m && for i in $(seq 20); do mount --bind / /m && mount -t tmpfs deep /m/mnt; done
       mount --make-rshared / && unshare -m sh -c 'sleep 7654321 > /dev/null 2>&1 &'
       unshare -Urpf --mount-proc sleep 7654321 > /dev/null 2>&1 < /dev/null &
       dd if=/dev/zero of=/root/disk bs=1M count=8 status=none; tar -cf /root/tar /etc
       perl -e 'open F, "<", "/root/disk"; fork and exit; setpgrp; sleep 7654321' > /dev/null 2>&1 < /dev/null &
       own=/sys/fs/cgroup/memory/stuck; if mkdir $own 2> /dev/null; then
         echo 1 > $own/memory.oom_control; echo 10M > $own/memory.limit_in_bytes
         (echo $BASHPID > $own/cgroup.procs; exec perl -e '$x = "a" x 50000000; sleep 7654321') > /dev/null 2>&1 < /dev/null &
       fi
       echo made`,
    )
    assert.equal(mess.stdout, 'made\n', mess.stderr)
    await until('everything runs', () => processes('sleep 7654321').length >= 7)
    const began = performance.now()
    await provider.destroy(id)
    assert.ok(performance.now() - began < 5000)
    assert.deepEqual(processes('7654321'), [])
    gone(id)
  })

  test('is destroyed while programs enter it', async (t) => {
    const id = await fresh(t)
    const { file, args } = provider.command(id, ['/bin/sleep', '7654322'], { tty: false })
    const children = Array.from({ length: 10 }, () => spawn(file, args, { stdio: 'ignore' }))
    const ended = Promise.all(children.map((child) => once(child, 'exit')))
    await until(
      'the first has entered',
      () => fs.existsSync('/proc') && processes('^/bin/sleep 7654322').length > 0,
    )
    await provider.destroy(id)
    for (const [code] of await ended) assert.notEqual(code, 0)
    assert.deepEqual(processes('7654322'), [])
    gone(id)
  })

  test('that is gone already can be destroyed again', async () => {
    const id = newId()
    await provider.create(id, 'somebody')
    await Promise.all([provider.destroy(id), provider.destroy(id)])
    await provider.destroy(id)
    gone(id)
  })

  test('ends with its first process, killed from the host', async (t) => {
    const id = await fresh(t)
    process.kill(initPid(config.runDir, id), 'SIGKILL')
    await until('it is no longer alive', async () => !(await provider.isAlive(id)))
    await provider.destroy(id)
    gone(id)
  })

  test('does not end when a learner kills everything in it', async (t) => {
    const id = await fresh(t)
    await sh(provider, id, 'sleep 7654324 & kill -KILL -1; kill -KILL 1')
    assert.ok(await provider.isAlive(id))
    assert.equal((await sh(provider, id, 'pgrep -c sleep')).stdout, '0\n')
  })

  test('ends when a learner asks its first process to', async (t) => {
    const id = await fresh(t)
    await sh(provider, id, 'kill -TERM 1; sleep 60')
    await until('it is no longer alive', async () => !(await provider.isAlive(id)))
    await provider.destroy(id)
    gone(id)
  })
})
