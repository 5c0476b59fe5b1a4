/** Frames of the host process on their way to a browser: nothing lost, nothing torn, and the web process's own are taken out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FramesThrough } from '../../server/web/frames-through.ts'

const OURS = 'for this process'

/** As ws writes it; `first`: its first byte. */
function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload
  const header = Buffer.alloc(length > 0xffff ? 10 : length > 125 ? 4 : 2)
  header[0] = first
  header[1] = length > 0xffff ? 127 : length > 125 ? 126 : length
  if (length > 0xffff) header.writeBigUInt64BE(BigInt(length), 2)
  else if (length > 125) header.writeUInt16BE(length, 2)
  return Buffer.concat([header, payload])
}

const binary = (bytes: number, fill: number) => frame(0x82, Buffer.alloc(bytes, fill))
const text = (words: string) => frame(0x81, Buffer.from(words))

/** What goes through, each time up to where a frame ends. */
function pass(stream: Buffer, cuts: (left: number) => number, maxBytes = 1024 * 1024) {
  const went: Buffer[] = []
  const texts: string[] = []
  let ended = 0
  const frames = new FramesThrough(maxBytes, {
    onFrames: (pieces) => went.push(Buffer.concat(pieces)),
    onText: (payload) => texts.push(String(payload)) > 0 && String(payload).startsWith(OURS),
    onEnd: () => ended++,
  })
  for (let at = 0; at < stream.length; ) {
    const size = Math.max(1, cuts(stream.length - at))
    // Memory of its own, as a read has.
    frames.take(Buffer.from(stream.subarray(at, at + size)))
    at += size
  }
  return { went, texts, ended }
}

/** A generator of numbers below 1 that begins anywhere and is the same every time (mulberry32). */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

test('however the stream is cut, all frames but those for this process go through whole and in order', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed)
    const frames = Array.from({ length: 30 }, (_, i) => {
      const kind = next()
      if (kind < 0.2) return { bytes: text(`${OURS} ${i}${'.'.repeat(next() * 300)}`), ours: true }
      if (kind < 0.4) return { bytes: text(`for the page ${i}`), ours: false }
      const sizes = [0, 1, 13, 125, 126, 127, 4000, 65_535, 65_536, 65_548]
      return { bytes: binary(sizes[Math.floor(next() * sizes.length)]!, i), ours: false }
    })
    const stream = Buffer.concat(frames.map(({ bytes }) => bytes))
    const most = [3, 20, 5000, 65_536, 1_000_000][seed % 5]!
    const { went, texts, ended } = pass(stream, () => Math.ceil(next() * most))
    const wanted = frames.filter(({ ours }) => !ours).map(({ bytes }) => bytes)
    assert.ok(Buffer.concat(went).equals(Buffer.concat(wanted)), `seed ${seed}`)
    const ends = new Set<number>()
    wanted.reduce((at, { length }) => ends.add(at + length) && at + length, 0)
    went.reduce((at, { length }) => {
      assert.ok(ends.has(at + length), `seed ${seed}: something may be written in the midst of a frame`)
      return at + length
    }, 0)
    assert.equal(texts.filter((each) => each.startsWith(OURS)).length, frames.length - wanted.length)
    assert.equal(ended, 0)
  }
})

test('whole frames go on as one piece of the memory they were read into', () => {
  const pieces: Buffer[][] = []
  const frames = new FramesThrough(1000, {
    onFrames: (all) => pieces.push(all),
    onText: () => false,
    onEnd() {},
  })
  const chunk = Buffer.concat([binary(10, 1), text('for the page'), binary(10, 2)])
  frames.take(chunk)
  assert.equal(pieces.length, 1)
  assert.equal(pieces[0]!.length, 1)
  assert.equal(pieces[0]![0]!.buffer, chunk.buffer)
})

test('what a host process does not send ends the stream: parts, masks, control frames, too much', () => {
  const masked = binary(3, 0)
  masked[1]! |= 0x80
  const wrong = {
    'a close': frame(0x88, Buffer.alloc(2)),
    'a ping': frame(0x89, Buffer.alloc(0)),
    'a part': frame(0x02, Buffer.alloc(3)),
    'compressed bytes': frame(0xc2, Buffer.alloc(3)),
    'a mask': masked,
    'too much': binary(2000, 0),
    'far too much': Buffer.from([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  }
  for (const [name, bytes] of Object.entries(wrong)) {
    const { went, ended } = pass(Buffer.concat([binary(5, 1), bytes, binary(5, 2)]), () => 3, 1000)
    assert.ok(Buffer.concat(went).equals(binary(5, 1)), name)
    assert.equal(ended, 1, name)
  }
})
