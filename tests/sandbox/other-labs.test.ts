/** Several labs on one machine: none clears away what is another's, in a container or not. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { removeStrays } from '../../server/host/providers/runc/strays.ts'
import { newId } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const lab = testProvider()
const { provider, config } = lab
after(() => lab.dispose())

const backingOf = (id: string) =>
  execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], { encoding: 'utf8' })
    .split('\n')
    .find((file) => file.includes(id)) ?? null

/**
 * A sandbox's disk and a process that uses it, out of every cgroup and unknown to any runtime. Where the state folder is
 * a container's volume or a file system of its own, its path begins there as soon as the sandbox has left the lab's mounts.
 */
async function disk(t: TestContext, stateDir: string, kept: 'in a folder' | 'in a volume' | 'on its own') {
  const id = newId()
  const folder = path.join(stateDir, 'sandboxes', id)
  const place = path.join(lab.dir, `mounted-${id}`)
  fs.mkdirSync(folder, { recursive: true })
  fs.mkdirSync(place)
  fs.writeFileSync(path.join(folder, 'disk.img'), '')
  fs.truncateSync(path.join(folder, 'disk.img'), 8 * 1024 * 1024)
  execFileSync('mkfs.ext4', ['-q', path.join(folder, 'disk.img')])
  const script = [
    kept === 'in a volume' ? 'mount --bind "$1" "$1"' : ':',
    'mount -o loop "$1/sandboxes/$2/disk.img" "$3"',
    kept === 'in a folder' ? ':' : 'umount --lazy "$1"',
    'exec sleep 1000',
  ].join('; ')
  const args = ['--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh', stateDir, id, place]
  const child: ChildProcess = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    for (const each of [folder, place]) fs.rmSync(each, { recursive: true, force: true })
  })
  await until('it is mounted and used', () => {
    const what = fs.readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')
    return backingOf(id) !== null && what.startsWith('sleep')
  })
  return { id, folder, isThere: () => child.signalCode === null && backingOf(id) !== null }
}

test("a disk of another lab's is left alone, also where its path looks like one of ours", async (t) => {
  const other = await disk(t, path.join(lab.dir, 'other'), 'in a volume')
  assert.match(backingOf(other.id) ?? '', new RegExp(`^/sandboxes/${other.id}/disk.img`))
  assert.deepEqual(await provider.reap(() => false), [])
  assert.ok(other.isThere())
  fs.rmSync(other.folder, { recursive: true })
  assert.match(backingOf(other.id) ?? '', /deleted/)
  assert.deepEqual(await provider.reap(() => false), [])
  assert.ok(other.isThere())
})

test('a disk of its own that no sandbox has any more is cleared away, with who uses it', async (t) => {
  for (const deleted of [false, true]) {
    const own = await disk(t, config.stateDir, 'in a folder')
    // `reap` clears away folders first, whose loop devices it then finds deleted.
    if (deleted) fs.rmSync(own.folder, { recursive: true })
    const found = await provider.reap(() => false)
    assert.ok(
      found.some((each) => each.startsWith('process ')),
      found.join(),
    )
    await until('it is gone', () => !own.isThere())
  }
})

test('likewise where the state folder is a file system of its own', async (t) => {
  const stateDir = path.join(lab.dir, 'own file system')
  fs.mkdirSync(stateDir)
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', stateDir])
  t.after(() => execFileSync('umount', ['--lazy', stateDir]))
  const own = await disk(t, stateDir, 'on its own')
  fs.rmSync(own.folder, { recursive: true })
  assert.match(backingOf(own.id) ?? '', new RegExp(`^/sandboxes/${own.id}/disk.img.*deleted`))
  const found = await removeStrays(stateDir, () => false)
  assert.ok(
    found.some((each) => each.startsWith('process ')),
    found.join(),
  )
  await until('it is gone', () => !own.isThere())
})
