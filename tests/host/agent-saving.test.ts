/** The agent saves files: whole or not at all, never over a change that nobody has seen, with owner and mode kept. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { AgentError } from '../../server/host/agent/channel.ts'
import { MAX_AGENT_FILE_BYTES } from '../../server/host/agent/frames.ts'
import {
  canMount,
  dir,
  follow,
  freshDir,
  isRoot,
  litter,
  MIB,
  sh,
  start,
  text,
  until,
  words,
} from './helpers/agent.ts'

describe('saving', () => {
  test('over a file: atomically, with its mode and owner, without an echo and without litter', async () => {
    freshDir()
    const { channel } = await start()
    sh('echo 1 > config.json && chmod 640 config.json')
    const file = path.join(dir, 'config.json')
    if (isRoot) fs.chownSync(file, 1234, 2345)
    const { ino } = fs.statSync(file)
    const watch = follow(channel, file)
    await watch.until('1\n')
    const saved = await channel.save(file, watch.token(), text('2\n'))
    assert.ok(saved.ok)
    const now = fs.statSync(file)
    assert.equal(fs.readFileSync(file, 'utf8'), '2\n')
    assert.notEqual(now.ino, ino)
    assert.equal(now.mode & 0o7777, 0o640)
    if (isRoot) assert.deepEqual([now.uid, now.gid], [1234, 2345])
    const again = await channel.save(file, saved.token, text('3\n'))
    assert.ok(again.ok)
    sh('echo 4 >> config.json')
    await watch.until('3\n4\n')
    assert.deepEqual(watch.seen(), ['1\n', '3\n4\n'])
    assert.deepEqual(litter(), [])
  })

  test('a new file, mode 0644, and only where none is', async () => {
    freshDir()
    const { channel } = await start()
    const file = path.join(dir, 'new')
    const watch = follow(channel, file)
    await watch.until(null)
    const saved = await channel.save(file, null, text('new'))
    assert.ok(saved.ok)
    assert.equal(fs.statSync(file).mode & 0o7777, 0o644)
    const twice = await channel.save(file, null, text('newer'))
    assert.ok(!twice.ok)
    assert.equal(words(twice.current), 'new')
    assert.equal(fs.readFileSync(file, 'utf8'), 'new')
    sh('rm new')
    await until('its end is told', () => watch.files.length > 1)
    assert.deepEqual(watch.seen(), [null, null])
    const vanished = await channel.save(file, saved.token, text('x'))
    assert.ok(!vanished.ok)
    assert.equal(vanished.current.state, 'absent')
    await assert.rejects(channel.save(path.join(dir, 'no/such'), null, text('')), /No such file or directory/)
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  test('not over a version that the host has not seen', async () => {
    freshDir()
    const { channel } = await start()
    sh('echo 1 > f')
    const file = path.join(dir, 'f')
    const watch = follow(channel, file)
    await watch.until('1\n')
    const token = watch.token()
    sh('echo learner > f')
    const saved = await channel.save(file, token, text('host'))
    assert.ok(!saved.ok)
    assert.equal(words(saved.current), 'learner\n')
    assert.equal(fs.readFileSync(file, 'utf8'), 'learner\n')
    assert.ok(saved.current.state === 'file')
    assert.ok((await channel.save(file, saved.current.token, text('host'))).ok)
    sh('rm f && mkdir f')
    const directory = await channel.save(file, saved.current.token, text('host'))
    assert.ok(!directory.ok)
    assert.equal(words(directory.current), 'it is a directory')
    assert.deepEqual(litter(), [])
  })

  test('a change right after a save is told, even within one tick of the clock', async () => {
    freshDir()
    const { channel } = await start()
    const file = path.join(dir, 'f')
    const watch = follow(channel, file)
    await watch.until(null)
    let token: string | null = null
    for (let i = 0; i < 20; i++) {
      const saved = await channel.save(file, token, text(`saved ${i % 10}`))
      assert.ok(saved.ok)
      fs.writeFileSync(file, `later ${i % 10}`, { flag: 'r+' })
      await watch.until(`later ${i % 10}`)
      token = watch.token()
    }
  })

  test('through a symbolic link: the target is replaced and the link stays', async () => {
    freshDir()
    const { channel } = await start()
    sh('mkdir real && echo 1 > real/f && ln -s real/f link && ln -s real/none dangling')
    const link = path.join(dir, 'link')
    const watch = follow(channel, link)
    await watch.until('1\n')
    assert.ok((await channel.save(link, watch.token(), text('2'))).ok)
    assert.ok((await channel.save(path.join(dir, 'dangling'), null, text('3'))).ok)
    assert.ok(fs.lstatSync(link).isSymbolicLink())
    assert.equal(fs.readFileSync(path.join(dir, 'real/f'), 'utf8'), '2')
    assert.equal(fs.readFileSync(path.join(dir, 'real/none'), 'utf8'), '3')
    assert.deepEqual([...litter(), ...litter(path.join(dir, 'real'))], [])
  })

  test('a hard link keeps its inode', async () => {
    freshDir()
    const { channel } = await start()
    sh('echo long content > f && ln f g')
    const file = path.join(dir, 'f')
    const { ino } = fs.statSync(file)
    const watch = follow(channel, file)
    await watch.until('long content\n')
    assert.ok((await channel.save(file, watch.token(), text('short'))).ok)
    assert.equal(fs.statSync(file).ino, ino)
    assert.equal(fs.readFileSync(path.join(dir, 'g'), 'utf8'), 'short')
    assert.deepEqual(litter(), [])
  })

  test('a bind-mounted file keeps its inode', { skip: !canMount }, async () => {
    freshDir()
    sh('mkdir d && echo below > f && echo above > d/g')
    const script = `mount --bind ${dir}/d/g ${dir}/f && exec "$0"`
    const { channel } = await start('unshare', '-m', 'sh', '-c', script)
    const file = path.join(dir, 'f')
    const { ino } = fs.statSync(path.join(dir, 'd/g'))
    const watch = follow(channel, file)
    await watch.until('above\n')
    assert.ok((await channel.save(file, watch.token(), text('saved'))).ok)
    assert.equal(fs.readFileSync(path.join(dir, 'd/g'), 'utf8'), 'saved')
    assert.equal(fs.statSync(path.join(dir, 'd/g')).ino, ino)
    assert.equal(fs.readFileSync(file, 'utf8'), 'below\n')
    assert.deepEqual(litter(), [])
  })

  test('a full disk: says so, and leaves the original whole and no litter', { skip: !canMount }, async () => {
    freshDir()
    const script = `mount -t tmpfs -o size=64k none ${dir} && cd ${dir} && echo old > f && echo old > g && ln g h && exec "$0"`
    const { channel, child } = await start('unshare', '-m', 'sh', '-c', script)
    const inside = `/proc/${child.pid}/root${dir}`
    for (const name of ['f', 'g']) {
      const watch = follow(channel, path.join(dir, name))
      await watch.until('old\n')
      await assert.rejects(
        channel.save(path.join(dir, name), watch.token(), Buffer.alloc(MIB / 2, 'x')),
        (error) => error instanceof AgentError && /No space left on device/.test(error.message),
      )
      assert.equal(fs.readFileSync(path.join(inside, name), 'utf8'), 'old\n')
    }
    await assert.rejects(channel.save(path.join(dir, 'new'), null, Buffer.alloc(MIB / 2)), /No space left/)
    assert.deepEqual(fs.readdirSync(inside), ['f', 'g', 'h'])
  })

  test('a read-only file system says so; a writable file in a read-only directory is written', {
    skip: !canMount,
  }, async () => {
    freshDir()
    sh('mkdir ro rw && echo 1 > ro/f && echo 2 > ro/g && echo 3 > rw/g')
    const script = `mount --bind ${dir}/ro ${dir}/ro && mount -o remount,ro,bind ${dir}/ro && mount --bind ${dir}/rw/g ${dir}/ro/g && exec "$0"`
    const { channel } = await start('unshare', '-m', 'sh', '-c', script)
    const f = follow(channel, path.join(dir, 'ro/f'))
    const g = follow(channel, path.join(dir, 'ro/g'))
    await Promise.all([f.until('1\n'), g.until('3\n')])
    await assert.rejects(channel.save(path.join(dir, 'ro/f'), f.token(), text('x')), /Read-only file system/)
    assert.ok((await channel.save(path.join(dir, 'ro/g'), g.token(), text('saved'))).ok)
    assert.equal(fs.readFileSync(path.join(dir, 'rw/g'), 'utf8'), 'saved')
  })

  test('the largest file, and one byte more', async () => {
    freshDir()
    const { channel } = await start()
    const file = path.join(dir, 'f')
    const bytes = Buffer.alloc(MAX_AGENT_FILE_BYTES, 'y')
    assert.ok((await channel.save(file, null, bytes)).ok)
    assert.ok(fs.readFileSync(file).equals(bytes))
    await assert.rejects(channel.save(file, null, Buffer.alloc(MIB + 1)), /larger than 1 MiB/)
  })
})
