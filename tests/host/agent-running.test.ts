/** The agent runs programs, keeps to its protocol, and ends with its host; and the launcher that starts it. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import {
  type AgentFrame,
  decodeResult,
  encodeFrame,
  encodeRun,
  FrameDecoder,
} from '../../server/host/agent/frames.ts'
import {
  agentFile,
  can,
  dir,
  freshDir,
  isRoot,
  isRunning,
  launchFile,
  MIB,
  sh,
  start,
  until,
} from './helpers/agent.ts'

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

describe('a look inside', () => {
  const disk = () => spawnSync('stat', ['-f', '-c', '%b %c', '/'], { encoding: 'utf8' }).stdout.trim()

  test('tells what statfs says, and counts pseudo-terminals', async () => {
    const { channel } = await start()
    const inside = await channel.lookInside()
    assert.equal(`${inside!.blocks} ${inside!.inodes}`, disk())
    assert.ok(inside!.freeBlocks <= inside!.blocks && inside!.freeInodes <= inside!.inodes)
    const ptys = () => fs.readdirSync('/dev/pts').filter((name) => /^\d+$/.test(name)).length
    // Other terminals of this machine come and go.
    await until('the number is right', async () => (await channel.lookInside())!.ptys === ptys())
  })

  test('names a program that can open no more files', {
    skip: !can('unshare', '-Urpf', '--mount-proc', 'true'),
  }, async () => {
    const { channel } = await start('unshare', '-Urpf', '--kill-child', '--mount-proc')
    const opener = async () => (await channel.lookInside())!.opener
    const open = (count: number) =>
      channel
        .run(
          [
            'bash',
            '-c',
            `ulimit -n 1024; for ((i = 0; i < ${count}; i++)); do exec {fd}< /dev/null || break; done; touch ${dir}/open; kill -STOP $$`,
          ],
          { timeoutMs: 60_000, maxOutput: 0 },
        )
        .catch(() => {})
    freshDir()
    assert.equal(await opener(), '')
    void open(900)
    await until('many are open', () => fs.existsSync(`${dir}/open`))
    assert.equal(await opener(), '')
    void open(2000)
    await until('one has no more', async () => (await opener()) === 'bash')
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
      assert.deepEqual(frames[0], { kind: 'H', id: 0, payload: Buffer.from('2') })
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
