/** From nothing to running and back to nothing, whatever happens in between. */
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { after, describe, type TestContext, test } from 'node:test'
import { currentImage } from '../../server/host/providers/runc/image.ts'
import { RuncProvider } from '../../server/host/providers/runc/index.ts'
import type { ImagePaths } from '../../server/host/providers/runc/paths.ts'
import { PROTOCOL_VERSION } from '../../server/protocol/index.ts'
import { connectLearner, newCookie, RawSocket, stopLearners } from '../helpers/client.ts'
import { initPid, newId, sh } from '../helpers/exec.ts'
import { ROOT, TestLab, testProvider } from '../helpers/lab.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { PROMPT, Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

/** Processes of the host whose command line contains the text. */
const processes = (text: string) =>
  spawnSync('pgrep', ['-f', text], { encoding: 'utf8' }).stdout.trim().split('\n').filter(Boolean)

/** Pseudo-random numbers from 0 to 1, the same in every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }
}

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

describe('a creation cut short', () => {
  test('at any moment leaves nothing after the next start, unless it was whole', async () => {
    const { provider, config, dir, dispose } = testProvider()
    const random = randomFrom(4711)
    const env = {
      ...process.env,
      LAB_NAME: config.name,
      LAB_STATE_DIR: config.stateDir,
      LAB_RUN_DIR: config.runDir,
      LAB_IMAGE_DIR: config.imageDir,
    }
    let cutShort = 0
    try {
      for (let round = 0; round < 15; round++) {
        const id = newId()
        const program = path.join(ROOT, 'tests/helpers/create-once.ts')
        const child = spawn(process.execPath, ['--import', 'tsx', program, id], {
          env,
          cwd: ROOT,
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        })
        const exited = once(child, 'exit')
        await once(child, 'message')
        const moment = performance.now() + random() * 100
        await until('the moment has come', () => performance.now() >= moment)
        child.kill('SIGKILL')
        await exited
        const whole = await provider.reconcile()
        if (whole.length > 0) {
          assert.deepEqual(
            whole.map((info) => info.id),
            [id],
          )
          assert.equal((await sh(provider, id, 'echo works')).stdout, 'works\n', `round ${round}`)
          await provider.destroy(id)
        } else cutShort++
        assert.deepEqual(residue(id), NOTHING, `round ${round}`)
        assert.deepEqual(fs.readdirSync(path.join(config.stateDir, 'sandboxes')), [])
        assert.deepEqual(fs.readdirSync(path.join(config.runDir, 'runc')), [])
      }
    } finally {
      await dispose()
    }
    assert.ok(cutShort > 0, 'some were cut short')
    assert.deepEqual(residue(config.name), NOTHING)
    assert.ok(!fs.existsSync(dir))
  })
})

describe('a creation that fails', () => {
  const whole = currentImage(testImageDir())

  function testImageDir(): string {
    const probe = testProvider()
    fs.rmSync(probe.dir, { recursive: true, force: true })
    return probe.config.imageDir
  }

  /** How a test harms a provider; `undo` is called at the end. */
  type Damage = (dir: string, undo: (() => void)[]) => Partial<ImagePaths> | undefined

  /** Creates with a damaged provider; it must fail with a sentence, leave nothing, and hurt no later creation. */
  async function fails(expected: RegExp, damage: Damage): Promise<void> {
    const lab = testProvider()
    const undo: (() => void)[] = []
    try {
      const broken = new RuncProvider(lab.config, { ...whole, ...damage(lab.dir, undo) })
      const id = newId()
      await assert.rejects(broken.create(id, 'somebody'), (error: Error) => {
        assert.match(error.message, expected)
        assert.match(error.message, /^the sandbox could not be started: [^{}]+$/)
        return true
      })
      assert.deepEqual(residue(id), NOTHING)
      assert.deepEqual(fs.readdirSync(path.join(lab.config.stateDir, 'sandboxes')), [])
      assert.deepEqual(await broken.reconcile(), [])
      await broken.dispose()
    } finally {
      for (const step of undo) step()
      await lab.dispose()
    }
    assert.deepEqual(residue(lab.config.name), NOTHING)
  }

  function mountTmpfs(dir: string, options: string, undo: (() => void)[]): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'test', dir])
    undo.push(() => execFileSync('umount', ['-l', dir]))
  }

  test('because the disk template is missing', () =>
    fails(/cannot stat .*no-template/, (dir) => ({ template: path.join(dir, 'no-template') })))

  test('because the disk template is no file system', () =>
    fails(/mount: .*wrong fs type/, (dir) => {
      const template = path.join(dir, 'noise')
      fs.writeFileSync(template, Buffer.alloc(1024 * 1024, 'noise'))
      return { template }
    }))

  test('because the root file system is missing', () =>
    fails(/mount: .*special device overlay|mount: .*No such file/, (dir) => ({
      rootfs: path.join(dir, 'no-rootfs'),
    })))

  test('because the root file system is empty', () =>
    fails(/no such file or directory/, (dir) => {
      const rootfs = path.join(dir, 'empty')
      fs.mkdirSync(rootfs)
      return { rootfs }
    }))

  test('because the runtime is missing', () =>
    fails(/there is no runtime at /, (dir) => ({ runc: path.join(dir, 'no-runc') })))

  test('because the runtime cannot keep its state', () =>
    fails(/read-only file system/, (dir, undo) => {
      mountTmpfs(path.join(dir, 'run/runc'), 'ro', undo)
      return undefined
    }))

  test('because the disk of this host is full', () =>
    fails(/No space left on device/, (dir, undo) => {
      const state = path.join(dir, 'state')
      mountTmpfs(state, 'size=200k,mode=711', undo)
      fs.mkdirSync(path.join(state, 'sandboxes'))
      return undefined
    }))

  test('because this host makes no user namespaces: there is no weaker sandbox instead', () =>
    fails(/namespaces?: No space left on device/, (dir) => {
      // For the runtime alone this host becomes one with user.max_user_namespaces=0, by way of a namespace in which
      // every user is the same as outside.
      const runc = path.join(dir, 'runc')
      const script = `#!/bin/bash
        unshare --user sleep 60 & holder=$!
        trap 'kill $holder' EXIT
        until [ "$(readlink /proc/$holder/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do :; done
        for map in uid_map gid_map; do echo 0 0 4294967294 > /proc/$holder/$map; done
        nsenter --target $holder --user --setuid 0 --setgid 0 -- \\
          sh -c 'echo 0 > /proc/sys/user/max_user_namespaces && exec ${whole.runc} "$@"' sh "$@"`
      fs.writeFileSync(runc, script, { mode: 0o755 })
      return { runc }
    }))

  test('without an image at all', () => {
    const lab = testProvider()
    try {
      assert.throws(
        () => new RuncProvider({ ...lab.config, imageDir: lab.dir }),
        /There is no sandbox image in .* yet: npm start builds it/,
      )
    } finally {
      fs.rmSync(lab.dir, { recursive: true, force: true })
    }
  })
})

describe('the host process', () => {
  /** Ends with nothing left of the lab on this host. */
  async function stopped(lab: TestLab): Promise<void> {
    stopLearners()
    await lab.stop()
    assert.deepEqual(residue(lab.name), NOTHING)
  }

  test('killed: the next one adopts what is whole and clears away what is not', async () => {
    const lab = await TestLab.start()
    try {
      const [kept, lost] = [await connectLearner(lab), await connectLearner(lab)]
      const idOf = ({ client }: typeof kept) =>
        client.view.sandbox?.state === 'ready' && client.view.sandbox.id
      const [keptId, lostId] = [idOf(kept) as string, idOf(lost) as string]
      await (await Shell.open(kept.client)).paste('echo mine > /root/mine; setsid --fork sleep 7654323')
      await (await Shell.open(lost.client)).paste('echo mine > /root/mine')
      const shellsBefore = processes(`runc/runc .* ${keptId}`)
      kept.stop()
      lost.stop()
      await lab.killHost()
      process.kill(initPid(lab.env.LAB_RUN_DIR!, lostId), 'SIGKILL')
      await lab.startHost()

      assert.deepEqual(lab.sandboxIds(), [keptId])
      assert.deepEqual(residue(lostId), NOTHING)
      const again = await connectLearner(lab, kept.cookie)
      assert.equal(idOf(again), keptId)
      const shell = await Shell.open(again.client)
      assert.equal(await shell.paste('cat /root/mine'), 'mine\n')
      assert.match(await shell.paste('pgrep -f "sleep 7654323" | wc -l'), /^1$/m)
      const anew = await connectLearner(lab, lost.cookie)
      assert.notEqual(idOf(anew), lostId)
      assert.match(await (await Shell.open(anew.client)).paste('cat /root/mine'), /No such file/)
      for (const pid of shellsBefore)
        assert.throws(() => process.kill(Number(pid), 0), 'a program of the killed host process is left')
      again.stop()
      anew.stop()
    } finally {
      await stopped(lab)
    }
    assert.deepEqual(processes('sleep 7654323'), [])
  })

  test('killed at any moment of a creation: the next one leaves nothing half-made', async () => {
    const lab = await TestLab.start()
    try {
      const random = randomFrom(20_260)
      for (let round = 0; round < 15; round++) {
        const cookie = await newCookie(lab)
        const socket = await RawSocket.open(lab, cookie)
        socket.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'a'.repeat(16) })
        const creating = socket.next('welcome')
        const delay = performance.now() + random() * 120
        await creating
        await until('the moment has come', () => performance.now() >= delay)
        await lab.killHost()
        socket.close()
        await lab.startHost()
        const whole = lab.sandboxIds()
        const provider = lab.provider()
        for (const id of whole) {
          assert.ok(await provider.isAlive(id), `round ${round}: ${id} was adopted and is dead`)
          assert.equal((await sh(provider, id, 'echo works')).stdout, 'works\n', `round ${round}`)
        }
        const { loops } = residue(lab.name)
        assert.equal(loops.length, whole.length, `round ${round}: ${loops}`)
        assert.deepEqual(fs.readdirSync(path.join(lab.env.LAB_STATE_DIR!, 'sandboxes')).sort(), whole.sort())
        assert.deepEqual(fs.readdirSync(path.join(lab.env.LAB_RUN_DIR!, 'runc')).sort(), whole.sort())
      }
    } finally {
      await stopped(lab)
    }
  })

  test('a second one of the same name refuses to start and harms nothing', async () => {
    const lab = await TestLab.start()
    try {
      const learner = await connectLearner(lab)
      const shell = await Shell.open(learner.client)
      const second = spawnSync(process.execPath, [path.join(ROOT, 'build/host.js')], {
        env: { PATH: process.env.PATH, NODE_ENV: 'production', ...lab.env },
        encoding: 'utf8',
        timeout: 20_000,
      })
      assert.equal(second.status, 3)
      assert.match(second.stderr, /^Another runC Lab of this name is running .*Stop it, or set LAB_NAME\.$/m)
      assert.equal(await shell.paste('echo still here'), 'still here\n')
      assert.equal(learner.client.view.connection, 'open')
      await (await connectLearner(lab, learner.cookie)).stop()
      learner.stop()
    } finally {
      await stopped(lab)
    }
  })

  test('stopped: every sandbox is destroyed', async () => {
    const lab = await TestLab.start()
    try {
      const learners = [await connectLearner(lab), await connectLearner(lab)]
      assert.equal(lab.sandboxIds().length, 2)
      await lab.killHost('SIGTERM')
      assert.deepEqual(lab.sandboxIds(), [])
      assert.deepEqual(residue(lab.name).loops, [])
      for (const learner of learners) learner.stop()
    } finally {
      await stopped(lab)
    }
  })

  test('stopped while a sandbox is being made: it is destroyed too', async () => {
    const lab = await TestLab.start()
    try {
      const socket = await RawSocket.open(lab, await newCookie(lab))
      socket.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'a'.repeat(16) })
      assert.equal((await socket.next('welcome')).sandbox.state, 'creating')
      await lab.killHost('SIGTERM')
      assert.deepEqual(lab.sandboxIds(), [])
      socket.close()
    } finally {
      await stopped(lab)
    }
  })

  test('stopped with LAB_ON_STOP=keep: sandboxes and shells run on and are adopted', async () => {
    const lab = await TestLab.start({ LAB_ON_STOP: 'keep' })
    try {
      const learner = await connectLearner(lab)
      const before = await Shell.open(learner.client)
      await before.paste('echo mine > /root/mine; shell=same')
      const ids = lab.sandboxIds()
      learner.stop()
      await lab.killHost('SIGTERM')
      assert.deepEqual(lab.sandboxIds(), ids)
      assert.ok(await lab.provider().isAlive(ids[0]!))
      await lab.startHost()
      const again = await connectLearner(lab, learner.cookie)
      const shell = Shell.follow(again.client, before.id)
      await shell.until(PROMPT)
      assert.equal(await shell.paste('cat /root/mine; echo $shell'), 'mine\nsame\n')
      assert.deepEqual(lab.sandboxIds(), ids)
      again.stop()
    } finally {
      await stopped(lab)
    }
  })
})
