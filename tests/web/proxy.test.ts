/** The lab behind Debian's nginx and Caddy with the documentation's configurations: TLS, WebSocket, visitors' addresses; and below a path. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { chromium } from 'playwright-core'
import { EXECUTABLE } from '../e2e/helpers/browser.ts'
import { startCaddy } from '../helpers/caddy.ts'
import { connectLearner, newCookie, stopLearners } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { freePort, selfSigned, startNginx } from '../helpers/nginx.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

// The certificate signs itself, as nobody else could sign this name.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
process.removeAllListeners('warning')

const NAME = 'localhost'
let nginx: Awaited<ReturnType<typeof startNginx>>
let caddy: Awaited<ReturnType<typeof startCaddy>>
let lab: TestLab
let evening: TestLab
let site = ''
let caddySite = ''
let checkout = ''

/** The documentation's file with the places and ports of this test, and a second lab below /evening. */
function configuration(dir: string, tls: number, plain: number): string {
  const { cert, key } = selfSigned(dir, NAME)
  return fs
    .readFileSync(path.join(ROOT, 'docs/proxy/nginx.conf'), 'utf8')
    .replaceAll('lab.example.org;', `${NAME};`)
    .replace(/ssl_certificate [^;]+;/, `ssl_certificate ${cert};`)
    .replace(/ssl_certificate_key [^;]+;/, `ssl_certificate_key ${key};`)
    .replace('listen 443', `listen 127.0.0.1:${tls}`)
    .replace('listen 80;', `listen 127.0.0.1:${plain};`)
    .replace('127.0.0.1:3000', new URL(lab.url).host.replace('localhost', '127.0.0.1'))
    .replace(/( +)location \/ \{([\s\S]*?)\n {4}\}/, (all) =>
      [
        all,
        all
          .replace('location /', 'location /evening')
          .replace('http://runc-lab', evening.url.replace('localhost', '127.0.0.1')),
      ].join('\n'),
    )
}

/** A checkout whose site is built for a base path, as an operator would build it; it shares everything else with this one. */
function checkoutWithBasePath(basePath: string): string {
  // On the same file system, so that the packages need not be copied.
  const dir = fs.mkdtempSync(path.join(ROOT, 'test-results-base-path-'))
  for (const name of [
    'app',
    'components',
    'lessons',
    'server',
    'spec',
    'scripts',
    'sandbox',
    'package.json',
    'package-lock.json',
    'next.config.js',
    'postcss.config.mjs',
    'tsconfig.json',
  ])
    fs.cpSync(path.join(ROOT, name), path.join(dir, name), { recursive: true })
  execFileSync('cp', ['-al', path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules')])
  const env = { ...process.env, LAB_BASE_PATH: basePath }
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: dir, env, stdio: 'pipe' })
  return dir
}

before(async () => {
  const [tls, plain, third] = [await freePort(), await freePort(), await freePort()]
  site = `https://${NAME}:${tls}`
  caddySite = `https://${NAME}:${third}`
  const behind = { LAB_ORIGINS: `${site},${caddySite}`, LAB_TRUSTED_PROXIES: '127.0.0.1' }
  checkout = checkoutWithBasePath('/evening')
  lab = await TestLab.start({ ...behind, LAB_CREATIONS_PER_MINUTE: '30' })
  evening = await TestLab.start({ ...behind, LAB_BASE_PATH: '/evening' }, { root: checkout })
  nginx = await startNginx((dir) => configuration(dir, tls, plain), tls)
  const at = ({ url }: TestLab) => new URL(url).host.replace('localhost', '127.0.0.1')
  caddy = await startCaddy(third, { main: at(lab), evening: at(evening) })
})
afterEach(stopLearners)
after(async () => {
  await nginx?.stop()
  await caddy?.stop()
  await lab?.stop()
  await evening?.stop()
  if (checkout) fs.rmSync(checkout, { recursive: true, force: true })
})

/** Asks from this address of this machine. */
function ask(from: string, method: string, address: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const request = https.request(
        address,
        { method, headers, localAddress: from, agent: false },
        (response) => {
          let body = ''
          response.on('data', (data) => {
            body += data
          })
          response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
        },
      )
      request.on('error', reject).end()
    },
  )
}

describe('through nginx with TLS', () => {
  test('pages are strict, promise TLS for later, and nginx names no version', async () => {
    const { status, headers } = await ask('127.0.0.1', 'GET', `${site}/`)
    assert.equal(status, 200)
    assert.equal(headers['strict-transport-security'], 'max-age=15552000')
    assert.match(String(headers['content-security-policy']), /script-src 'self' '/)
    assert.equal(headers.server, 'nginx')
  })

  test('the cookie is bound to this host and to TLS', async () => {
    const { headers } = await ask('127.0.0.1', 'POST', `${site}/api/session`, { Origin: site })
    assert.match(String(headers['set-cookie']), /^__Host-\S+; Path=\/; .*; Secure$/)
  })

  test('a terminal works, and a quiet one stays connected', async () => {
    const { client } = await connectLearner({ url: site })
    const shell = await Shell.open(client)
    assert.equal(await shell.paste('echo through nginx'), 'through nginx\n')
    await shell.paste('seq 1 200000 | tail -1')
  })

  test('another name is refused even by a lab that trusts the proxy', async () => {
    const { status } = await ask('127.0.0.1', 'GET', `${site}/`, { Host: 'evil.example' })
    assert.equal(status, 421)
  })

  test('limits are for each visitor, who cannot give themselves another address', async () => {
    const newcomer = (from: string, claim: string) =>
      ask(from, 'POST', `${site}/api/session`, { Origin: site, 'X-Forwarded-For': claim })
    let round = 0
    await until(
      'the first visitor is refused',
      async () => (await newcomer('127.0.0.2', `198.51.100.${round++ % 200}`)).status === 429,
    )
    assert.ok(round >= 30)
    assert.equal((await newcomer('127.0.0.3', '198.51.100.1')).status, 204)
  })
})

describe('through Caddy with TLS', () => {
  test('pages, cookie, and the path of a second lab', async () => {
    const page = await ask('127.0.0.1', 'GET', `${caddySite}/`)
    assert.equal(page.status, 200)
    assert.equal(page.headers['strict-transport-security'], 'max-age=15552000')
    assert.equal(page.headers.server, undefined)
    const { headers } = await ask('127.0.0.1', 'POST', `${caddySite}/api/session`, { Origin: caddySite })
    assert.match(String(headers['set-cookie']), /^__Host-\S+; Path=\/; .*; Secure$/)
    const below = await ask('127.0.0.1', 'GET', `${caddySite}/evening`)
    assert.equal(below.status, 200)
    assert.match(below.body, /"\/evening\/_next\//)
  })

  for (const [where, below] of [
    ['at the top', ''],
    ['below a path', '/evening'],
  ] as const)
    test(`a terminal works ${where}`, async () => {
      const { client } = await connectLearner({ url: `${caddySite}${below}` })
      const shell = await Shell.open(client)
      assert.equal(await shell.paste('echo through caddy'), 'through caddy\n')
      await shell.paste('seq 1 200000 | tail -1')
    })

  test('limits are for each visitor, who cannot give themselves another address', async () => {
    const newcomer = (from: string, claim: string) =>
      ask(from, 'POST', `${caddySite}/api/session`, { Origin: caddySite, 'X-Forwarded-For': claim })
    let round = 0
    await until(
      'the visitor is refused',
      async () => (await newcomer('127.0.0.4', `198.51.100.${round++ % 200}`)).status === 429,
    )
    assert.ok(round >= 30)
    assert.equal((await newcomer('127.0.0.5', '198.51.100.1')).status, 204)
  })
})

describe('below a path', () => {
  test('the site is there, its front door is found, and health answers at both places', async () => {
    const { status, body } = await ask('127.0.0.1', 'GET', `${site}/evening`)
    assert.equal(status, 200)
    const files = [...body.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, file]) => file!)
    assert.deepEqual(
      files.filter((file) => !file.startsWith('/evening')),
      [],
    )
    // For others: the picture of previews, the map of the site, and where robots find it.
    const picture = /property="og:image" content="([^"?]*)/.exec(body)![1]!
    assert.ok(picture.startsWith(`${site}/evening/`), picture)
    const map = (await ask('127.0.0.1', 'GET', `${site}/evening/sitemap.xml`)).body
    const pages = [...map.matchAll(/<loc>([^<]*)/g)].map(([, address]) => address!)
    assert.ok(pages.length > 20)
    for (const page of pages) assert.ok(page.startsWith(`${site}/evening`), page)
    const robots = (await ask('127.0.0.1', 'GET', `${site}/evening/robots.txt`)).body
    assert.match(robots, new RegExp(`Disallow: /evening/api/[^]*Sitemap: ${site}/evening/sitemap\\.xml`))
    const lost = await ask('127.0.0.1', 'GET', `${site}/evening/no-such-page`)
    assert.equal(lost.status, 404)
    assert.match(lost.body, /href="\/evening\/?"[^>]*>See all lessons/)
    const top = await fetch(`${evening.url}/`, { redirect: 'manual' })
    assert.deepEqual([top.status, top.headers.get('location')], [307, '/evening/'])
    for (const place of ['/api/health', '/evening/api/health'])
      assert.equal((await fetch(`${evening.url}${place}`)).status, 200, place)
  })

  test('two labs of one origin have a learner each: neither takes the other’s cookie', async () => {
    const cookies = [await newCookie({ url: site }), await newCookie({ url: `${site}/evening` })]
    const names = cookies.map((cookie) => cookie.split('=')[0])
    assert.notEqual(names[0], names[1])
  })

  test('in Chromium, over TLS: lesson, editor and terminal', async () => {
    const browser = await chromium.launch({
      executablePath: EXECUTABLE,
      args: ['--no-sandbox', '--disable-gpu'],
    })
    try {
      const page = await browser.newPage({ ignoreHTTPSErrors: true })
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`)
      })
      await page.goto(`${site}/evening/lessons/runc-by-hand`)
      await page.waitForURL('**/evening/lessons/runc-by-hand/*')
      const screen = page.locator('[data-terminal="Terminal 1"]')
      await screen
        .getByText(/root@lab/)
        .first()
        .waitFor({ timeout: 30_000 })
      await screen.locator('.xterm-helper-textarea').focus()
      await page.keyboard.type('echo "below a "path\r')
      await screen.getByText('below a path').first().waitFor()
      assert.deepEqual(complaints, [])
    } finally {
      await browser.close()
    }
  })

  test('a site that was built for another path is not served: the lab says what to do', () => {
    const env = { ...process.env, ...lab.env, PORT: '0', LAB_BASE_PATH: '/morning' }
    assert.throws(
      () => execFileSync(process.execPath, ['build/web.js'], { cwd: ROOT, env, stdio: 'pipe' }),
      (error: Error & { stderr: Buffer }) =>
        /LAB_BASE_PATH=\/morning: this site was built for no base path\. Run: LAB_BASE_PATH=\/morning npm run build/.test(
          String(error.stderr),
        ),
    )
  })
})
