/** The columns of characters, in the table and on a screen. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import headless from '@xterm/headless'
import { COLUMNS, columnsOf } from '../../server/protocol/columns.ts'

const columns = (text: string) => [...text].map((char) => columnsOf(char.codePointAt(0)!))

test('the table', () => {
  assert.deepEqual(columns('a~é\u00adß'), [1, 1, 1, 1, 1])
  assert.deepEqual(columns('漢字かな한글，'), [2, 2, 2, 2, 2, 2, 2])
  assert.deepEqual(columns('😀🫠🧑'), [2, 2, 2])
  assert.deepEqual(columns('\u0301\u200d\ufe0f\u{e0020}'), [0, 0, 0, 0])
  assert.deepEqual(columns('\x1b\x7f\x9b'), [0, 0, 0])
  assert.equal(columnsOf(0x10ffff), 1)
})

test('the cursor of a screen stands behind what was printed', async () => {
  const terminal = new headless.Terminal({ cols: 80, rows: 5, allowProposedApi: true })
  terminal.unicode.register(COLUMNS)
  terminal.unicode.activeVersion = COLUMNS.version
  for (const [text, expected] of [
    ['漢字', 4],
    ['e\u0301x', 2],
    ['😀a', 3],
    ['🫠', 2],
    ['한글', 4],
  ] as const) {
    await new Promise<void>((done) => terminal.write(`\r${text}`, done))
    assert.equal(terminal.buffer.active.cursorX, expected, text)
  }
  terminal.dispose()
})
