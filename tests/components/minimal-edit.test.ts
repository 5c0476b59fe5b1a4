/** The smallest edit between two texts: applied, it gives the second, and it touches no more than it must. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minimalEdit } from '../../components/editor/minimal-edit.ts'

const apply = (text: string, { start, end, text: put }: ReturnType<typeof minimalEdit>) =>
  text.slice(0, start) + put + text.slice(end)

test('what it replaces', () => {
  assert.deepEqual(minimalEdit('one two three', 'one 2 three'), { start: 4, end: 7, text: '2' })
  assert.deepEqual(minimalEdit('aaa', 'aaaa'), { start: 3, end: 3, text: 'a' })
  assert.deepEqual(minimalEdit('aaaa', 'aa'), { start: 2, end: 4, text: '' })
  assert.deepEqual(minimalEdit('same', 'same'), { start: 4, end: 4, text: '' })
  assert.deepEqual(minimalEdit('', 'new'), { start: 0, end: 0, text: 'new' })
})

test('applied it always gives the second text', () => {
  // Few letters, so that beginnings and ends overlap in every way.
  const words = ['', 'a', 'b', 'ab', 'ba', 'aa', 'aba', 'bab', 'aab', 'abab', 'baba', 'abba']
  for (const before of words) {
    for (const after of words)
      assert.equal(apply(before, minimalEdit(before, after)), after, `${before} to ${after}`)
  }
})
