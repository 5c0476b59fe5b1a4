/** What a sandbox's terminals print is bounded, and more so while others type: nobody's keys wait for somebody's flood. */
import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { OutputShare } from '../../server/host/terminals/share.ts'
import { Terminal } from '../../server/host/terminals/terminal.ts'
import { until } from '../helpers/until.ts'

const MB = 1_000_000
/** As the kernel hands out what comes in lines. */
const PIECE = 4 * 1024

const shares: OutputShare[] = []
afterEach(() => {
  for (const share of shares.splice(0)) share.end()
})

describe('a share', () => {
  let time = 0
  /** When each may print again. */
  const next = new Map<OutputShare, number>()
  const share = (rate: number) => {
    const made = new OutputShare(rate, { now: () => time, processors: 4 })
    shares.push(made)
    return made
  }

  /** Megabytes that a flood prints in so many seconds, each piece as soon as it may. */
  function flood(seconds: number, ...floods: OutputShare[]): number[] {
    const printed = floods.map(() => 0)
    const end = time + seconds * 1000
    while (time < end) {
      for (const [i, each] of floods.entries()) {
        if ((next.get(each) ?? 0) > time) continue
        printed[i]! += PIECE / MB
        // No pty is faster.
        next.set(each, time + Math.max(each.spend(PIECE), PIECE / (100 * 1000)))
      }
      time = Math.min(...floods.map((each) => next.get(each)!))
    }
    return printed
  }
  const near = (value: number, wanted: number) =>
    assert.ok(Math.abs(value - wanted) < wanted * 0.1, `${value} is not about ${wanted}`)

  test('lets a large file through as fast as it comes, and a flood at its rate', () => {
    const one = share(64 * MB)
    near(flood(2, one)[0]!, 200)
    assert.equal(one.isHeld, false)
    flood(10, one)
    assert.equal(one.isHeld, true)
    near(flood(10, one)[0]!, 640)
  })

  test('is a small part while somebody else types, and whole again afterwards', () => {
    const [one, other] = [share(64 * MB), share(64 * MB)]
    const began = time
    let printed = 0
    for (let key = 0; key < 200; key++) {
      other.typed()
      // One's own keys change nothing.
      one.typed()
      printed += flood(0.1, one)[0]!
    }
    // And what may come at once.
    near(printed, 0.03 + (time - began) / 4000)
    flood(1, one)
    near(flood(10, one)[0]!, 640)
  })

  test('is divided among all that flood', () => {
    const [one, two, other] = [share(512 * MB), share(512 * MB), share(512 * MB)]
    const printed = [0, 0]
    let began = 0
    for (let key = -40; key < 50; key++) {
      if (key === 0) began = time
      other.typed()
      if (key < 0) flood(0.1, one, two)
      else for (const [i, mb] of flood(0.1, one, two).entries()) printed[i]! += mb
    }
    const seconds = (time - began) / 1000
    near(printed[0]! / seconds, 1)
    near(printed[1]! / seconds, 1)
  })

  test('is larger where there are more processors for it, and never above an eighth', () => {
    const other = share(64 * MB)
    const rates = [1, 16, 1000].map((processors) => {
      const one = new OutputShare(64 * MB, { now: () => time, processors })
      shares.push(one)
      let printed = 0
      let began = 0
      for (let key = -10; key < 100; key++) {
        if (key === 0) began = time
        other.typed()
        const mb = flood(0.1, one)[0]!
        if (key >= 0) printed += mb
      }
      one.end()
      return (printed / (time - began)) * 1000
    })
    for (const [i, wanted] of [1 / 16, 1, 8].entries()) near(rates[i]!, wanted)
  })

  test("one's own keys do not count", () => {
    const one = share(64 * MB)
    one.typed()
    near(flood(2, one)[0]!, 200)
  })
})

test('a terminal that has printed its share waits, and loses nothing', async () => {
  const [share, other] = [1, 2].map(() => new OutputShare(64 * MB, { processors: 4 })) as [
    OutputShare,
    OutputShare,
  ]
  shares.push(share, other)
  const typing = setInterval(() => other.typed(), 20)
  other.typed()
  const began = performance.now()
  let text = ''
  let exited = false
  const terminal = new Terminal(
    { id: 1, number: 1 },
    { file: '/usr/bin/seq', args: ['100000'] },
    { cols: 80, rows: 24 },
    share,
    {
      onExit: () => {
        exited = true
      },
      onInputTaken: () => {},
      onSign: () => {},
    },
  )
  try {
    const viewer = {
      send: (offset: number, bytes: Uint8Array) => {
        text += Buffer.from(bytes).toString('latin1')
        setImmediate(() => terminal.ack(viewer, offset + bytes.length))
      },
      restart: () => {},
    }
    terminal.attach(viewer, 0)
    await until('it has ended', () => exited, 20_000)
    await until('all has come', () => text.endsWith('100000\r\n'))
    const seconds = (performance.now() - began) / 1000
    assert.ok(text.length / MB / seconds < 1.5, `${text.length} bytes came in ${seconds} s`)
    assert.equal(text, Array.from({ length: 100_000 }, (_, i) => `${i + 1}\r\n`).join(''))
  } finally {
    clearInterval(typing)
    terminal.close()
  }
})
