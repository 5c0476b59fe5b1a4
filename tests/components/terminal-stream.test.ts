/** One terminal's bytes in a tab, through breaks of the connection. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHORT_BREAK_MS, TerminalStream, type Wire } from '../../components/session/terminal-stream.ts'
import type { ClientMessage } from '../../server/protocol/index.ts'
import { until } from '../helpers/until.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A stream, and a server that takes what arrives exactly as the real one does. */
function stage() {
  let now = 0
  let isUp = true
  let applied = ''
  const messages: ClientMessage[] = []
  const wire: Wire = {
    send: (message) => isUp && messages.push(message) > 0,
    sendFrame: ({ offset, bytes }) => {
      if (!isUp) return false
      const fresh = Buffer.from(bytes)
        .toString()
        .slice(applied.length - offset)
      assert.ok(offset <= applied.length, 'no gap')
      applied += fresh
      return true
    },
  }
  const open = () =>
    new TerminalStream(
      7,
      wire,
      { write: (_bytes, _history, done) => done(), clear: () => {} },
      { cols: 80, rows: 24 },
      () => now,
    )
  const first = open()
  const attach = (stream = first) => {
    isUp = true
    stream.attach()
    const message = { type: 'attached', terminal: 7, from: 0, live: 0, dropped: false } as const
    stream.onAttached({ ...message, inputApplied: applied.length })
  }
  attach()
  return {
    stream: first,
    messages,
    attach,
    again() {
      const stream = open()
      attach(stream)
      return stream
    },
    lose(ms: number) {
      isUp = false
      first.lost()
      now += ms
    },
    type: (text: string) => {
      for (const key of text) first.type(bytes(key))
    },
    get applied() {
      return applied
    },
  }
}

test('after a short break what was typed goes in by itself, once and in order', () => {
  const it = stage()
  it.type('one ')
  it.lose(SHORT_BREAK_MS)
  it.type('two ')
  assert.equal(it.stream.held.keys, 4)
  it.attach()
  it.type('three')
  assert.equal(it.applied, 'one two three')
  assert.equal(it.stream.held.keys, 0)
})

test('after a long break the learner decides; what is typed meanwhile comes after it', () => {
  const it = stage()
  it.lose(SHORT_BREAK_MS + 1)
  it.type('rm ')
  it.attach()
  assert.deepEqual([it.stream.asks, it.stream.isLive, it.applied], [true, false, ''])
  it.type('x')
  it.stream.typeHeld()
  it.type('y')
  assert.equal(it.applied, 'rm xy')
  assert.deepEqual([it.stream.asks, it.stream.isLive], [false, true])
})

test('discarded keys are typed nowhere', () => {
  const it = stage()
  it.lose(SHORT_BREAK_MS + 1)
  it.type('rm -rf')
  it.attach()
  it.stream.discardHeld()
  it.type('ls')
  assert.equal(it.applied, 'ls')
})

test('a long break in which nothing was typed asks nothing', () => {
  const it = stage()
  it.lose(3_600_000)
  it.attach()
  assert.equal(it.stream.asks, false)
})

test('several breaks before a connection count from the first', () => {
  const it = stage()
  it.lose(6000)
  it.type('a')
  it.lose(6000)
  it.attach()
  assert.equal(it.stream.asks, true)
})

test('a further break while the learner is asked keeps the question, and an answer without a connection waits for it', () => {
  const it = stage()
  it.lose(SHORT_BREAK_MS + 1)
  it.type('a')
  it.attach()
  it.lose(1)
  it.attach()
  assert.equal(it.stream.asks, true)
  it.lose(1)
  it.stream.typeHeld()
  assert.equal(it.applied, '')
  it.attach()
  assert.equal(it.applied, 'a')
})

test('a second screen of the same tab goes on where the first has stopped typing', () => {
  const it = stage()
  it.type('one')
  const again = it.again()
  again.type(bytes(' two'))
  assert.equal(it.applied, 'one two')
})

test('what is shown is acknowledged: a flood as it comes, small pieces together', async () => {
  const { stream, messages } = stage()
  const acks = () => messages.flatMap((message) => (message.type === 'ack' ? [message.offset] : []))
  let offset = 0
  const print = (length: number) => {
    stream.onFrame({ terminal: 7, offset, bytes: new Uint8Array(length) })
    offset += length
  }
  print(40_000)
  assert.deepEqual(acks(), [40_000])
  for (let i = 0; i < 5; i++) print(10)
  assert.deepEqual(acks(), [40_000])
  await until('the rest is acknowledged', () => acks().length > 1)
  assert.deepEqual(acks(), [40_000, 40_050])
})
