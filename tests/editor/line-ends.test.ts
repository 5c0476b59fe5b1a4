/** Ends of lines: whatever a file has, an edit leaves those of the other lines alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineEnds, unify } from '../../components/editor/line-ends.ts'
import { minimalEdit } from '../../components/editor/minimal-edit.ts'

const FILES = ['', 'one', 'a\nb\n', 'a\r\nb\r\nc', 'a\r\nb\nc\rd\n', '\r\n\r\n', '\ufeff{\r\n}\r\n']

test('a text that nobody changes comes back byte for byte', () => {
  for (const text of FILES) {
    const ends = new LineEnds()
    ends.take(text)
    assert.equal(ends.restore(unify(text)), text, JSON.stringify(text))
  }
})

test('new lines end like their neighbours, the others as before', () => {
  const ends = new LineEnds()
  ends.take('a\r\nb\nc\rd')
  // Behind "a": a line more. In front of "d": the line end goes.
  ends.change([
    { startLine: 1, endLine: 1, text: '\nx' },
    { startLine: 3, endLine: 4, text: '' },
  ])
  assert.equal(ends.restore('a\nx\nb\ncd'), 'a\r\nx\r\nb\ncd')
})

test('an edit never falls between the halves of a character', () => {
  const before = 'a 😀 b'
  const after = 'a 😁 b'
  assert.deepEqual(minimalEdit(before, after), { start: 2, end: 4, text: '😁' })
  assert.deepEqual(minimalEdit('😀', '😀😀'), { start: 2, end: 2, text: '😀' })
})
