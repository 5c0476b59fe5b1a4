/** The host’s end of the channel: what is pending when the agent goes, and an agent that says what it must not. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { AgentChannel, AgentError } from '../../server/host/agent/channel.ts'
import {
  type AgentFrame,
  encodeFrame,
  FrameDecoder,
  MAX_FRAME_BYTES,
  MalformedFrame,
} from '../../server/host/agent/frames.ts'
import { dir, freshDir, isRunning, MIB, start, text, until } from './helpers/agent.ts'

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
  const hello = ['H', 0, '2'] as const

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
    ['a look inside as the answer to a run', 'I', '1 1 1 1 1 '],
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

  test('an agent of before is not asked to look inside, and serves otherwise', async () => {
    const { channel, gone, say, sent } = fake()
    say('H', 0, '1')
    assert.equal(await channel.lookInside(), null)
    const save = channel.save('/x', null, text(''))
    await until('it is sent', () => sent.length === 1)
    say('D', sent[0]!.id, '1:2:3:4')
    assert.deepEqual(await save, { ok: true, token: '1:2:3:4' })
    assert.equal(gone.length, 0)
  })

  for (const answer of [
    '',
    '1 2 3 4 5',
    '1 2 3 4 x bash',
    '1 2 3 4 5 0123456789abcdefg',
    `${'9'.repeat(16)} 2 3 4 5 `,
  ])
    test(`ends on what is inside being "${answer}"`, async () => {
      const { channel, gone, say, sent } = fake()
      say(...hello)
      const look = channel.lookInside()
      await until('it is asked', () => sent.length === 1)
      say('I', sent[0]!.id, answer)
      await assert.rejects(look, /nonsense/)
      assert.equal(gone.length, 1)
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
