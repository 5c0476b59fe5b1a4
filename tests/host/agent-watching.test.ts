/** The agent watches files: every change is told once it is whole, whatever is done to the path. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { type AgentFrame, decodeFile, encodeWatch, FrameDecoder } from '../../server/host/agent/frames.ts'
import {
  agentFile,
  can,
  canMount,
  dir,
  follow,
  freshDir,
  MIB,
  sh,
  start,
  until,
  words,
} from './helpers/agent.ts'

describe('watching', () => {
  test('tells the file at once, and every way of changing it', async () => {
    freshDir()
    const { channel } = await start()
    const file = path.join(dir, 'config.json')
    const watch = follow(channel, file)
    await watch.until(null)
    sh('echo one > config.json')
    await watch.until('one\n')
    sh('echo two > config.json')
    await watch.until('two\n')
    sh('echo three > tmp && mv tmp config.json')
    await watch.until('three\n')
    sh('sed -i s/three/four/ config.json')
    await watch.until('four\n')
    sh('rm config.json && echo five > config.json')
    await watch.until('five\n')
    sh('echo six >> config.json')
    await watch.until('five\nsix\n')
    sh('rm config.json')
    await watch.until(null)
    sh('echo back > config.json')
    await watch.until('back\n')
  })

  test('does not tell an empty file between truncation and writing, but tells one that stays empty', async () => {
    freshDir()
    const { channel } = await start()
    sh('echo one > f')
    const watch = follow(channel, path.join(dir, 'f'))
    await watch.until('one\n')
    for (let late = true, i = 0; late; i++) {
      assert.ok(i < 20, 'this machine is too busy to write in time')
      const [told, begun] = [watch.files.length, performance.now()]
      fs.truncateSync(path.join(dir, 'f'))
      await new Promise((resolve) => setTimeout(resolve, 22)) // the first reading is after 15 ms, the second after 45
      fs.appendFileSync(path.join(dir, 'f'), `two ${i}`)
      late = performance.now() - begun > 40
      await watch.until(`two ${i}`)
      if (!late) assert.equal(watch.files.length, told + 1)
    }
    sh(': > f')
    await watch.until('')
  })

  test('follows directories that appear, vanish and are renamed', async () => {
    freshDir()
    const { channel } = await start()
    const watch = follow(channel, path.join(dir, 'a/b/f'))
    await watch.until(null)
    sh('mkdir -p a/b && echo 1 > a/b/f')
    await watch.until('1\n')
    sh('rm -rf a')
    await watch.until(null)
    sh('mkdir a')
    sh('mkdir a/b')
    sh('echo 2 > a/b/f')
    await watch.until('2\n')
    sh('rm -rf a && mkdir -p a/b && echo 3 > a/b/f')
    await watch.until('3\n')
    sh('mv a elsewhere')
    await watch.until(null)
    sh('mv elsewhere/b b2 && mkdir a && echo 4 > b2/f && mv b2 a/b')
    await watch.until('4\n')
    sh('echo 5 > a/b/f')
    await watch.until('5\n')
    sh('rm -r a && echo not a directory > a')
    await watch.until(null)
    sh('rm a && mkdir -p a/b && echo 6 > a/b/f')
    await watch.until('6\n')
  })

  test('a storm of directories ends in the truth', async () => {
    freshDir()
    const { channel } = await start()
    const watch = follow(channel, path.join(dir, 'a/b/c/f'))
    sh('for i in 1 2 3 4 5 6 7 8 9; do rm -rf a; mkdir -p a/b/c; echo $i > a/b/c/f; done; echo end > a/b/c/f')
    await watch.until('end\n')
  })

  test('follows symbolic links, of the file and of a directory, and their targets', async () => {
    freshDir()
    const { channel } = await start()
    sh('mkdir real other && echo 1 > real/f && echo x > other/f && ln -s real/f link && ln -s real dirlink')
    const link = follow(channel, path.join(dir, 'link'))
    const through = follow(channel, path.join(dir, 'dirlink/../dirlink/./f'))
    await Promise.all([link.until('1\n'), through.until('1\n')])
    sh('echo 2 > tmp && mv tmp real/f')
    await Promise.all([link.until('2\n'), through.until('2\n')])
    sh('ln -sfn other dirlink')
    await through.until('x\n')
    sh('echo y > other/f')
    await through.until('y\n')
    sh('rm real/f')
    await link.until(null)
    sh('echo 3 > real/f')
    await link.until('3\n')
    sh('ln -sfn link link')
    await link.until('Too many levels of symbolic links')
  })

  test('sees writes through a hard link in another directory', async () => {
    freshDir()
    const { channel } = await start()
    sh('mkdir d && echo 1 > f && ln f d/g')
    const watch = follow(channel, path.join(dir, 'f'))
    await watch.until('1\n')
    sh('echo 2 > d/g')
    await watch.until('2\n')
  })

  test('sees a bind mount over the file, and writes to its source', { skip: !canMount }, async () => {
    freshDir()
    sh('mkdir d && echo below > f && echo above > d/g')
    const { channel, child } = await start('unshare', '-m')
    const watch = follow(channel, path.join(dir, 'f'))
    await watch.until('below\n')
    sh(`nsenter -t ${child.pid} -m mount --bind ${dir}/d/g ${dir}/f`)
    await watch.until('above\n')
    sh('echo more >> d/g')
    await watch.until('above\nmore\n')
    sh(`nsenter -t ${child.pid} -m umount ${dir}/f`)
    await watch.until('below\n')
  })

  test('says why a file is not to be read, and never blocks on it', async () => {
    freshDir()
    const { channel } = await start()
    fs.writeFileSync(path.join(dir, 'large'), Buffer.alloc(MIB + 1))
    fs.writeFileSync(path.join(dir, 'full'), Buffer.alloc(MIB, 'x'))
    sh('mkdir d && mkfifo fifo')
    const large = follow(channel, path.join(dir, 'large'))
    const full = follow(channel, path.join(dir, 'full'))
    const directory = follow(channel, path.join(dir, 'd'))
    const fifo = follow(channel, path.join(dir, 'fifo'))
    const device = follow(channel, '/dev/zero')
    const proc = follow(channel, '/proc/self/comm')
    await large.until('it is larger than 1 MiB')
    await full.until('x'.repeat(MIB))
    await directory.until('it is a directory')
    await fifo.until('it is not a regular file')
    await device.until('it is not a regular file')
    await proc.until('agent\n')
    sh('truncate -s 3 large; rm fifo; echo plain > fifo; rmdir d; echo file > d')
    await large.until('\0\0\0')
    await fifo.until('plain\n')
    await directory.until('file\n')
  })

  test('does not wake a writer that waits at a FIFO', async () => {
    freshDir()
    const { channel } = await start()
    sh('mkfifo fifo')
    const writer = spawn('sh', ['-c', 'echo hello > fifo'], { cwd: dir })
    try {
      const watch = follow(channel, path.join(dir, 'fifo'))
      await watch.until('it is not a regular file')
      assert.equal(
        (await channel.run(['cat', `${dir}/fifo`], { timeoutMs: 4000, maxOutput: 99 })).output,
        'hello\n',
      )
    } finally {
      writer.kill('SIGKILL')
    }
  })

  test('says nothing when nothing has changed, and nothing after its end', async () => {
    freshDir()
    const { channel } = await start()
    sh('echo 1 > f && echo 1 > g')
    const watch = follow(channel, path.join(dir, 'f'))
    const other = follow(channel, path.join(dir, 'g'))
    await Promise.all([watch.until('1\n'), other.until('1\n')])
    sh('echo x > unrelated && rm unrelated && cat f && mkdir d && rmdir d && echo 3 > g')
    await other.until('3\n')
    sh('echo 3 > f')
    await watch.until('3\n')
    assert.deepEqual(watch.seen(), ['1\n', '3\n'])
    watch.stop()
    sh('echo 4 > f && echo 4 > g')
    await other.until('4\n')
    assert.equal(watch.files.length, 2)
  })

  test('a file that never rests is told all the same', async () => {
    freshDir()
    const { channel } = await start()
    const watch = follow(channel, path.join(dir, 'f'))
    const writer = spawn('sh', ['-c', 'i=0; while :; do i=$((i+1)); echo $i >> f; done'], { cwd: dir })
    try {
      await until('five versions', () => watch.files.length >= 5)
    } finally {
      writer.kill('SIGKILL')
    }
    await until('the end', () => words(watch.last()) === fs.readFileSync(path.join(dir, 'f'), 'utf8'))
  })

  test('falls back to polling without inotify', { skip: !can('unshare', '-Ur', 'true') }, async () => {
    freshDir()
    const limit = 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$0"'
    const { channel, child } = await start('unshare', '-Ur', 'sh', '-c', limit)
    const watch = follow(channel, path.join(dir, 'a/f'))
    await watch.until(null)
    const fds = fs
      .readdirSync(`/proc/${child.pid}/fd`)
      .map((fd) => fs.readlinkSync(`/proc/${child.pid}/fd/${fd}`))
    assert.ok(!fds.some((target) => target.includes('inotify')), fds.join())
    sh('mkdir a && echo 1 > a/f')
    await watch.until('1\n')
    sh('rm -r a')
    await watch.until(null)
    assert.deepEqual(watch.seen(), [null, '1\n', null])
  })

  test('a host that does not read gets the newest state, not a backlog', async () => {
    freshDir()
    const child = spawn(agentFile, { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      const file = path.join(dir, 'f')
      const content = (i: number) => Buffer.alloc(MIB, String(i % 10))
      fs.writeFileSync(file, content(0))
      child.stdin.write(encodeWatch(7, file))
      const rss = () =>
        Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1])
      await until('the agent has read it', () => rss() > 1500)
      for (let i = 1; i <= 20; i++) {
        fs.writeFileSync(file, content(i))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      fs.writeFileSync(file, 'end')
      assert.ok(rss() < 5 * 1024, `${rss()} KiB`)
      const frames: AgentFrame[] = []
      const decoder = new FrameDecoder()
      child.stdout.on('data', (chunk: Buffer) => frames.push(...decoder.push(chunk)))
      await until('the end', () => frames.length > 1 && words(decodeFile(frames.at(-1)!.payload)) === 'end')
      assert.ok(frames.length <= 4, `${frames.length} frames`)
      await until('memory is given back', () => rss() < 1500)
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('more watches than it has places for', async () => {
    freshDir()
    const { channel } = await start()
    const all = Array.from({ length: 257 }, (_, i) => follow(channel, path.join(dir, String(i))))
    await all[256]!.until('too many files are being watched')
    await all[255]!.until(null)
    all[0]!.stop()
    await follow(channel, path.join(dir, 'x')).until(null)
  })
})
