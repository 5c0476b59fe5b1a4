/** What learners are told of a lesson that wants more than this lab has. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isReadOnly, limitsOf } from '../../server/lessons/limits.ts'
import { loadFolder } from '../../server/lessons/load.ts'
import { write } from './helpers.ts'

test('a lesson for a cluster says on each page that it can be read only', () => {
  const wanting = loadFolder(
    write({
      'index.json': JSON.stringify({
        title: 'Pods',
        details: { intro: { text: 'intro.md' }, steps: [{ text: 'one.md' }] },
        backend: { imageid: 'kubernetes-kubeadm-1node' },
      }),
      'intro.md': 'Hello',
      'one.md': 'List them.',
    }),
  )
  assert.ok(isReadOnly(wanting))
  for (const page of [wanting.intro!, wanting.steps[0]!])
    assert.match(limitsOf(wanting, page).readOnly, /kubernetes-kubeadm-1node/)
})

test('a page says which of its commands need what is not there, and only that page', () => {
  const wanting = loadFolder(
    write({
      'index.json': JSON.stringify({
        title: 'Web',
        details: { steps: [{ text: 'one.md' }, { text: 'two.md' }] },
        backend: { imageid: 'ubuntu' },
      }),
      'one.md': '`ls`{{exec}}',
      'two.md': '`docker run -d nginx:alpine`{{exec}}\n\n`docker run -d nginx:alpine`{{exec}}',
    }),
  )
  assert.ok(!isReadOnly(wanting))
  const [one, two] = wanting.steps as [(typeof wanting.steps)[0], (typeof wanting.steps)[0]]
  assert.deepEqual(limitsOf(wanting, one, false), { readOnly: '', here: [] })
  assert.equal(limitsOf(wanting, two, false).here.length, 1)
  assert.match(limitsOf(wanting, two, false).here[0]!, /nginx:alpine needs the internet/)
  assert.deepEqual(limitsOf(wanting, two, true).here, [])
})
