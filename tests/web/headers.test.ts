/** The headers of every page, as a browser obeys them: in real Chromium, with real pages. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { hashes } from '../../server/web/inline-scripts.ts'
import { type Stage, startStage } from '../e2e/helpers/browser.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

const STEP = '/lessons/runc-by-hand/meet-the-tools'

/** The directives of a Content-Security-Policy. */
const directives = (response: Response) =>
  Object.fromEntries(
    response.headers
      .get('content-security-policy')!
      .split('; ')
      .map((each) => [each.split(' ')[0]!, each.split(' ').slice(1)]),
  )

describe('every answer', () => {
  for (const path of ['/', STEP, '/no-such-page', '/api/health', '/icon.svg'])
    test(`to ${path} is strict`, async () => {
      const response = await fetch(`${stage.lab.url}${path}`)
      const header = (name: string) => response.headers.get(name)
      assert.equal(header('x-content-type-options'), 'nosniff')
      assert.equal(header('cross-origin-opener-policy'), 'same-origin')
      assert.equal(header('x-frame-options'), 'SAMEORIGIN')
      assert.equal(header('referrer-policy'), 'same-origin')
      assert.equal(header('x-powered-by'), null)
      // Plain HTTP promises nothing about TLS.
      assert.equal(header('strict-transport-security'), null)
      const policy = directives(response)
      assert.deepEqual(policy['default-src'], ["'self'"])
      assert.deepEqual(policy['object-src'], ["'none'"])
      assert.deepEqual(policy['base-uri'], ["'none'"])
      assert.deepEqual(policy['frame-ancestors'], ["'self'"])
      for (const source of policy['script-src']!)
        assert.match(source, /^'(self|sha256-[\w+/]{43}=|nonce-[\w+/=]+)'$/)
    })
})

for (const path of ['/', STEP, '/no-such-page'])
  test(`the policy of ${path} lets each of its own inline scripts run, by hash or by a nonce that is new each time`, async () => {
    const answers = await Promise.all([1, 2].map(() => fetch(`${stage.lab.url}${path}`)))
    const nonces: string[] = []
    for (const response of answers) {
      const sources = directives(response)['script-src']!
      const html = await response.text()
      const scripts = [...html.matchAll(/<script\b([^>]*)>[\s\S]*?<\/script>/g)].filter(
        ([, attributes]) => !/\ssrc=/.test(attributes!),
      )
      assert.equal(scripts.length > 2, true)
      for (const [script, attributes] of scripts) {
        const nonce = /\snonce="([^"]+)"/.exec(attributes!)?.[1]
        if (nonce) nonces.push(nonce)
        const wanted = nonce ? [`'nonce-${nonce}'`] : hashes(script)
        assert.deepEqual(
          wanted.filter((source) => !sources.includes(source)),
          [],
          script.slice(0, 200),
        )
      }
    }
    const [first, second] = answers.map((response) => response.headers.get('content-security-policy'))
    if (nonces.length > 0) assert.notEqual(first, second)
  })

test('hashes are those of inline scripts only', () => {
  const sha = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  assert.deepEqual(
    hashes('<script src="/a.js"></script><script>one()</script><script id="x">\n two\n</script>'),
    [sha('one()'), sha('\n two\n')],
  )
})

test('in Chromium every page runs as it is, and nothing else does', async () => {
  const context = await stage.browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/.test(message.text())) complaints.push(message.text())
  })
  for (const path of ['/', STEP, '/no-such-page']) {
    await page.goto(`${stage.lab.url}${path}`)
    // The theme script has run, and React has taken over.
    await page.locator('html[data-js]').waitFor()
  }
  assert.deepEqual(complaints, [])
  await page.goto(`${stage.lab.url}${STEP}`)
  // As text: what would be compiled for Node does not run in a page.
  const ran = await page.evaluate(`(async () => {
    const done = []
    window.note = (what) => done.push(what)
    const script = document.createElement('script')
    script.textContent = "note('an inline script')"
    document.body.append(script)
    const image = document.createElement('img')
    image.setAttribute('onerror', "note('an event handler')")
    const failed = new Promise((resolve) => image.addEventListener('error', resolve))
    image.src = 'data:image/png,broken'
    await failed
    try { window['ev' + 'al']("note('eval')") } catch {}
    const base = document.createElement('base')
    base.href = 'https://evil.example/'
    document.head.append(base)
    if (document.baseURI.startsWith('https://evil')) note('a base element')
    await fetch('https://evil.example/').then(() => note('another site'), () => {})
    return done
  })()`)
  assert.deepEqual(ran, [])
  assert.ok(complaints.join().includes('https://evil.example/'))
  await context.close()
})

describe('in a frame of another site', () => {
  let school: http.Server
  let site = ''
  before(async () => {
    school = http.createServer((request, response) => {
      const lab = new URL(request.url ?? '', 'http://school').searchParams.get('lab')
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<iframe src="${lab}/"></iframe>`)
    })
    await once(school.listen(0, '127.0.0.1'), 'listening')
    site = `http://127.0.0.1:${(school.address() as AddressInfo).port}`
  })
  after(() => school?.close())

  /** What Chromium shows of the lab in a page of the school's. */
  async function framed(frameAncestors: string) {
    const lab = await TestLab.start({ LAB_FRAME_ANCESTORS: frameAncestors }, { host: false })
    const context = await stage.browser.newContext()
    try {
      const response = await fetch(`${lab.url}/`)
      const page = await context.newPage()
      await page.goto(`${site}/?lab=${lab.url}`)
      const frame = await until('the frame has been loaded or refused', () =>
        page.frames().find((each) => each !== page.mainFrame() && !['', 'about:blank'].includes(each.url())),
      )
      const shown = !frame.url().startsWith('chrome-error:')
      if (shown) await frame.getByRole('heading', { level: 1 }).waitFor()
      return {
        shown,
        legacy: response.headers.get('x-frame-options'),
        ancestors: directives(response)['frame-ancestors'],
      }
    } finally {
      await context.close()
      await lab.stop()
    }
  }

  test('the lab is not shown by itself', async () => {
    assert.deepEqual(await framed(''), { shown: false, legacy: 'SAMEORIGIN', ancestors: ["'self'"] })
  })

  test('it is if the operator names that site', async () => {
    assert.deepEqual(await framed(site), { shown: true, legacy: null, ancestors: [site] })
  })

  test('it is nowhere with none', async () => {
    assert.deepEqual(await framed('none'), { shown: false, legacy: 'DENY', ancestors: ["'none'"] })
  })
})
