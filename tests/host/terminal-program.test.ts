/** The program of a terminal: its size, its last bytes, its end, and nothing left of it. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { parseConfig } from '../../server/config.ts'
import { currentImage } from '../../server/host/providers/runc/image.ts'
import { WINDOW_BYTES } from '../../server/host/terminals/terminal.ts'
import { until } from '../helpers/until.ts'
import { ended, start, startShell, Tab } from './helpers/terminal.ts'

describe('the program', () => {
  test('is told the size and every change of it', async () => {
    const { terminal } = startShell(
      'stty size; trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done',
    )
    const tab = new Tab(terminal)
    await tab.until('ready')
    assert.match(tab.text, /^24 80\r\n/)
    terminal.resize(120, 40)
    await tab.until('\r\n40 120\r\n')
  })

  test('has its exit code and its last bytes told, two hundred times', async () => {
    const runs = 200
    const atOnce = 8
    const once = async (i: number) => {
      const { terminal, told } = startShell(
        `head -c 20000 /dev/zero | tr '\\0' x; printf '<end>'; exit ${i % 100}`,
      )
      const tab = new Tab(terminal)
      await ended(terminal)
      assert.equal(terminal.exit, i % 100)
      assert.equal(tab.bytes.length, 20_005, `run ${i}`)
      assert.ok(tab.text.endsWith('x<end>'))
      assert.equal(told.exits, 1)
    }
    for (let i = 0; i < runs; i += atOnce)
      await Promise.all(Array.from({ length: Math.min(atOnce, runs - i) }, (_, j) => once(i + j)))
  })

  test('that ends while its terminal waits for a tab loses nothing', async () => {
    for (const more of [1, 500, 2000, 4000, 8000, 16_000, 32_000, 60_000]) {
      const size = WINDOW_BYTES + more
      const { terminal } = startShell(`head -c ${size} /dev/zero | tr '\\0' x; printf '<end>'`)
      const deaf = new Tab(terminal, { acks: false })
      await ended(terminal)
      assert.equal(deaf.sent, WINDOW_BYTES)
      const tab = new Tab(terminal)
      await until('everything is there', () => tab.bytes.length === size + 5)
      assert.ok(tab.text.endsWith('x<end>'), `${more} more than the window`)
    }
  })

  test('that is killed tells the signal', async () => {
    const { terminal } = start('/bin/sleep', '60')
    process.kill(terminal.pid, 'SIGKILL')
    await ended(terminal)
    assert.equal(terminal.exit, 137)
  })

  test('that does not exist ends at once', async () => {
    const { terminal } = start('/no/such/program')
    await ended(terminal)
    assert.notEqual(terminal.exit, 0)
  })

  test('is hung up when its terminal is closed, and killed if it does not listen', async () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'terminal-test-'))
    try {
      const polite = startShell(
        `trap "echo hup > ${dir}/hup; exit" HUP; echo ready; while :; do sleep 0.05; done`,
      )
      const stubborn = startShell('trap "" HUP TERM INT; echo ready; while :; do sleep 0.05; done')
      for (const { terminal } of [polite, stubborn]) await new Tab(terminal).until('ready')
      for (const { terminal } of [polite, stubborn]) terminal.close()
      await until('both are gone', () => [polite, stubborn].every(({ terminal }) => terminal.exit !== null))
      assert.equal(fs.readFileSync(`${dir}/hup`, 'utf8'), 'hup\n')
      assert.equal(stubborn.terminal.exit, 137)
    } finally {
      fs.rmSync(dir, { recursive: true })
    }
  })

  test('has no descriptor of any other terminal', async () => {
    const { launch } = currentImage(parseConfig(process.env).imageDir)
    const others = Array.from({ length: 5 }, () => start('/bin/sleep', '60'))
    assert.equal(others.length, 5)
    const { terminal } = start(launch, '/bin/bash', '-c', 'ls /proc/$$/fd; true')
    const tab = new Tab(terminal)
    await ended(terminal)
    assert.equal(tab.text, '0  1  2\r\n')
  })

  test('and everything that belongs to it is gone after its terminal is closed', async () => {
    const zombies = () =>
      fs.readdirSync('/proc').filter((pid) => {
        try {
          const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
          const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
          return Number(parent) === process.pid && state === 'Z'
        } catch {
          return false
        }
      }).length
    const descriptors = () => fs.readdirSync('/proc/self/fd').length
    const round = async () => {
      const { terminal } = startShell('echo ready; exec cat')
      await new Tab(terminal).until('ready')
      terminal.close()
      await ended(terminal)
    }
    await round()
    await until('the first is cleared away', () => zombies() === 0)
    await new Promise((resolve) => setImmediate(resolve))
    const before = descriptors()
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 5 }, round))
    await until('no descriptor is left', () => descriptors() <= before)
    assert.equal(zombies(), 0)
  })
})
