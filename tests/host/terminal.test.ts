/** Terminals with real programs of this host: every byte arrives once, in order, and memory stays bounded. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { parseConfig } from '../../server/config.ts'
import { currentImage } from '../../server/host/providers/runc/image.ts'
import { OutputLog } from '../../server/host/terminals/output-log.ts'
import { OutputShare } from '../../server/host/terminals/share.ts'
import { LOG_BYTES, Terminal, type Viewer, WINDOW_BYTES } from '../../server/host/terminals/terminal.ts'
import { until } from '../helpers/until.ts'

const SIZE = { cols: 80, rows: 24 }
const bytes = (text: string) => new TextEncoder().encode(text)
const share = new OutputShare(1_000_000_000)
const started: Terminal[] = []
let lastId = 0
afterEach(() => {
  for (const terminal of started.splice(0)) terminal.close()
})

/** A terminal with this program; `exits` counts how often its end was told. */
function start(file: string, ...args: string[]) {
  const told = { exits: 0, taken: 0 }
  const terminal = new Terminal({ id: ++lastId, number: 1 }, { file, args }, SIZE, share, {
    onExit: () => {
      told.exits++
    },
    onInputTaken: () => {
      told.taken++
    },
    onSign: () => {},
  })
  started.push(terminal)
  return { terminal, told }
}
const startShell = (script: string) => start('/bin/sh', '-c', script)

/** A browser tab that shows what it gets, and says so if `acks`. */
class Tab implements Viewer {
  readonly terminal: Terminal
  acks: boolean
  #chunks: Buffer[] = []
  /** Bytes it was sent in all, also those it forgot at a restart. */
  sent = 0
  end = 0
  restarts: { from: number; live: number; dropped: boolean }[] = []

  constructor(terminal: Terminal, { from = 0, acks = true } = {}) {
    this.terminal = terminal
    this.acks = acks
    terminal.attach(this, from)
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.bytes.toString()
  }

  send(offset: number, part: Uint8Array): void {
    assert.equal(offset, this.end, 'no gap and no overlap')
    this.#chunks.push(Buffer.from(part))
    this.sent += part.length
    this.end = offset + part.length
    if (this.acks) setImmediate(() => this.acknowledge())
  }

  restart(from: number, live: number, dropped: boolean): void {
    this.restarts.push({ from, live, dropped })
    this.#chunks = []
    this.end = from
  }

  acknowledge(): void {
    this.terminal.ack(this, this.end)
  }

  until(text: string | RegExp): Promise<boolean> {
    return until(`${text} is printed`, () =>
      typeof text === 'string' ? this.text.includes(text) : text.test(this.text),
    )
  }
}

const ended = (terminal: Terminal) => until('the program has ended', () => terminal.exit !== null)

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
