/** What counts as the same output: line by line, in their order, but for what differs from run to run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agrees } from '../../scripts/lesson/output.ts'

test('lines agree in their order only', () => {
  assert.equal(agrees('a\nb', 'a\nb\n'), null)
  assert.match(agrees('a\nb', 'b\na')!, /nothing printed behind "a" is like "b"/)
  assert.match(agrees('…\nb\na', 'a\nb')!, /drifted/)
  assert.match(agrees('a\na', 'a\nb')!, /drifted/)
})

test('a line … stands for any lines; without one all have to be shown', () => {
  assert.equal(agrees('a\n…\nc', 'a\nb\nc'), null)
  assert.match(agrees('a', 'a\nb')!, /has 1 lines, and 2 were printed/)
})

test('numbers, ids, times and sizes may differ', () => {
  assert.equal(agrees('pid 12, 3.5 MiB', 'pid 4711, 1 kB'), null)
  assert.equal(agrees('0123456789abcdef', 'fedcba9876543210'), null)
  assert.notEqual(agrees('true', 'false'), null)
})
