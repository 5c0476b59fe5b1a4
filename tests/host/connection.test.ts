/** The host process at its own door: what it answers to nonsense, to strangers' terminals, and to one learner too many. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import { after, afterEach, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import {
  encodeFrame,
  HostMessage,
  MAX_MESSAGE_BYTES,
  PROTOCOL_VERSION,
  parseAck,
} from '../../server/protocol/index.ts'
import { RawSocket } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const SIZE = { cols: 80, rows: 24 }
let lab: TestLab
before(async () => {
  lab = await TestLab.start({ LAB_MAX_TERMINALS: '2', LAB_MAX_SANDBOXES: '3' }, { web: false })
})
after(() => lab?.stop())
const open: RawSocket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

async function connect(owner: string): Promise<RawSocket> {
  const socket = await RawSocket.openHost(lab.hostSocket, owner)
  open.push(socket)
  return socket
}

/** A learner's socket with terminal 1 open and attached. */
async function withShell(owner: string, client?: string): Promise<{ socket: RawSocket; terminal: number }> {
  const socket = await connect(owner)
  await socket.hello(client)
  socket.say({ type: 'open-terminal', number: 1, ...SIZE })
  const terminal = (await socket.next('terminals')).terminals.find(({ number }) => number === 1)!.id
  socket.say({ type: 'attach', terminal, from: 0, ...SIZE })
  await socket.next('attached')
  await until('there is a prompt', () => socket.output(terminal).includes('# '))
  return { socket, terminal }
}

const type = (terminal: number, offset: number, text: string) =>
  encodeFrame({ terminal, offset, bytes: new TextEncoder().encode(text) })

describe('nonsense is answered with what is wrong, and the connection goes on', () => {
  const long = 'x'.repeat(1000)
  const cases: [string, string, string, string | undefined][] = [
    ['no JSON', '{', 'malformed', undefined],
    ['nothing', '', 'malformed', undefined],
    ['null', 'null', 'malformed', undefined],
    ['a list', '[]', 'malformed', undefined],
    ['a word', '"hello"', 'malformed', undefined],
    ['no type', '{}', 'malformed', undefined],
    ['a type that is a number', '{"type":5}', 'malformed', undefined],
    ['an unknown type', '{"type":"dance"}', 'unknown-message', 'dance'],
    ['a type of every object', '{"type":"constructor"}', 'unknown-message', 'constructor'],
    ['a long type', `{"type":"${long}"}`, 'unknown-message', long.slice(0, 64)],
    [
      'a message for the web process',
      '{"type":"watch-step","lesson":"a","step":"b"}',
      'unknown-message',
      'watch-step',
    ],
    ['a hello without a client', '{"type":"hello","version":1}', 'malformed', 'hello'],
    ['a hello with a short name', '{"type":"hello","version":1,"client":"x"}', 'malformed', 'hello'],
    [
      'a size of nothing',
      '{"type":"open-terminal","number":1,"cols":0,"rows":0}',
      'malformed',
      'open-terminal',
    ],
    [
      'a huge size',
      '{"type":"open-terminal","number":1,"cols":100000,"rows":9}',
      'malformed',
      'open-terminal',
    ],
    [
      'half a column',
      '{"type":"open-terminal","number":1,"cols":80.5,"rows":9}',
      'malformed',
      'open-terminal',
    ],
    ['terminal 33', '{"type":"open-terminal","number":33,"cols":80,"rows":9}', 'malformed', 'open-terminal'],
    ['a negative offset', '{"type":"ack","terminal":1,"offset":-1}', 'malformed', 'ack'],
    ['a relative path', '{"type":"watch-file","path":"etc/passwd"}', 'malformed', 'watch-file'],
    ['a path with a NUL', '{"type":"watch-file","path":"/etc\\u0000/passwd"}', 'malformed', 'watch-file'],
    [
      'a hash that is none',
      '{"type":"save-file","request":1,"path":"/a","base":"z","text":""}',
      'malformed',
      'save-file',
    ],
    [
      'a text that is a number',
      '{"type":"save-file","request":1,"path":"/a","base":null,"text":5}',
      'malformed',
      'save-file',
    ],
  ]
  for (const [what, text, code, re] of cases)
    test(what, async () => {
      const socket = await connect('alice')
      socket.say(text)
      const error = await socket.next('error')
      assert.deepEqual([error.code, error.re], [code, re])
      assert.ok(error.message.length > 0 && error.hint.length > 0)
      await socket.hello()
      socket.say(text)
      assert.equal((await socket.next('error')).code, code)
      assert.equal(socket.socket.readyState, 1)
    })

  test('messages before hello', async () => {
    const socket = await connect('alice')
    for (const message of [
      { type: 'open-terminal', number: 1, ...SIZE },
      { type: 'watch-file', path: '/etc/passwd' },
      { type: 'reset' },
    ]) {
      socket.say(message)
      const error = await socket.next('error')
      assert.deepEqual([error.code, error.re], ['malformed', message.type])
      assert.match(error.hint, /^hello comes first/)
    }
    socket.say(type(1, 0, 'x'))
    assert.equal((await socket.next('error')).code, 'not-ready')
    await socket.hello()
  })

  test('messages before the sandbox is ready', async () => {
    const socket = await connect('early')
    socket.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'a'.repeat(16) })
    socket.say({ type: 'open-terminal', number: 1, ...SIZE })
    assert.equal((await socket.next('welcome')).sandbox.state, 'creating')
    const error = await socket.next('error')
    assert.deepEqual([error.code, error.re], ['not-ready', 'open-terminal'])
    assert.equal((await socket.next('sandbox')).sandbox.state, 'ready')
    socket.say({ type: 'open-terminal', number: 1, ...SIZE })
    assert.equal((await socket.next('terminals')).terminals.length, 1)
  })

  test('another version of the contract, and a second hello', async () => {
    const socket = await connect('alice')
    for (const version of [0, PROTOCOL_VERSION + 1, -1]) {
      socket.say({ type: 'hello', version, client: 'a'.repeat(16) })
      const error = await socket.next('error')
      assert.deepEqual([error.code, error.re], ['version', 'hello'])
    }
    await socket.hello()
    socket.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'a'.repeat(16) })
    assert.deepEqual([(await socket.next('error')).re, socket.socket.readyState], ['hello', 1])
  })

  test('bytes that are no frame, and frames for no terminal', async () => {
    const { socket, terminal } = await withShell('alice')
    const before = socket.output(terminal)
    const beyond = type(terminal, 0, 'x')
    beyond.fill(0xff, 4, 12)
    for (const [bytes, code] of [
      [new Uint8Array(0), 'malformed'],
      [new Uint8Array(11), 'malformed'],
      [beyond, 'malformed'],
      [type(0, 0, 'x'), 'no-such-terminal'],
      [type(terminal + 1, 0, 'x'), 'no-such-terminal'],
      [type(terminal, 1000, 'x'), 'input-gap'],
    ] as const) {
      socket.say(bytes)
      const error = await socket.next('error')
      assert.deepEqual([error.code, error.re], [code, 'input'])
    }
    socket.say(type(terminal, 0, 'echo fi""ne\r'))
    await until('the shell answers', () => socket.output(terminal).includes('\nfine'))
    assert.ok(
      socket.output(terminal).slice(before.length).startsWith('echo fi""ne'),
      'nothing was typed before',
    )
  })

  test('terminals that are not there, and one too many', async () => {
    const { socket, terminal } = await withShell('alice')
    for (const message of [
      { type: 'attach', terminal: 7, from: 0, ...SIZE },
      { type: 'resize', terminal: 7, ...SIZE },
      { type: 'close-terminal', terminal: 7 },
    ]) {
      socket.say(message)
      const error = await socket.next('error')
      assert.deepEqual([error.code, error.re], ['no-such-terminal', message.type])
    }
    socket.say({ type: 'open-terminal', number: 2, ...SIZE })
    await until('there are two', async () => (await socket.next('terminals')).terminals.length === 2)
    socket.say({ type: 'open-terminal', number: 3, ...SIZE })
    assert.equal((await socket.next('error')).code, 'too-many-terminals')
    socket.say({ type: 'close-terminal', terminal })
    const { terminals } = await socket.next('terminals')
    assert.deepEqual(
      terminals.map(({ number }) => number),
      [2],
    )
    // Its number is free again, its id is not.
    socket.say({ type: 'open-terminal', number: 1, ...SIZE })
    const next = (await socket.next('terminals')).terminals
    assert.notEqual(next.find(({ number }) => number === 1)!.id, terminal)
    for (const { id } of next) socket.say({ type: 'close-terminal', terminal: id })
  })

  test('files that cannot be written', async () => {
    const socket = await connect('alice')
    await socket.hello()
    for (const [path, reason] of [
      ['/no/such/folder/file', /No such file/],
      ['/proc/no-such-file', /No such file/],
    ] as const) {
      socket.say({ type: 'save-file', request: 1, path, base: null, text: 'x' })
      const error = await socket.next('error')
      assert.deepEqual([error.code, error.re], ['file', 'save-file'])
      assert.match(error.hint, reason)
    }
    socket.say({ type: 'save-file', request: 2, path: '/etc', base: null, text: 'x' })
    const { file } = await socket.next('save-conflict')
    assert.equal(file.state, 'unreadable')
  })

  test('a message beyond all measure ends its own connection only', async () => {
    const { socket, terminal } = await withShell('alice')
    const other = await connect('alice')
    await other.hello()
    other.say('x'.repeat(MAX_MESSAGE_BYTES + 1))
    assert.equal(await until('it is closed', () => other.closedWith), 1009)
    socket.say(type(terminal, 0, 'echo al""ive\r'))
    await until('the shell answers', () => socket.output(terminal).includes('\nalive'))
  })

  test('somebody without a name is not let in', async () => {
    const [code] = await once(new WebSocket(`ws+unix:${lab.hostSocket}:/`), 'close')
    assert.equal(code, 1008)
  })
})

describe('learners', () => {
  test('have a sandbox each, and cannot reach each other’s terminals', async () => {
    const alice = await withShell('alice')
    const bob = await connect('bob')
    const bobsId = await bob.hello()
    assert.ok(lab.sandboxIds().includes(bobsId))
    const welcome = alice.socket.messages.find((message) => message.type === 'welcome')!
    assert.ok(welcome.sandbox.state !== 'ready' || welcome.sandbox.id !== bobsId)
    const before = alice.socket.output(alice.terminal)
    for (let terminal = alice.terminal - 5; terminal <= alice.terminal + 5; terminal++) {
      for (const message of [
        { type: 'attach', terminal, from: 0, ...SIZE },
        { type: 'resize', terminal, cols: 10, rows: 3 },
        { type: 'close-terminal', terminal },
      ])
        bob.say(message)
      bob.say({ type: 'ack', terminal, offset: 1 })
      bob.say(type(terminal, 0, 'echo stranger > /root/stranger\r'))
    }
    await until('all are refused', () => bob.messages.filter((m) => m.type === 'error').length === 44)
    for (const message of bob.messages)
      if (message.type === 'error') assert.equal(message.code, 'no-such-terminal')
    assert.equal(bob.frames.length, 0)
    alice.socket.say(type(alice.terminal, 0, 'ls; stty size; echo do""ne\r'))
    await until('the shell answers', () => alice.socket.output(alice.terminal).includes('\ndone'))
    const said = alice.socket.output(alice.terminal).slice(before.length)
    assert.doesNotMatch(said, /stranger/)
    assert.match(said, /\n24 80\n/)
  })

  test('see the same terminals in every tab, and a reset in every tab', async () => {
    const first = await withShell('alice', 'first-tab-of-alice')
    const second = await withShell('alice', 'second-tab-of-alice')
    assert.equal(second.terminal, first.terminal)
    second.socket.say(type(second.terminal, 0, 'echo sha""red\r'))
    for (const { socket, terminal } of [first, second])
      await until('both see it', () => socket.output(terminal).includes('\nshared'))
    assert.equal(first.socket.output(first.terminal), second.socket.output(first.terminal))

    first.socket.say({ type: 'reset' })
    const ids = await Promise.all(
      [first, second].map(async ({ socket }) => {
        await until('it is told', () => socket.messages.filter((m) => m.type === 'welcome').length === 2)
        const ready = await until('the new one is ready', () =>
          socket.messages.findLast((m) => m.type === 'sandbox' && m.sandbox.state === 'ready'),
        )
        return ready.type === 'sandbox' && ready.sandbox.state === 'ready' && ready.sandbox.id
      }),
    )
    assert.equal(ids[0], ids[1])
    second.socket.say({ type: 'attach', terminal: first.terminal, from: 0, ...SIZE })
    assert.equal((await second.socket.next('error')).code, 'no-such-terminal')
    second.socket.close()
    first.socket.say({ type: 'open-terminal', number: 1, ...SIZE })
    await until('the first goes on', () =>
      first.socket.messages.findLast((m) => m.type === 'terminals' && m.terminals.length === 1),
    )
  })

  test('beyond the number that the lab can hold are told that it is full', async () => {
    for (const owner of ['alice', 'bob', 'early']) await (await connect(owner)).hello()
    const late = await connect('late')
    late.say({ type: 'hello', version: PROTOCOL_VERSION, client: 'a'.repeat(16) })
    const { sandbox } = await late.next('welcome')
    assert.deepEqual(sandbox, { state: 'waiting', place: 1, why: 'full', limit: 3 })
    // One that was exchanged before may still be on its way out.
    await until('there are no more than that', () => lab.sandboxIds().length === 3)
    await (await connect('alice')).hello()
  })
})

describe('keys are answered promptly', () => {
  test('an acknowledgement, which comes most often, is read without its schema, and as the schema reads it', () => {
    for (const terminal of [0, 1, 999_999_999, 2 ** 31, 0xffff_ffff, 2 ** 32, 9_999_999_999]) {
      for (const offset of [0, 1, 1e14]) {
        const ack = { type: 'ack', terminal, offset }
        const wanted = HostMessage.safeParse(ack).success ? ack : null
        assert.deepEqual(parseAck(JSON.stringify(ack)), wanted, `${terminal} ${offset}`)
      }
    }
  })

  test('the host process goes before programs that compute, and its shells do not', async (t) => {
    const turn = (pid: number | string) =>
      Number(/^se\.slice\s*:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/sched`, 'utf8'))?.[1])
    if (!fs.existsSync('/proc/self/sched') || !turn('self'))
      return t.skip('the kernel does not tell of turns')
    const [major = 0, minor = 0] = os.release().split('.').map(Number)
    if (major < 6 || (major === 6 && minor < 12)) return t.skip("turns of one's own come with Linux 6.12")
    assert.equal(turn(lab.hostPid), 100_000)
    const { socket, terminal } = await withShell('alice')
    socket.socket.send(type(terminal, 0, 'echo "slice:$(grep se.slice /proc/$$/sched)"\r'))
    const told = await until('the shell has said', () =>
      /slice:se\.slice\s*:\s*(\d+)/.exec(socket.output(terminal)),
    )
    assert.ok(Number(told[1]) > 100_000, told[1])
  })
})
