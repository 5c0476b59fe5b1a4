/** Moving the edge between two panes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveEdge } from '../../components/workbench/pane-sizes.ts'

const shares = [
  { pane: 'prose', percent: 27 },
  { pane: 'machine', percent: 41 },
  { pane: 'lens', percent: 32 },
]
const LEAST = [20, 25, 20]
const percents = (at: number, by: number) => moveEdge(shares, at, by, LEAST).map(({ percent }) => percent)

test('what one pane gains its neighbour loses, and the others stay', () => {
  assert.deepEqual(percents(0, 5), [32, 36, 32])
  assert.deepEqual(percents(1, -5), [27, 36, 37])
})

test('no pane becomes smaller than its least share', () => {
  assert.deepEqual(percents(0, -100), [20, 48, 32])
  assert.deepEqual(percents(0, 100), [43, 25, 32])
  assert.deepEqual(percents(1, 100), [27, 53, 20])
})
