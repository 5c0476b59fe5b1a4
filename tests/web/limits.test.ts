/** What the web process bears from those who ask too much, too slowly or under a wrong name. With real sockets. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { after, before, describe, test } from 'node:test'
import { MAX_MESSAGE_BYTES } from '../../server/protocol/index.ts'
import { Bucket, Buckets } from '../../server/web/rate.ts'
import { newCookie, openSocket, RawSocket } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start({ LAB_CREATIONS_PER_MINUTE: '60', LAB_MESSAGES_PER_SECOND: '50' })
})
after(() => lab?.stop())

/** Writes this to the lab and resolves with all that came back when the lab has closed the connection. */
async function raw(lines: string[], { trickle = '' } = {}): Promise<{ text: string; ms: number }> {
  const began = performance.now()
  const socket = net.connect(Number(new URL(lab.url).port), '127.0.0.1')
  let text = ''
  socket.on('data', (data) => {
    text += data
  })
  socket.on('error', () => {})
  socket.write(lines.join('\r\n'))
  const drops = trickle ? setInterval(() => socket.write(trickle), 500) : undefined
  await once(socket, 'close')
  clearInterval(drops)
  return { text, ms: performance.now() - began }
}

const status = ({ text }: { text: string }) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0)

describe('a request', () => {
  for (const [what, host, wanted] of [
    ['for the lab’s own address', '127.0.0.1', 200],
    ['for localhost', 'localhost', 200],
    ['for a name that somebody has pointed here', 'evil.example', 421],
    ['for a name with a command for terminals in it', 'evil\x1b[2J.example', 400],
    ['for no name', '', 421],
  ] as const)
    test(`${what} is answered with ${wanted}`, async () => {
      const answer = await raw(['GET / HTTP/1.1', `Host: ${host}`, 'Connection: close', '', ''])
      assert.equal(status(answer), wanted)
    })

  test('is told how to add a name, and no header tells a version', async () => {
    const { text } = await raw(['GET / HTTP/1.1', 'Host: evil.example', 'Connection: close', '', ''])
    assert.match(text, /not known as evil\.example\. Its operator can name it so with LAB_ORIGINS/)
    const page = await raw(['GET / HTTP/1.1', 'Host: localhost', 'Connection: close', '', ''])
    for (const answer of [text, page.text]) {
      const head = answer.split('\r\n\r\n')[0]!
      assert.doesNotMatch(head, /^(Server|X-Powered-By|Via):/im)
      assert.doesNotMatch(head, /next\.js|node\.js|express|\/\d+\.\d+\.\d+/i)
    }
  })

  test('for health is answered whatever the name', async () => {
    assert.equal(
      status(await raw(['GET /api/health HTTP/1.1', 'Host: 10.0.0.9:99', 'Connection: close', '', ''])),
      200,
    )
    assert.equal(
      status(await raw(['GET /api/health HTTP/1.1', 'Host: probe.internal', 'Connection: close', '', ''])),
      200,
    )
  })

  test('that changes something must be one that the lab knows', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      assert.equal((await fetch(`${lab.url}/`, { method, headers: { Origin: lab.url } })).status, 405, method)
  })

  test('with a body where none belongs is refused before the body is read', async () => {
    const head = ['POST /api/session HTTP/1.1', 'Host: localhost', `Origin: ${lab.url}`]
    assert.equal(status(await raw([...head, 'Content-Length: 99999999', '', ''])), 413)
    assert.equal(status(await raw([...head, 'Transfer-Encoding: chunked', '', ''])), 413)
  })

  test('with endless headers is refused', async () => {
    const much = `X-Much: ${'x'.repeat(20_000)}`
    assert.equal(status(await raw(['GET / HTTP/1.1', 'Host: localhost', much, '', ''])), 431)
  })
})

describe('a connection', { concurrency: true }, () => {
  test('that says nothing is closed', async () => {
    const { ms } = await raw([])
    assert.ok(ms > 5000 && ms < 20_000, `${ms} ms`)
  })

  test('whose headers come drop by drop is closed', async () => {
    const answer = await raw(['GET / HTTP/1.1', 'Host: localhost', ''], { trickle: 'X-Drop: 1\r\n' })
    assert.ok(answer.ms < 20_000, `${answer.ms} ms`)
    assert.equal(status(answer), 408)
  })

  test('that becomes a WebSocket and does not greet is closed', async () => {
    const socket = await RawSocket.open(lab, await newCookie(lab))
    assert.equal(await until('it is closed', () => socket.closedWith, 20_000), 1008)
  })
})

describe('a WebSocket', () => {
  test('with a message that is too long is closed', async () => {
    const socket = await RawSocket.open(lab, await newCookie(lab))
    socket.say('x'.repeat(MAX_MESSAGE_BYTES + 1))
    assert.equal(await until('it is closed', () => socket.closedWith), 1009)
  })

  test('that talks too fast is read more slowly, and nothing is lost', async () => {
    const socket = await RawSocket.open(lab, await newCookie(lab))
    const began = performance.now()
    // What is read at once is handled at once, and that is 64 KiB: sixteen of these.
    const pad = 'x'.repeat(4096)
    for (let i = 0; i < 300; i++) socket.say({ type: `dance-${i}`, pad })
    const answers = () => socket.messages.flatMap((message) => (message.type === 'error' ? [message.re] : []))
    await until('every message is answered', () => answers().length === 300, 20_000)
    assert.deepEqual(
      answers(),
      Array.from({ length: 300 }, (_, i) => `dance-${i}`),
    )
    // 300 messages at 50 in a second, less the 100 that may come at once and what is read with them.
    const ms = performance.now() - began
    assert.equal(ms > 3000, true, `${ms} ms`)
    socket.close()
  })

  test('is one of a bounded number for each learner', async () => {
    const cookie = await newCookie(lab)
    const sockets = await Promise.all(Array.from({ length: 24 }, () => RawSocket.open(lab, cookie)))
    const refused = openSocket(lab, cookie)
    const [, response] = await once(refused, 'unexpected-response')
    assert.equal(response.statusCode, 429)
    sockets[0]!.close()
    await until('there is room again', async () => {
      const socket = openSocket(lab, cookie)
      const open = await Promise.race([
        once(socket, 'open').then(() => true),
        once(socket, 'close').then(() => false),
      ])
      socket.terminate()
      return open
    })
    for (const socket of sockets) socket.close()
  })
})

test('newcomers and fresh starts from one address are bounded, and told when to come back', async () => {
  const socket = await RawSocket.open(lab, await newCookie(lab))
  await socket.hello()
  const answer = () => fetch(`${lab.url}/api/session`, { method: 'POST', headers: { Origin: lab.url } })
  const refused = await until('a newcomer is refused', async () => {
    const response = await answer()
    return response.status === 429 ? response : null
  })
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.match(await refused.text(), /Try again in a moment/)
  // Each refusal takes nothing, but time gives one back now and then.
  await until('a fresh start is refused', async () => {
    socket.say({ type: 'reset' })
    return socket.messages.some((message) => message.type === 'error' && message.code === 'too-many')
  })
  socket.close()
})

test('a bucket gives what it holds, then fills up again', () => {
  const bucket = new Bucket(10, 3, 0)
  assert.deepEqual(
    [0, 0, 0, 0].map(() => bucket.take(0)),
    [0, 0, 0, 100],
  )
  assert.equal(bucket.take(100), 0)
  assert.equal(bucket.take(100), 100)
  assert.deepEqual([bucket.spend(100), bucket.spend(100)], [100, 200])
  assert.equal(bucket.isFull(200), false)
  assert.equal(bucket.isFull(700), true)
})

test('buckets of visitors who are gone are forgotten', () => {
  const buckets = new Buckets(60)
  for (let i = 0; i < 30_000; i++) buckets.take(`visitor ${i}`, i)
  assert.ok(buckets.size <= 10_000)
})
