/** Pages are rendered once for everybody, and anew when a lesson has changed. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Library } from '../../server/lessons/library.ts'
import { hashes } from '../../server/web/inline-scripts.ts'
import { KeptPages } from '../../server/web/kept-pages.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'kept-'))
fs.chmodSync(dir, 0o755)
fs.cpSync(path.join(ROOT, 'lessons/runc-by-hand'), path.join(dir, 'own'), { recursive: true })
const text = path.join(dir, 'own/meet-the-tools/text.md')
const PAGE = '/lessons/own/meet-the-tools'
after(() => fs.rmSync(dir, { recursive: true }))

/** The bytes of an answer as they came, and its headers. */
const ask = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    http
      .request(url, { method, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        )
      })
      .on('error', reject)
      .end()
  })

describe('a renderer that counts', async () => {
  let rendered = 0
  const library = new Library([dir])
  const kept = new KeptPages({
    render: (request, response) => {
      rendered++
      const { url } = request
      setImmediate(() => {
        response.setHeader('Content-Type', 'text/html; charset=utf-8')
        response.statusCode = url === '/lessons/own/none' ? 404 : 200
        // As Next does.
        if (request.method === 'HEAD') return void response.end()
        response.write(`<p>ä ${rendered}</p>`)
        response.end('<script>run()</script>')
      })
    },
    basePath: '',
    lessons: {
      list: () => library.list(),
      at: (slug) => {
        try {
          return library.find(slug)
        } catch {
          return null
        }
      },
    },
    settledMs: 0,
  })
  const server = http.createServer((request, response) => {
    response.setHeader('Content-Security-Policy', "script-src 'self' 'nonce-abc='")
    request.headers['content-security-policy'] = "script-src 'nonce-abc='"
    kept.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  after(() => server.close())

  test('a class that opens a page at once is served by one rendering, and so is whoever comes later', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(`${url}${PAGE}`)))
    const later = await ask(`${url}${PAGE}`, { 'Accept-Encoding': 'br, gzip' })
    assert.equal(rendered, 1)
    assert.deepEqual(
      new Set(answers.map(({ body }) => String(body))),
      new Set(['<p>ä 1</p><script>run()</script>']),
    )
    assert.equal(later.headers['content-encoding'], 'gzip')
    assert.equal(String(gunzipSync(later.body)), String(answers[0]!.body))
    assert.equal(later.headers['content-type'], 'text/html; charset=utf-8')
    assert.match(later.headers.vary!, /Accept-Encoding/)
    // In place of the nonce stand the hashes of what is in the page.
    const [hash] = hashes('<script>run()</script>')
    assert.equal(later.headers['content-security-policy'], `script-src 'self' ${hash}`)
  })

  test('HEAD has the headers alone, and is not what others are given; who refuses gzip gets none', async () => {
    await ask(`${url}/print/own`, {}, 'HEAD')
    assert.ok((await ask(`${url}/print/own`)).body.length > 20)
    rendered--
    const { headers, body } = await ask(`${url}${PAGE}`, {}, 'HEAD')
    assert.equal(body.length, 0)
    assert.ok(Number(headers['content-length']) > 20)
    const plain = await ask(`${url}${PAGE}`, { 'Accept-Encoding': 'gzip;q=0, identity' })
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(rendered, 1)
  })

  test('data for a page that is open, other methods, queries and pages that are not there are rendered each time', async () => {
    const before = rendered
    await ask(`${url}${PAGE}`, { RSC: '1' })
    await ask(`${url}${PAGE}?_rsc=1`)
    await ask(`${url}${PAGE}`, {}, 'POST')
    await ask(`${url}/lessons/unknown/step`)
    for (let i = 0; i < 2; i++) assert.equal((await ask(`${url}/lessons/own/none`)).status, 404)
    assert.equal(rendered, before + 6)
  })

  test('a changed lesson is rendered anew, and the home page with it', async () => {
    await ask(`${url}/`)
    const before = rendered
    await ask(`${url}/`)
    assert.equal(rendered, before)
    fs.appendFileSync(text, '\nOne more line.\n')
    await until('the lesson is read again', async () => {
      await ask(`${url}${PAGE}`)
      return rendered === before + 1
    })
    await ask(`${url}/`)
    await ask(`${url}/`)
    assert.equal(rendered, before + 2)
  })
})

test('in the lab: an author’s change is served, and not lost again when the page is kept', async () => {
  const lab = await TestLab.start({ LESSONS_PATH: dir }, { host: false })
  try {
    const page = async () => String((await ask(`${lab.url}${PAGE}`)).body)
    // Until it is kept: then it has no nonce any more that changes.
    assert.equal(await page(), await page())
    fs.appendFileSync(text, '\nHere is the change.\n')
    const changed = async () => (await page()).includes('Here is the change.')
    await until('the change is served', changed)
    // For longer than it takes until a page is kept: what is kept is the new one.
    for (const end = performance.now() + 3500; performance.now() < end; )
      assert.ok(await changed(), 'an older page came back')
    const { headers, body } = await ask(`${lab.url}${PAGE}`)
    const policy = String(headers['content-security-policy'])
    assert.doesNotMatch(policy, /nonce-/)
    for (const hash of hashes(String(body))) assert.ok(policy.includes(hash))
  } finally {
    await lab.stop()
  }
})
