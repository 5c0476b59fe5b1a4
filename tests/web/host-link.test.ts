/** The web process's connection to a host process: what it reads stays as it is until it has been written, however late. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { type WebSocket, WebSocketServer } from 'ws'
import { HostLink, type HostLinkEvents } from '../../server/web/host-link.ts'
import { until } from '../helpers/until.ts'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'host-link-'))
const socketPath = path.join(dir, 'host.sock')
const server = http.createServer((_request, response) => response.writeHead(426).end('This is a WebSocket.'))
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
sockets.on('headers', (headers) => headers.push('X-Answer: yes'))
before(() => new Promise<void>((resolve) => server.listen(socketPath, resolve)))
after(() => {
  for (const socket of sockets.clients) socket.terminate()
  server.close()
  fs.rmSync(dir, { recursive: true })
})

function connect(events: Partial<HostLinkEvents>, headers: Record<string, string> = {}, at = socketPath) {
  const happened: string[] = []
  const link = new HostLink(at, headers, {
    onAnswer: (answer) => happened.push(`answer ${answer['x-answer']}`) > 0,
    onOpen: () => happened.push('open'),
    onFrames: (_pieces, done) => done(),
    onText: () => false,
    onError: ({ message }) => happened.push(`error ${message}`),
    onClose: () => happened.push('close'),
    ...events,
  })
  return { link, happened }
}

const accepted = () =>
  new Promise<{ socket: WebSocket; headers: http.IncomingHttpHeaders }>((resolve) =>
    sockets.once('connection', (socket, { headers }) => resolve({ socket, headers })),
  )

test('memory is used again only when all that was read into it has been written', async (t) => {
  const writes: { pieces: Buffer[]; copy: Buffer; done: () => void }[] = []
  const got: Buffer[] = []
  let texts = 0
  let changed = 0
  // As a slow network: what is written is done in order, some time later.
  const finish = () => {
    const write = writes.shift()
    if (!write) return
    if (!Buffer.concat(write.pieces).equals(write.copy)) changed++
    write.done()
  }
  const meets = accepted()
  const { link } = connect({
    onFrames: (pieces, done) => {
      const copy = Buffer.concat(pieces)
      got.push(copy)
      writes.push({ pieces, copy, done })
      if (writes.length > 12) for (let i = 0; i < 8; i++) finish()
    },
    onText: (payload) => {
      if (!String(payload).startsWith('ours')) return false
      texts++
      return true
    },
  })
  t.after(() => link.terminate())
  const { socket } = await meets
  const sizes = [1, 100, 4000, 5000, 30_000, 65_548, 65_548, 65_548, 200_000]
  const wanted: Buffer[] = []
  for (let i = 0; i < 3000; i++) {
    const bytes = Buffer.alloc(sizes[(i * 7 + (i >> 3)) % sizes.length]!, i % 251)
    if (bytes.length > 4) bytes.writeUInt32BE(i)
    wanted.push(bytes)
    socket.send(bytes)
    if (i % 5 === 0) socket.send(`ours ${i} ${'.'.repeat((i * 13) % 9000)}`)
    if (socket.bufferedAmount > 4_000_000) await until('it was read', () => socket.bufferedAmount < 500_000)
  }
  await until('all has come', () => texts === 600 && socket.bufferedAmount === 0)
  const total = wanted.reduce(
    (sum, { length }) => sum + length + (length > 0xffff ? 10 : length > 125 ? 4 : 2),
    0,
  )
  await until('every byte has come', () => got.reduce((sum, { length }) => sum + length, 0) === total)
  while (writes.length > 0) finish()
  assert.equal(changed, 0)
  let at = 0
  const stream = Buffer.concat(got)
  for (const bytes of wanted) {
    at += bytes.length > 0xffff ? 10 : bytes.length > 125 ? 4 : 2
    assert.ok(stream.subarray(at, at + bytes.length).equals(bytes))
    at += bytes.length
  }
})

test('a message for this process, with nothing behind it, gives no memory back that is still being written', async (t) => {
  const steps: (() => void)[] = []
  const plain = net.createServer((socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      const text = Buffer.from(`ours ${'.'.repeat(9000)}`)
      const words = Buffer.concat([Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]), text])
      const frame = (fill: number) =>
        Buffer.concat([Buffer.from([0x82, 126, 0x4e, 0x20]), Buffer.alloc(20_000, fill)])
      steps.push(
        () => socket.write(Buffer.concat([frame(1), words.subarray(0, 100)])),
        () => socket.write(words.subarray(100)),
        ...[2, 3, 4, 5, 6].map((fill) => () => socket.write(frame(fill))),
      )
    }),
  )
  const at = path.join(dir, 'plain.sock')
  await new Promise<void>((resolve) => plain.listen(at, resolve))
  const writes: { pieces: Buffer[]; copy: Buffer }[] = []
  let texts = 0
  const { link, happened } = connect(
    {
      // Never done.
      onFrames: (pieces) => writes.push({ pieces, copy: Buffer.concat(pieces) }),
      onText: () => ++texts > 0,
    },
    {},
    at,
  )
  t.after(() => {
    link.terminate()
    plain.close()
  })
  await until('it is open', () => happened.includes('open'))
  for (const [i, step] of steps.entries()) {
    step()
    await until('it was read', () => writes.length + texts === i + 1)
  }
  await until('all has come', () => writes.length === 6 && texts === 1)
  for (const { pieces, copy } of writes) assert.ok(Buffer.concat(pieces).equals(copy))
})

test('what is sent arrives, small and large, and a value of a header cannot begin another', async () => {
  const meets = accepted()
  const { link, happened } = connect({}, { 'x-owner': 'a\r\nx-other: b' })
  const { socket, headers } = await meets
  assert.equal(headers['x-owner'], 'ax-other: b')
  assert.equal(headers['x-other'], undefined)
  const said: string[] = []
  socket.on('message', (data) => said.push(String(data)))
  await until('it is open', () => happened.includes('open'))
  const words = ['', 'a', 'é'.repeat(100), 'b'.repeat(70_000), 'c'.repeat(5000)]
  for (const [i, each] of words.entries()) link.send(i % 2 ? each : Buffer.from(each))
  await until('all has come', () => said.length === words.length)
  assert.deepEqual(said, words)
  socket.terminate()
  await until('the end was told', () => happened.includes('close'))
  assert.deepEqual(happened, ['answer yes', 'open', 'close'])
})

test('a host process that is away, or is none, is an error and then the end', async () => {
  const away = connect({}, {}, path.join(dir, 'nobody.sock'))
  await until('it ended', () => away.happened.includes('close'))
  assert.match(away.happened.join(), /^error .*ENOENT.*,close$/)
  const refused = connect({ onAnswer: () => false })
  await until('it ended', () => refused.happened.includes('close'))
  assert.deepEqual(refused.happened, ['close'])
})
