/** Diffs as lessons show them, and whether a patch is in a text already. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isApplied } from '../../spec/applied.ts'
import { diffLines, diffText } from '../../spec/diff.ts'

test('a diff has the changed lines with two around them, and a mark between hunks', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].join('\n')
  const after = ['a', 'B', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].join('\n')
  assert.equal(diffText(before, after), [' a', '-b', '+B', ' c', ' d', '@@', ' i', ' j', '+k'].join('\n'))
  assert.equal(diffText(before, before), '')
})

test('both sides can be read back from the lines', () => {
  const texts = ['', 'x', 'x\ny', 'y\nx\ny', 'a\nb\nc\nd', 'a\nc\nd\nb']
  for (const before of texts)
    for (const after of texts) {
      const lines = diffLines(before, after)
      const side = (other: string) =>
        lines.flatMap(({ kind, text }) => (kind === other ? [] : [text])).join('\n')
      assert.equal(side('added'), before)
      assert.equal(side('removed'), after)
    }
})

test('a patch is applied if nothing would change', () => {
  const text = '{"a": {"x": 1, "y": [1, {"b": 2, "c": 3}]}}'
  assert.ok(isApplied(text, [{ op: 'add', path: '/a/x', value: 1 }]))
  assert.ok(isApplied(text, [{ op: 'add', path: '/a/y/-', value: { c: 3, b: 2 } }]))
  assert.ok(isApplied(text, [{ op: 'remove', path: '/a/z' }]))
  assert.ok(!isApplied(text, [{ op: 'replace', path: '/a/x', value: 2 }]))
  assert.ok(!isApplied(text, [{ op: 'add', path: '/a/y/-', value: { b: 2 } }]))
  assert.ok(!isApplied(text, [{ op: 'remove', path: '/a/x' }]))
  assert.ok(!isApplied('{', [{ op: 'add', path: '/a', value: 1 }]))
})
