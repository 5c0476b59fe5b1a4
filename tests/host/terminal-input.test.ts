/** What is typed into a terminal: once, in order, byte for byte, and refused where there is no room. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { bytes, ended, startShell, Tab } from './helpers/terminal.ts'

describe('input', () => {
  const RAW = 'stty raw -echo; echo ready; exec cat'
  const client = 'first-client-here'

  test('that is sent again is typed once', async () => {
    const { terminal } = startShell(RAW)
    const tab = new Tab(terminal)
    await tab.until('ready')
    const from = tab.end
    for (const [offset, text] of [
      [0, 'abc'],
      [0, 'abc'],
      [0, 'abcdef'],
      [2, 'cdefgh'],
      [8, 'i'],
      [3, 'd'],
    ] as const)
      assert.equal(terminal.input(client, offset, bytes(text)), 'taken')
    assert.equal(terminal.inputApplied(client), 9)
    assert.equal(terminal.input('second-client-here', 0, bytes('XYZ')), 'taken')
    await tab.until('XYZ')
    assert.equal(tab.text.slice(from).trim(), 'abcdefghiXYZ')
  })

  test('with a gap before it is refused, and nothing of it typed', async () => {
    const { terminal } = startShell(RAW)
    const tab = new Tab(terminal)
    await tab.until('ready')
    const from = tab.end
    assert.equal(terminal.input(client, 1, bytes('x')), 'gap')
    assert.equal(terminal.inputApplied(client), 0)
    assert.equal(terminal.input(client, 0, bytes('ab')), 'taken')
    assert.equal(terminal.input(client, 3, bytes('x')), 'gap')
    assert.equal(terminal.input(client, 2, bytes('c')), 'taken')
    await tab.until('abc')
    assert.equal(tab.text.slice(from).trim(), 'abc')
  })

  test('of more than a mebibyte that the program does not read is refused', async () => {
    const { terminal } = startShell('stty raw -echo; echo ready; exec sleep 60')
    await new Tab(terminal).until('ready')
    const part = Buffer.alloc(16_384, 'x')
    let offset = 0
    while (offset < 4 * 1024 ** 2 && terminal.input(client, offset, part) === 'taken') offset += part.length
    assert.equal(terminal.input(client, offset, part), 'full')
    assert.equal(terminal.inputApplied(client), offset)
    assert.ok(offset > 900_000 && offset < 1_200_000, `${offset} bytes were taken`)
  })

  test('is put through byte for byte, however long it takes', async () => {
    const { terminal, told } = startShell('stty raw -echo; echo ready; head -c 600000 | sha256sum')
    const tab = new Tab(terminal)
    await tab.until('ready')
    const paste = Buffer.alloc(600_000)
    for (let i = 0; i < paste.length; i++) paste[i] = (i * 7) % 251
    assert.equal(terminal.input(client, 0, paste), 'taken')
    await tab.until(createHash('sha256').update(paste).digest('hex'))
    assert.ok(told.taken > 0)
  })

  test('that nobody reads costs hardly any time', async () => {
    const { terminal } = startShell('stty raw -echo; echo ready; exec sleep 60')
    await new Tab(terminal).until('ready')
    assert.equal(terminal.input(client, 0, Buffer.alloc(900_000, 'x')), 'taken')
    const before = process.cpuUsage()
    const begin = performance.now()
    await until('a second has passed', () => performance.now() - begin > 1000)
    const { user, system } = process.cpuUsage(before)
    const share = (user + system) / 1000 / (performance.now() - begin)
    assert.ok(share < 0.1, `${Math.round(share * 100)} % of a processor`)
  })

  test('that is waiting when the program ends is never written into a file that gets its descriptor', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'terminal-test-'))
    const masters = () =>
      fs
        .readdirSync('/proc/self/fd')
        .filter((fd) => {
          try {
            return /ptmx$/.test(fs.readlinkSync(`/proc/self/fd/${fd}`))
          } catch {
            return false
          }
        })
        .map(Number)
    try {
      for (let round = 0; round < 10; round++) {
        const others = masters()
        const { terminal } = startShell('stty raw -echo; echo ready; read go; exit 3')
        const tab = new Tab(terminal)
        await tab.until('ready')
        const [descriptor] = masters().filter((fd) => !others.includes(fd))
        terminal.input(client, 0, Buffer.concat([bytes('\n'), Buffer.alloc(800_000, 'secret')]))
        await ended(terminal)
        await until('the descriptor is closed', () => !masters().includes(descriptor!))
        const files: number[] = []
        while (!files.includes(descriptor!) && files.length < 200)
          files.push(fs.openSync(path.join(dir, `${round}-${files.length}`), 'w'))
        assert.ok(files.includes(descriptor!), 'the number is in use again')
        terminal.input(client, 0, Buffer.alloc(10, 'secret'))
        const begin = performance.now()
        await until('whatever still writes has written', () => performance.now() - begin > 50)
        for (const file of files) {
          assert.equal(fs.fstatSync(file).size, 0)
          fs.closeSync(file)
        }
      }
    } finally {
      fs.rmSync(dir, { recursive: true })
    }
  })
})
