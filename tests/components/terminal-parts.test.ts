/** The small parts of a terminal pane: paste, links, keys, settings. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webAddress } from '../../components/terminal/addresses.ts'
import { cleanPaste, pasteQuestion } from '../../components/terminal/paste.ts'
import { DEFAULT_SETTINGS, nextFontSize, parseSettings } from '../../components/terminal/settings.ts'
import { shortcutOf } from '../../components/terminal/shortcuts.ts'
import { arrowKey, withCtrl } from '../../components/terminal/touch-keys.ts'
import { isSoftware } from '../../components/terminal/webgl.ts'

test('pasted text cannot end a bracketed paste or press a key', () => {
  assert.equal(cleanPaste('a\x1b[201~rm\x03\x9b'), 'a[201~rm')
  assert.equal(cleanPaste('a\r\nb\rc\n\td'), 'a\nb\nc\n\td')
})

test('several lines are asked about where the program would take them for keys', () => {
  assert.equal(pasteQuestion('a b', false), null)
  assert.equal(pasteQuestion('a\nb', true), null)
  const question = pasteQuestion(`${'x'.repeat(200)}\nb\nc\nd\ne\nf\n`, false)
  assert.deepEqual([question?.lines, question?.preview.length], [6, 5])
  assert.equal(question?.preview[0], `${'x'.repeat(100)}…`)
  assert.equal(pasteQuestion('ls\n', false)?.lines, 1)
})

test('only addresses of the web are links', () => {
  assert.equal(webAddress('https://example.org/a'), 'https://example.org/a')
  assert.equal(webAddress('http://EXAMPLE.org'), 'http://example.org/')
  for (const text of [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'ssh://a',
    'vscode://a',
    'x',
  ])
    assert.equal(webAddress(text), null, text)
  assert.equal(webAddress(`https://example.org/${'a'.repeat(3000)}`), null)
})

test('what a pane keeps of the keyboard', () => {
  const none = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false }
  const of = (code: string, key: string, held: object) => shortcutOf({ ...none, code, key, ...held })
  assert.equal(of('KeyC', 'C', { ctrlKey: true, shiftKey: true }), 'copy')
  assert.equal(of('KeyC', 'c', { metaKey: true }), 'copy')
  assert.equal(of('KeyC', 'c', { ctrlKey: true }), null)
  assert.equal(of('KeyV', 'V', { ctrlKey: true, shiftKey: true }), 'paste')
  assert.equal(of('KeyV', 'v', { ctrlKey: true }), null)
  assert.equal(of('KeyF', 'F', { ctrlKey: true, shiftKey: true }), 'search')
  assert.equal(of('KeyF', 'f', { ctrlKey: true }), null)
  assert.equal(of('Equal', '=', { ctrlKey: true }), 'larger')
  assert.equal(of('Minus', '-', { ctrlKey: true }), 'smaller')
  assert.equal(of('Minus', '_', { ctrlKey: true, shiftKey: true }), null)
  assert.equal(of('Digit0', '0', { metaKey: true }), 'normal-size')
  assert.equal(of('KeyC', 'C', { ctrlKey: true, shiftKey: true, altKey: true }), null)
})

test('settings that are damaged are as by default', () => {
  for (const stored of [null, '', '{', '[]', '7', '{"fontSize":"x"}', '{"fontSize":900,"screenReader":1}'])
    assert.deepEqual(parseSettings(stored), DEFAULT_SETTINGS)
  assert.deepEqual(parseSettings('{"fontSize":20,"screenReader":true}'), { fontSize: 20, screenReader: true })
  assert.equal(nextFontSize(32, 1), 32)
  assert.equal(nextFontSize(8, -1), 8)
})

test('keys of the row for fingers', () => {
  assert.deepEqual(['c', 'C', '[', ' ', 'é', '?'].map(withCtrl), [
    '\x03',
    '\x03',
    '\x1b',
    '\x00',
    'é',
    '\x7f',
  ])
  assert.deepEqual(
    [arrowKey('up'), arrowKey('up', { application: true }), arrowKey('left', { ctrl: true })],
    ['\x1b[A', '\x1bOA', '\x1b[1;5D'],
  )
})

test('software that draws is told from graphics cards', () => {
  for (const name of ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)))', 'llvmpipe (LLVM 15)'])
    assert.ok(isSoftware(name))
  assert.ok(!isSoftware('ANGLE (Intel, Mesa Intel(R) UHD Graphics 620, OpenGL 4.6)'))
})
