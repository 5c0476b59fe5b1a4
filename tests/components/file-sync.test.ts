/** The editor's text and the sandbox's file: every order in which the two can change. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { FileSync, type SyncState } from '../../components/editor/file-sync.ts'
import { ConnectionLost, type SaveResult } from '../../components/session/lab-client.ts'
import type { FileView } from '../../server/protocol/index.ts'
import { until } from '../helpers/until.ts'

const PATH = '/config.json'
const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const file = (text: string): FileView => ({ state: 'text', path: PATH, hash: hash(text), text })
const absent: FileView = { state: 'absent', path: PATH }

/** An editor that is a string, and a sandbox that is one too and compares before it writes, as the real one does. */
function stage(disk: string | null) {
  const world = {
    text: '',
    disk,
    states: [] as SyncState['kind'][],
    saves: [] as string[],
    attempts: 0,
    /** Set to let saves wait, or fail. */
    gate: null as Promise<void> | null,
    error: null as Error | null,
  }
  const view = () => (world.disk === null ? absent : file(world.disk))
  const sync = new FileSync({
    editor: {
      get: () => world.text,
      set: (text) => {
        world.text = text
      },
    },
    async save(base, text): Promise<SaveResult> {
      world.attempts++
      await world.gate
      if (world.error) throw world.error
      if (base !== (world.disk === null ? null : hash(world.disk))) return { saved: false, file: view() }
      world.disk = text
      world.saves.push(text)
      return { saved: true, hash: hash(text) }
    },
    onState: ({ kind }) => world.states.push(kind),
    pauseMs: 5,
  })
  const type = (text: string) => {
    world.text = text
    sync.edited()
  }
  /** The sandbox changes the file and the editor hears of it. */
  const change = (text: string | null) => {
    world.disk = text
    sync.remote(view())
  }
  const settled = (kind: SyncState['kind']) => until(`the state is ${kind}`, () => sync.state.kind === kind)
  sync.remote(view())
  return { world, sync, type, change, settled }
}

describe('a file and its editor', () => {
  test('what is typed is saved after a pause, once for a burst of keys', async () => {
    const { world, type, settled } = stage('a')
    for (const text of ['ab', 'abc', 'abcd']) type(text)
    assert.equal(world.disk, 'a')
    await settled('saved')
    assert.deepEqual(world.saves, ['abcd'])
  })

  test('a change in the sandbox replaces the text while nothing is typed', () => {
    const { world, sync, change } = stage('a')
    change('b')
    assert.equal(world.text, 'b')
    assert.equal(sync.state.kind, 'saved')
    change(null)
    assert.equal(sync.state.kind, 'absent')
    change('c')
    assert.equal(world.text, 'c')
  })

  test('both have changed: nothing is written until one side is chosen', async () => {
    const { world, sync, type, change, settled } = stage('a')
    type('mine')
    change('theirs')
    assert.deepEqual(sync.state, { kind: 'conflict', theirs: 'theirs' })
    type('mine still')
    assert.deepEqual([world.disk, world.text], ['theirs', 'mine still'])
    sync.resolve('mine')
    await settled('saved')
    assert.equal(world.disk, 'mine still')
  })

  test('both have changed, and the sandbox wins', () => {
    const { world, sync, type, change } = stage('a')
    type('mine')
    change('theirs')
    sync.resolve('theirs')
    assert.deepEqual([world.text, sync.state.kind], ['theirs', 'saved'])
  })

  test('both have changed to the same text: there is nothing to ask', () => {
    const { sync, type, change } = stage('a')
    type('same')
    change('same')
    assert.equal(sync.state.kind, 'saved')
  })

  test('the change in the sandbox is found by the save itself', async () => {
    const { world, type, settled } = stage('a')
    world.disk = 'unheard of'
    type('mine')
    await settled('conflict')
    assert.equal(world.disk, 'unheard of')
  })

  test('typing goes on while a save is under way', async () => {
    const { world, type, settled } = stage('a')
    let open = () => {}
    world.gate = new Promise((resolve) => {
      open = resolve
    })
    type('ab')
    await until('a save is under way', () => world.attempts > 0)
    type('abc')
    open()
    world.gate = null
    await settled('saved')
    assert.equal(world.disk, 'abc')
  })

  test('the answer to a save is lost: the file tells that it was written, and no question is asked', async () => {
    const { world, sync, type, settled } = stage('a')
    world.error = new ConnectionLost()
    type('ab')
    await until('a save was tried', () => world.attempts > 0)
    // It had arrived after all, and the learner types on.
    world.error = null
    type('abc')
    world.disk = 'ab'
    sync.remote(file('ab'))
    await settled('saved')
    assert.equal(world.disk, 'abc')
    assert.ok(!world.states.includes('conflict'))
  })

  test('the connection was lost and nobody else wrote: what was typed is saved', async () => {
    const { world, sync, type, settled } = stage('a')
    world.error = new ConnectionLost()
    type('ab')
    await until('a save was tried', () => world.attempts > 0)
    assert.equal(sync.state.kind, 'unsaved')
    world.error = null
    sync.remote(file('a'))
    await settled('saved')
    assert.equal(world.disk, 'ab')
  })

  test('a file that cannot be written keeps the text and says why', async () => {
    const { world, sync, type, settled } = stage('a')
    world.error = new Error('No space left on device')
    type('ab')
    await settled('failed')
    assert.deepEqual(sync.state, { kind: 'failed', why: 'No space left on device' })
    world.error = null
    sync.retry()
    await settled('saved')
    assert.equal(world.disk, 'ab')
  })

  test('the file is removed while one types', async () => {
    const { world, sync, type, change, settled } = stage('a')
    type('ab')
    change(null)
    assert.deepEqual(sync.state, { kind: 'conflict', theirs: null })
    sync.resolve('mine')
    await settled('saved')
    assert.equal(world.disk, 'ab')
  })
})
