/** A creation that fails or is cut short leaves nothing, and says why. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { currentImage } from '../../server/host/providers/runc/image.ts'
import { RuncProvider } from '../../server/host/providers/runc/index.ts'
import type { ImagePaths } from '../../server/host/providers/runc/paths.ts'
import { newId, sh } from '../helpers/exec.ts'
import { ROOT, testProvider } from '../helpers/lab.ts'
import { randomFrom } from '../helpers/random.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { until } from '../helpers/until.ts'

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
