/** The agent as it is: real processes, real files, and the host's end of the channel. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { after, afterEach, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { AgentChannel, AgentError, type AgentFile } from '../../server/host/agent/channel.ts'
import {
  type AgentFrame,
  decodeFile,
  decodeResult,
  encodeFrame,
  encodeRun,
  encodeWatch,
  FrameDecoder,
  MAX_AGENT_FILE_BYTES,
  MAX_FRAME_BYTES,
  MalformedFrame,
} from '../../server/host/agent/frames.ts'

const MIB = 1024 * 1024
const sources = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../sandbox/agent')
const isRoot = process.getuid?.() === 0
const can = (...argv: [string, ...string[]]) => spawnSync(argv[0], argv.slice(1)).status === 0
const canMount = isRoot && can('unshare', '-m', 'true')

let base = ''
let agentFile = ''
let launchFile = ''
let dir = ''
let count = 0
const started: { channel: AgentChannel; child: ChildProcess }[] = []

before(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-test-'))
  agentFile = path.join(base, 'agent')
  launchFile = path.join(base, 'launch')
  const compile = (from: string, to: string) =>
    execFileSync('gcc', ['-O2', '-static', '-Wall', '-Wextra', '-Werror', path.join(sources, from), '-o', to])
  compile('agent.c', agentFile)
  compile('launch.c', launchFile)
})
after(() => fs.rmSync(base, { recursive: true, force: true }))
afterEach(() => {
  for (const { channel, child } of started.splice(0)) {
    channel.close()
    child.kill('SIGKILL')
  }
})

async function until<T>(what: string, look: () => T, ms = 5000): Promise<NonNullable<T>> {
  for (const end = performance.now() + ms; ; ) {
    const found = look()
    if (found) return found
    if (performance.now() > end) assert.fail(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function freshDir(): string {
  dir = path.join(base, `d${++count}`)
  fs.mkdirSync(dir)
  return dir
}

/** An agent of its own. `wrap` is put before its command line. */
async function start(...wrap: string[]) {
  const [file, ...args] = [...wrap, agentFile]
  const child = spawn(file!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone: Error[] = []
  const channel = new AgentChannel(child, (reason) => gone.push(reason))
  started.push({ channel, child })
  await channel.ready()
  return { channel, child, gone }
}

const words = (file: AgentFile | undefined) =>
  file?.state === 'file' ? Buffer.from(file.bytes).toString() : file?.state === 'absent' ? null : file?.why

/** Follows a file; `seen` has its content, null for absent, or the reason for being unreadable. */
function follow(channel: AgentChannel, file: string) {
  const files: AgentFile[] = []
  const stop = channel.watch(file, (next) => files.push(next))
  return {
    files,
    stop,
    seen: () => files.map(words),
    last: () => files.at(-1),
    token: () => {
      const now = files.at(-1)
      return now?.state === 'file' ? now.token : null
    },
    until: (content: string | null) =>
      until(`${file} is ${content}, seen ${JSON.stringify(files.map(words)).slice(0, 300)}`, () =>
        files.length > 0 && words(files.at(-1)) === content ? true : null,
      ),
  }
}

const sh = (script: string) => execFileSync('sh', ['-c', script], { cwd: dir })
const text = (content: string) => Buffer.from(content)
/** What is in the directory but should not be: temporary files. */
const litter = (where = dir) => fs.readdirSync(where).filter((name) => name.includes('.lab-'))

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

describe('running', () => {
  const options = { timeoutMs: 5000, maxOutput: 65536 }
  const shell = (script: string) => ['sh', '-c', script]

  test('statuses, output of both streams, and the surroundings', async () => {
    freshDir()
    const { channel } = await start()
    const run = (...argv: string[]) => channel.run(argv, options)
    assert.deepEqual(await run('sh', '-c', 'echo out; echo err >&2; exit 3'), {
      status: 3,
      output: 'out\nerr\n',
      timedOut: false,
      truncated: false,
    })
    assert.equal((await run('true')).status, 0)
    assert.equal((await run('sh', '-c', 'kill -TERM $$')).status, 143)
    assert.equal((await run('sh', '-c', 'kill -KILL $$')).status, 137)
    const missing = await run('no-such-program')
    assert.deepEqual([missing.status, missing.output], [127, 'no-such-program: No such file or directory\n'])
    assert.equal((await run('/etc/passwd')).status, 126)
    assert.equal((await run('printf', '%s|', 'a b', '', 'ü')).output, 'a b||ü|')
    const env = await run('env')
    assert.deepEqual(env.output.trim().split('\n').sort(), [
      'HOME=/root',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ])
    if (isRoot) assert.equal((await run('pwd')).output, '/root\n')
    assert.equal((await run('cat')).output, '', 'standard input is empty')
    assert.equal((await run('sh', '-c', 'ls /proc/self/fd | wc -l')).output.trim(), '4')
    const masks = (await run('grep', '-E', 'SigBlk|SigIgn', '/proc/self/status')).output
    assert.match(masks, /SigBlk:\s+0+\nSigIgn:\s+0+\n/)
  })

  test('a time-out kills the whole group', async () => {
    freshDir()
    const { channel } = await start()
    const script = `sleep 300 & echo $! > ${dir}/pid; echo begun; wait`
    const result = await channel.run(shell(script), { timeoutMs: 300, maxOutput: 100 })
    assert.deepEqual(result, { status: 137, output: 'begun\n', timedOut: true, truncated: false })
    const pid = Number(fs.readFileSync(path.join(dir, 'pid'), 'utf8'))
    await until('the grandchild is dead', () => !isRunning(pid))
  })

  test('answers when the program has ended though a grandchild keeps the pipe', async () => {
    freshDir()
    const { channel } = await start()
    const begun = performance.now()
    const result = await channel.run(shell('sleep 300 & echo $!'), options)
    assert.ok(performance.now() - begun < 2000)
    assert.equal(result.status, 0)
    assert.ok(isRunning(Number(result.output)))
    process.kill(Number(result.output), 'SIGKILL')
    const noisy = await channel.run(shell('yes & echo $! >&2; sleep 0.05'), { ...options, maxOutput: 1000 })
    assert.ok(noisy.truncated)
  })

  test('caps the output, and the program does not block on it', async () => {
    freshDir()
    const { channel } = await start()
    const script = 'head -c 3000000 /dev/zero | tr "\\0" x; exit 5'
    const result = await channel.run(shell(script), { ...options, maxOutput: 1000 })
    assert.deepEqual(result, { status: 5, output: 'x'.repeat(1000), timedOut: false, truncated: true })
    const exact = await channel.run(['printf', 'xxxx'], { ...options, maxOutput: 4 })
    assert.deepEqual([exact.output, exact.truncated], ['xxxx', false])
    const most = await channel.run(shell(script), { ...options, maxOutput: MIB })
    assert.deepEqual([most.output.length, most.truncated], [MIB, true])
  })

  test('sixteen at once, and the next is refused', async () => {
    freshDir()
    const { channel } = await start()
    const script = `while [ ! -e ${dir}/go ]; do sleep 0.01; done; echo gone`
    const all = Array.from({ length: 16 }, () => channel.run(shell(script), options))
    await assert.rejects(channel.run(['true'], options), /busy/)
    sh('touch go')
    for (const result of await Promise.all(all)) assert.equal(result.output, 'gone\n')
    assert.equal((await channel.run(['true'], options)).status, 0)
  })
})

describe('the process', () => {
  test('exits at the end of its input and kills what it runs', async () => {
    freshDir()
    const { channel, child } = await start()
    const ended = channel.run(['sh', '-c', `echo $$ > ${dir}/pid; exec sleep 300`], {
      timeoutMs: 60_000,
      maxOutput: 1,
    })
    const pid = await until('it runs', () =>
      Number(fs.existsSync(`${dir}/pid`) && fs.readFileSync(`${dir}/pid`, 'utf8')),
    )
    const exit = once(child, 'exit')
    channel.close()
    await assert.rejects(ended, /closed/)
    assert.deepEqual(await exit, [0, null])
    await until('its program is dead', () => !isRunning(pid))
  })

  test('understands frames in pieces, and several at once', async () => {
    const child = spawn(agentFile, { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      const frames: AgentFrame[] = []
      const decoder = new FrameDecoder()
      child.stdout.on('data', (chunk: Buffer) => {
        for (const byte of chunk) frames.push(...decoder.push(Uint8Array.of(byte)))
      })
      const request = encodeRun(5, ['echo', 'pieces'], 5000, 100)
      for (const byte of request) {
        child.stdin.write(Uint8Array.of(byte))
        await new Promise(setImmediate)
      }
      await until('the first answer', () => frames.length === 2)
      child.stdin.write(Buffer.concat([encodeRun(6, ['true'], 5000, 1), encodeRun(7, ['true'], 5000, 1)]))
      await until('all answers', () => frames.length === 4)
      assert.deepEqual(frames[0], { kind: 'H', id: 0, payload: Buffer.from('1') })
      assert.equal(decodeResult(frames[1]!.payload).output, 'pieces\n')
      assert.deepEqual(
        frames
          .slice(2)
          .map(({ id }) => id)
          .sort(),
        [6, 7],
      )
    } finally {
      child.kill('SIGKILL')
    }
  })

  const bad: [string, Buffer][] = [
    ['a frame too large', Buffer.from([1, 0, 0x20, 0, 0x57])],
    ['a frame too short', Buffer.from([4, 0, 0, 0, 0x57, 0, 0, 0, 0])],
    ['an unknown kind', encodeFrame('Z', 1)],
    ['a relative path', encodeFrame('W', 1, 'etc/passwd')],
    ['a path with a NUL', encodeFrame('W', 1, '/etc\0/passwd')],
    ['a save without a path', encodeFrame('S', 1, '-')],
    ['a save without content', encodeFrame('S', 1, '-\0/tmp/x')],
    ['a run without a program', encodeFrame('R', 1, '1000\x00100\0')],
    ['a run without an end', encodeFrame('R', 1, '1000\x00100\0true')],
    ['an empty run', encodeFrame('R', 1)],
    ['a run for ever', encodeFrame('R', 1, '0\x00100\0true\0')],
  ]
  for (const [what, bytes] of bad)
    test(`exits with 2 on ${what}`, async () => {
      const child = spawn(agentFile, { stdio: ['pipe', 'ignore', 'inherit'] })
      child.stdin.on('error', () => {})
      child.stdin.write(Buffer.concat([bytes, Buffer.alloc(16)].slice(0, bytes.length < 9 ? 2 : 1)))
      assert.deepEqual(await once(child, 'exit'), [2, null])
    })
})

describe('launch', () => {
  test('closes every descriptor but the standard three', () => {
    const show = ['-c', 'echo out; echo err >&2; cat; ls /proc/$$/fd']
    const open = fs.openSync('/dev/null', 'r')
    try {
      const stdio = ['pipe', 'pipe', 'pipe', open, 'ignore', 'ignore', open] as const
      const result = spawnSync(launchFile, ['/bin/sh', ...show], { stdio: [...stdio], input: 'in\n' })
      assert.equal(result.stderr.toString(), 'err\n')
      assert.deepEqual(result.stdout.toString().trim().split('\n').slice(0, 5), ['out', 'in', '0', '1', '2'])
      assert.doesNotMatch(result.stdout.toString(), /^[3-9]$/m)
    } finally {
      fs.closeSync(open)
    }
  })

  test('passes arguments and the status on, and says what failed', () => {
    const result = spawnSync(launchFile, ['/bin/sh', '-c', 'echo "$1"; exit 7', 'sh', 'a b'])
    assert.deepEqual([result.status, result.stdout.toString()], [7, 'a b\n'])
    const missing = spawnSync(launchFile, ['/no/such'])
    assert.deepEqual(
      [missing.status, missing.stderr.toString()],
      [127, 'launch: /no/such: No such file or directory\n'],
    )
    assert.equal(spawnSync(launchFile, []).status, 127)
  })
})

describe('the channel', () => {
  /** A channel whose agent is the test. */
  function fake() {
    const stdin = new PassThrough()
    const stdout = new PassThrough()
    const gone: Error[] = []
    const channel = new AgentChannel({ stdin, stdout }, (reason) => gone.push(reason))
    const sent: AgentFrame[] = []
    const decoder = new FrameDecoder()
    stdin.on('data', (chunk: Buffer) => sent.push(...decoder.push(chunk)))
    return {
      channel,
      stdout,
      stdin,
      gone,
      sent,
      say: (...frame: Parameters<typeof encodeFrame>) => stdout.write(encodeFrame(...frame)),
    }
  }
  const hello = ['H', 0, '1'] as const

  test('rejects everything that is pending when the agent is killed', async () => {
    const { channel, child, gone } = await start()
    freshDir()
    const script = `echo $$ > ${dir}/pid; exec sleep 300`
    const run = channel.run(['sh', '-c', script], { timeoutMs: 60_000, maxOutput: 1 })
    const pid = await until('it runs', () =>
      Number(fs.existsSync(`${dir}/pid`) && fs.readFileSync(`${dir}/pid`, 'utf8')),
    )
    child.kill('SIGKILL')
    await assert.rejects(run, AgentError)
    await assert.rejects(channel.save('/x', null, text('')), AgentError)
    channel.watch('/x', () => assert.fail())()
    assert.equal(gone.length, 1)
    await until('what it ran is dead', () => !isRunning(pid))
  })

  test('is gone if there is no hello in time', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { channel, gone } = fake()
    t.mock.timers.tick(5000)
    await assert.rejects(channel.ready(), /in time/)
    assert.equal(gone.length, 1)
  })

  test('gives up on a request, and ignores the answer that comes later', async (t) => {
    const { channel, gone, say, sent } = fake()
    say(...hello)
    await channel.ready()
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const run = channel.run(['true'], { timeoutMs: 1000, maxOutput: 1 })
    const save = channel.save('/x', null, text(''))
    t.mock.timers.tick(3000)
    await assert.rejects(run, /in time/)
    t.mock.timers.tick(2000)
    await assert.rejects(save, /in time/)
    t.mock.timers.reset()
    await until('both are sent', () => sent.length === 2)
    say('O', sent[0]!.id, Buffer.alloc(5))
    say('D', 12345, '1:2:3:4')
    say('F', 12345, 'a\0')
    const next = channel.save('/x', null, text(''))
    await until('it is sent', () => sent.length === 3)
    say('D', sent[2]!.id, '1:2:3:4')
    assert.deepEqual(await next, { ok: true, token: '1:2:3:4' })
    assert.equal(gone.length, 0)
  })

  const nonsense: [string, string, string | Buffer][] = [
    ['an unknown kind', 'Z', ''],
    ['a second hello', 'H', '1'],
    ['a file of no state', 'F', 'z\0'],
    ['a file without an end', 'F', 'a'],
    ['a file with a strange token', 'F', 't../..\0x'],
    ['a file too large', 'F', Buffer.concat([text('t1:2:3:4\0'), Buffer.alloc(MIB + 1)])],
    ['a saved run', 'D', '1:2:3:4'],
    ['a result too short', 'O', 'abc'],
    ['more output than asked for', 'O', 'abcdefghijk'],
  ]
  for (const [what, kind, payload] of nonsense)
    test(`ends on ${what}`, async () => {
      const { channel, gone, say, stdin } = fake()
      say(...hello)
      const run = channel.run(['true'], { timeoutMs: 1000, maxOutput: 5 })
      await channel.ready()
      say(kind, 1, payload)
      await assert.rejects(run, /nonsense/)
      assert.equal(gone.length, 1)
      assert.ok(stdin.destroyed)
    })

  test('ends on another version, and on lengths out of bounds', async () => {
    const older = fake()
    older.say('H', 0, '0')
    await assert.rejects(older.channel.ready(), /nonsense/)
    for (const size of [0, 4, MAX_FRAME_BYTES + 1, 0xffff_ffff]) {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(size)
      assert.throws(() => new FrameDecoder().push(length), MalformedFrame)
    }
    assert.throws(() => encodeFrame('S', 1, Buffer.alloc(MAX_FRAME_BYTES)), RangeError)
  })

  test('an agent that reads nothing is gone', async () => {
    const stdin = new PassThrough({ highWaterMark: 1 })
    const gone: Error[] = []
    const channel = new AgentChannel({ stdin, stdout: new PassThrough() }, (reason) => gone.push(reason))
    const saves = Array.from({ length: 12 }, () => channel.save('/x', null, Buffer.alloc(MIB)))
    for (const result of await Promise.allSettled(saves)) assert.equal(result.status, 'rejected')
    assert.equal(gone.length, 1)
  })

  test('an agent that floods the host is heard more slowly', async () => {
    const { channel, stdout, say } = fake()
    say(...hello)
    await channel.ready()
    const frame = encodeFrame('F', 99, text('t1:2:3:4\0'), Buffer.alloc(MIB))
    for (let i = 0; i < 70; i++) stdout.write(frame)
    await until('it is paused', () => stdout.isPaused())
    assert.ok(stdout.readableLength > 0)
    channel.close()
  })

  test('refuses what is no path, no program and no token', async () => {
    const { channel } = fake()
    for (const path of ['', 'x', '/a\0b', `/${'x'.repeat(4095)}`])
      assert.throws(() => channel.watch(path, () => {}), AgentError)
    await assert.rejects(channel.run([], { timeoutMs: 1, maxOutput: 1 }), AgentError)
    await assert.rejects(channel.run(['a\0b'], { timeoutMs: 1, maxOutput: 1 }), AgentError)
    await assert.rejects(channel.save('/x', '-', text('')), AgentError)
    channel.close()
  })
})

/** Whether the process exists and is no zombie. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
