/** Edits change what they must and nothing else: byte for byte, on real files in several layouts. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import {
  addAt,
  applyPatch,
  EditError,
  type PatchOperation,
  removeAt,
  renameKey,
  replaceAt,
  setAt,
} from '../../spec/edit.ts'
import { locate, pointerAt } from '../../spec/pointer.ts'
import { applyEdits, composeEdits, Lines, type TextEdit } from '../../spec/text.ts'
import { ROOT } from '../helpers/lab.ts'

const SPEC = fs.readFileSync(path.join(ROOT, 'tests/spec/files/runc-spec.json'), 'utf8')
const done = (text: string, edits: TextEdit[]) => applyEdits(text, edits)

describe('on what runc spec writes', () => {
  test('a value is replaced and every other byte stays', () => {
    const after = done(SPEC, replaceAt(SPEC, '/process/terminal', false))
    assert.equal(after, SPEC.replace('"terminal": true', '"terminal": false'))
  })

  test('a list gets an entry on a line of its own, with tabs as the others have', () => {
    const after = done(SPEC, addAt(SPEC, '/linux/namespaces/-', { type: 'user' }))
    assert.equal(
      after,
      SPEC.replace(/("type": "mount"\n\t\t\t\})/, '$1,\n\t\t\t{\n\t\t\t\t"type": "user"\n\t\t\t}'),
    )
  })

  test('objects that are missing on the way are made', () => {
    const after = done(SPEC, setAt(SPEC, '/linux/resources/memory/limit', 67108864))
    assert.equal(JSON.parse(after).linux.resources.memory.limit, 67108864)
    const kept = done(after, removeAt(after, '/linux/resources/memory'))
    assert.equal(kept, SPEC)
  })

  test('what is put in and taken out again leaves no trace', () => {
    for (const pointer of [
      '/annotations',
      '/process/umask',
      '/mounts/0',
      '/mounts/3',
      '/mounts/-',
      '/process/args/0',
    ]) {
      const after = done(SPEC, addAt(SPEC, pointer, { a: [1, { b: null }] }))
      assert.notEqual(after, SPEC)
      assert.equal(done(after, removeAt(after, pointer.replace('-', '7'))), SPEC, pointer)
    }
  })
})

const LAYOUTS: Record<string, string> = {
  'tabs, with the newline at the end that runc leaves out': `${SPEC}\n`,
  'two spaces': JSON.stringify(JSON.parse(SPEC), null, 2),
  'four spaces and Windows line ends': JSON.stringify(JSON.parse(SPEC), null, 4).replaceAll('\n', '\r\n'),
  'one line': JSON.stringify(JSON.parse(SPEC)),
  'comments and 64-bit numbers': SPEC.replace('"hostname"', '// name\n\t"hostname"')
    .replace('"hard": 1024', '"hard": 18446744073709551615')
    .replace('"args": [', '"args": [ /* the shell */'),
}

/** Without comments, for JSON.parse. */
const bare = (text: string) => text.replace(/\/\/ name\n|\/\* the shell \*\//g, '')

for (const [name, text] of Object.entries(LAYOUTS)) {
  test(`edits of a file with ${name}`, () => {
    const patch: PatchOperation[] = [
      { op: 'replace', path: '/process/terminal', value: false },
      { op: 'replace', path: '/process/args', value: ['sleep', '30'] },
      { op: 'add', path: '/process/env/-', value: 'A=1' },
      { op: 'add', path: '/linux/resources/memory', value: { limit: 33554432 } },
      { op: 'remove', path: '/linux/maskedPaths/0' },
      { op: 'move', from: '/mounts/1', path: '/mounts/6' },
      { op: 'copy', from: '/mounts/0', path: '/mounts/-' },
      { op: 'add', path: '/hooks', value: {} },
      { op: 'add', path: '/hooks/poststop', value: [] },
      { op: 'test', path: '/process/cwd', value: '/' },
    ]
    const after = done(text, applyPatch(text, patch))
    const config = JSON.parse(bare(after))
    assert.equal(config.process.terminal, false)
    assert.deepEqual(config.process.args, ['sleep', '30'])
    assert.equal(config.process.env.at(-1), 'A=1')
    assert.equal(config.linux.resources.memory.limit, 33554432)
    assert.ok(!config.linux.maskedPaths.includes('/proc/acpi'))
    assert.equal(config.mounts[6].destination, '/dev')
    assert.equal(config.mounts[7].destination, '/proc')
    assert.deepEqual(config.hooks, { poststop: [] })
    // What the patch does not touch is there as it was, line for line.
    assert.equal(after.includes('// name'), text.includes('// name'))
    assert.equal(after.includes('18446744073709551615'), text.includes('18446744073709551615'))
    assert.equal(after.endsWith('\n'), text.endsWith('\n'))
    assert.equal(/[^\r]\n/.test(after), /[^\r]\n/.test(text))
    // And back again: as many bytes as before.
    const back = done(after, [...replaceAt(after, '/process/terminal', true), ...removeAt(after, '/hooks')])
    assert.ok(!back.includes('hooks'))
  })
}

test('keys are renamed without touching their values', () => {
  const text = SPEC.replace('"args"', '"Args"')
  assert.equal(done(text, renameKey(text, '/process/Args', 'args')), SPEC)
})

test('what does not fit is refused with a sentence', () => {
  assert.throws(() => removeAt(SPEC, '/nope'), EditError)
  assert.throws(() => addAt(SPEC, '/mounts/99', {}), EditError)
  assert.throws(() => addAt(SPEC, '/process/cwd/x', 1), EditError)
  assert.throws(() => applyPatch(SPEC, [{ op: 'test', path: '/hostname', value: 'x' }]), /is "runc", not "x"/)
})

test('edits one after the other and the same as one list give the same text', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
  for (let round = 0; round < 400; round++) {
    const text = 'abcdefghijklmnopqrstuvwxyz'.slice(0, 5 + random(20))
    let current = text
    let edits: TextEdit[] = []
    for (let i = 0; i < 1 + random(5); i++) {
      const from = random(current.length + 1)
      const edit = { from, to: from + random(current.length - from + 1), text: 'XYZWV'.slice(0, random(5)) }
      edits = composeEdits(edits, edit)
      current = applyEdits(current, [edit])
    }
    assert.equal(applyEdits(text, edits), current)
  }
})

describe('places', () => {
  test('a pointer leads to its text, and the text to its pointer', () => {
    const place = locate(SPEC, '/mounts/2/options/1')!
    assert.equal(SPEC.slice(place.from, place.to), '"noexec"')
    assert.equal(pointerAt(SPEC, place.from + 2), '/mounts/2/options/1')
    const key = locate(SPEC, '/linux/resources')!.key!
    assert.equal(SPEC.slice(key.from, key.to), '"resources"')
    assert.equal(pointerAt(SPEC, key.from + 1), '/linux/resources')
    assert.equal(locate(SPEC, '/nope'), null)
  })

  test('keys with slashes and tildes', () => {
    const text = '{"annotations": {"a/b~c": "x"}}'
    assert.equal(locate(text, '/annotations/a~1b~0c')?.from, text.indexOf('"x"'))
    assert.equal(pointerAt(text, text.indexOf('"x"') + 1), '/annotations/a~1b~0c')
  })

  test('of broken text are found as far as it can be read', () => {
    const text = '{"process": {"args": ["sh", ], "cwd": "/" "x": '
    assert.equal(locate(text, '/process/cwd')?.from, text.indexOf('"/"'))
  })

  test('lines and columns count from 1', () => {
    const lines = new Lines('a\nbc\n')
    assert.deepEqual(
      [0, 1, 2, 4, 5].map((at) => lines.at(at)),
      [
        { line: 1, column: 1 },
        { line: 1, column: 2 },
        { line: 2, column: 1 },
        { line: 2, column: 3 },
        { line: 3, column: 1 },
      ],
    )
  })
})
