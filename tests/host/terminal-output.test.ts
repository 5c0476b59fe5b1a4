/** What a terminal prints: every byte arrives once, in order, and memory stays bounded. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { OutputLog } from '../../server/host/terminals/output-log.ts'
import { LOG_BYTES, WINDOW_BYTES } from '../../server/host/terminals/terminal.ts'
import { until } from '../helpers/until.ts'
import { bytes, ended, start, startShell, Tab } from './helpers/terminal.ts'

describe('the output log', () => {
  test('gives back what was appended, as far as it reaches', () => {
    const capacity = 300_000
    const log = new OutputLog(capacity)
    assert.deepEqual([log.start, log.end, log.read(0, 10).length], [0, 0, 0])
    let all = Buffer.alloc(0)
    for (let i = 0; i < 200; i++) {
      const size = [1, 7, 4096, 65_535, 65_536, 65_537, 0, 13_000][i % 8]!
      const part = Buffer.alloc(size, createHash('sha256').update(String(i)).digest())
      log.append(part)
      part.fill(0xff)
      all = Buffer.concat([all, Buffer.alloc(size, createHash('sha256').update(String(i)).digest())])
      assert.equal(log.end, all.length)
      assert.ok(log.end - log.start >= Math.min(capacity, log.end))
      assert.ok(log.end - log.start <= capacity + 65_536, 'no more than a segment beyond')
      for (let at = log.start; at < log.end; ) {
        const part = log.read(at, 50_000)
        assert.ok(part.length > 0 && part.length <= 50_000)
        assert.ok(all.subarray(at, at + part.length).equals(part), `${at}`)
        at += part.length
      }
      assert.equal(log.read(log.end, 10).length, 0)
    }
    assert.ok(log.start > 0)
    for (const offset of [log.start - 1, log.end + 1, -1])
      assert.throws(() => log.read(offset, 1), RangeError)
  })

  test('takes one piece larger than itself', () => {
    const log = new OutputLog(100_000)
    log.append(Buffer.alloc(1_000_000, 'x'))
    assert.equal(log.end, 1_000_000)
    assert.ok(log.end - log.start <= 165_536)
    assert.equal(log.read(log.start, 1)[0], 'x'.charCodeAt(0))
  })
})

describe('output', () => {
  test('goes on from any offset with exactly what is missing', async () => {
    const { terminal } = startShell('seq 1 5000; read line; seq 5001 10000; echo end; read line')
    const first = new Tab(terminal)
    await first.until('\r\n5000\r\n')
    terminal.detach(first)
    terminal.input('someone-typing-here', 0, bytes('\r'))
    const whole = new Tab(terminal)
    await whole.until('end\r\n')
    const rest = new Tab(terminal, { from: first.end })
    assert.deepEqual(rest.restarts, [{ from: first.end, live: whole.end, dropped: false }])
    assert.equal(first.text + rest.text, whole.text)
    for (const from of [0, 1, 1000, first.end - 1, whole.end]) {
      const tab = new Tab(terminal, { from })
      assert.equal(tab.text, whole.text.slice(from))
      terminal.detach(tab)
    }
    const numbers = whole.text
      .replaceAll('\r', '')
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number)
    assert.deepEqual(
      numbers,
      Array.from({ length: 10_000 }, (_, i) => i + 1),
    )
  })

  test('from an offset that is lost or was never there begins where there is something, and says so', async () => {
    const { terminal } = startShell(`yes | head -c ${LOG_BYTES * 2}; echo; echo end; read line`)
    const tab = new Tab(terminal)
    await tab.until('end\r\n')
    const late = new Tab(terminal, { from: 5 })
    await until('its screen is there', () => late.restarts.length > 0)
    assert.equal(late.restarts[0]!.dropped, true)
    assert.ok(late.restarts[0]!.from > 5)
    await until('it has all there is', () => late.end === tab.end)
    assert.ok(late.bytes.length >= LOG_BYTES)
    const early = new Tab(terminal, { from: tab.end + 100 })
    assert.deepEqual(early.restarts, [{ from: tab.end, live: tab.end, dropped: true }])
  })

  test('of a flood waits for a tab that shows nothing; Ctrl+C still works', async () => {
    const { terminal } = start('/usr/bin/yes')
    const tab = new Tab(terminal, { acks: false })
    await until('the window is full', () => tab.sent === WINDOW_BYTES)
    const readSoFar = () =>
      Number(/^wchar: (\d+)/m.exec(fs.readFileSync(`/proc/${terminal.pid}/io`, 'utf8'))![1])
    // The program is held up: two looks in a row see the same.
    await until('the program waits', async () => {
      const before = readSoFar()
      await new Promise((resolve) => setTimeout(resolve, 50))
      return readSoFar() === before
    })
    assert.equal(tab.sent, WINDOW_BYTES)
    assert.equal(terminal.input('someone-typing-here', 0, bytes('\x03')), 'taken')
    await ended(terminal)
    assert.equal(terminal.exit, 130)
    assert.equal(tab.sent, WINDOW_BYTES)
  })

  test('is not held up for ever by a tab that shows nothing, and does not pile up for it either', async () => {
    const { terminal } = start('/usr/bin/yes')
    const stalled = new Tab(terminal, { acks: false })
    const shows = new Tab(terminal)
    await until('the log has moved on twice', () => shows.end > 3 * LOG_BYTES, 20_000)
    assert.ok(stalled.sent <= WINDOW_BYTES, `${stalled.sent} bytes were sent to a tab that shows nothing`)
    stalled.acks = true
    stalled.acknowledge()
    await until('it is taken along again', () => stalled.end > 3 * LOG_BYTES)
    assert.equal(stalled.restarts.at(-1)!.dropped, true)
    terminal.input('someone-typing-here', 0, bytes('\x03'))
    await ended(terminal)
  })

  test('finishes though the only tab shows nothing', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'terminal-test-'))
    try {
      const { terminal } = startShell(`yes | head -c ${2 * LOG_BYTES}; echo done > ${dir}/done`)
      const tab = new Tab(terminal, { acks: false })
      await until('it is done', () => fs.existsSync(`${dir}/done`), 20_000)
      assert.equal(tab.sent, WINDOW_BYTES)
    } finally {
      fs.rmSync(dir, { recursive: true })
    }
  })

  test('is the same for a fast and a slow tab', async () => {
    const { terminal } = startShell('seq 1 60000; echo end; read line')
    const fast = new Tab(terminal)
    const slow = new Tab(terminal, { acks: false })
    const timer = setInterval(() => slow.acknowledge(), 5)
    try {
      await Promise.all([fast.until('end\r\n'), slow.until('end\r\n')])
    } finally {
      clearInterval(timer)
    }
    assert.deepEqual([fast.restarts.length, slow.restarts.length], [1, 1])
    assert.ok(fast.bytes.equals(slow.bytes))
  })
})
