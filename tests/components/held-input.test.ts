/** Keys typed without a connection: what is kept of them, and how they are told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HELD_BYTES, HeldInput, spell } from '../../components/session/held-input.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (chunks: Uint8Array[]) => Buffer.concat(chunks).toString()

test('keys are kept in order and given once', () => {
  const held = new HeldInput()
  for (const key of ['l', 's', '\r']) held.add(bytes(key))
  assert.deepEqual(held.describe(), { keys: 3, text: 'ls↵', full: false })
  assert.equal(text(held.take()), 'ls\r')
  assert.deepEqual([held.isEmpty, held.describe().keys], [true, 0])
})

test('what does not fit is refused whole, and so is all that follows', () => {
  const held = new HeldInput()
  held.add(bytes('x'.repeat(HELD_BYTES - 1)))
  held.add(bytes('no'))
  held.add(bytes('y'))
  assert.equal(text(held.take()), 'x'.repeat(HELD_BYTES - 1))
  held.add(bytes('z'.repeat(HELD_BYTES + 1)))
  assert.deepEqual(held.describe(), { keys: 0, text: '', full: true })
})

test('what the screen says by itself is no key', () => {
  const held = new HeldInput()
  for (const report of ['\x1b[I', '\x1b[O', '\x1b[<0;12;3M', '\x1b[<0;12;3m', '\x1b[M !!'])
    held.add(bytes(report))
  assert.ok(held.isEmpty)
})

test('every key is visible', () => {
  assert.deepEqual(spell('\x03\x1b[A\x1bOB\t\x7f'), { keys: 5, text: '^C↑↓⇥⌫' })
  assert.deepEqual(spell('\x1b[200~a b\x1b[201~'), { keys: 3, text: 'a b' })
  assert.deepEqual(spell('\x1b'), { keys: 1, text: 'Esc' })
  assert.equal(spell('\x1b[5;3~').text, '^[[5;3~')
  assert.equal(spell('a\u202eb').text, 'aU+202Eb')
  assert.deepEqual(spell('é漢😀'), { keys: 3, text: 'é漢😀' })
})
