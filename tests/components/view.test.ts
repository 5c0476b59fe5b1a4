/** The fold of server messages into what a tab knows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INITIAL_VIEW, reduce, type View } from '../../components/session/view.ts'
import type { ServerMessage } from '../../server/protocol/index.ts'

const READY = { state: 'ready', id: 'one', startedMs: 80, tier: 'docker' } as const
const welcome = (id: string): ServerMessage => ({
  type: 'welcome',
  version: 1,
  sandbox: { ...READY, id },
  terminals: [{ id: 7, number: 1, name: '', exit: null }],
  maxTerminals: 6,
})
const passed: ServerMessage = { type: 'check', lesson: 'l', step: 's', passed: true, message: '' }
const fold = (...messages: ServerMessage[]): View => messages.reduce(reduce, INITIAL_VIEW)

test('a welcome is the whole truth about the machine', () => {
  const view = fold(welcome('one'))
  assert.deepEqual([view.connection, view.sandbox?.state, view.terminals.length], ['open', 'ready', 1])
})

test('after a reconnection to the same sandbox files and checks stay; of another one they go', () => {
  const absent: ServerMessage = { type: 'file', file: { state: 'absent', path: '/f' } }
  const same = fold(welcome('one'), passed, absent, welcome('one'))
  assert.deepEqual([Object.keys(same.checks), Object.keys(same.files)], [['l/s'], ['/f']])
  const other = fold(welcome('one'), passed, absent, welcome('two'))
  assert.deepEqual([other.checks, other.files], [{}, {}])
})

test('every message can come twice', () => {
  const messages: ServerMessage[] = [
    welcome('one'),
    { type: 'sandbox', sandbox: READY },
    { type: 'terminals', terminals: [] },
    passed,
    { type: 'error', code: 'full', message: 'm', hint: 'h' },
  ]
  for (const message of messages) {
    const once = reduce(fold(welcome('one')), message)
    assert.deepEqual(reduce(once, message), once, message.type)
  }
})

test('an ended sandbox has no terminals', () => {
  const view = fold(welcome('one'), { type: 'sandbox', sandbox: { state: 'ended', reason: 'idle' } })
  assert.deepEqual(view.terminals, [])
})

test('a shell that ran before the connection broke and is not there afterwards is gone; its terminal is told once', () => {
  const later: ServerMessage = {
    ...welcome('one'),
    terminals: [{ id: 8, number: 1, name: '', exit: null }],
  } as ServerMessage
  assert.equal(fold(welcome('one'), welcome('one')).gone, null)
  assert.deepEqual(fold(welcome('one'), later).gone, { numbers: [1], keys: 0 })
  assert.deepEqual(fold(welcome('one'), later, later).gone, { numbers: [1], keys: 0 })
  assert.equal(fold(welcome('one'), welcome('two')).gone, null)
})
