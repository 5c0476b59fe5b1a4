/** The lab on TLS in a frame of another site, as a school would embed it: in real Chromium, with the cookie that browsers send there. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { type Browser, chromium, type Frame } from 'playwright-core'
import { EXECUTABLE } from '../e2e/helpers/browser.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { freePort, selfSigned, startNginx } from '../helpers/nginx.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
let nginx: Awaited<ReturnType<typeof startNginx>>
let browser: Browser
let dir = ''
/** To Chromium two sites, whose pages share no cookies: a name and an address of this machine. */
let site = ''
const schools: { server: https.Server; url: string }[] = []

/** Another site with one page, which shows a lesson of the lab. */
async function openSchool(): Promise<void> {
  const { cert, key } = selfSigned(dir, '127.0.0.1')
  const options = { cert: fs.readFileSync(cert), key: fs.readFileSync(key) }
  const page = `<!doctype html><iframe width="1200" height="700" src="${site}/lessons/runc-by-hand/meet-the-tools"></iframe>`
  const server = https.createServer(options, (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(page),
  )
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  schools.push({ server, url: `https://127.0.0.1:${port}` })
}

before(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'embedded-'))
  const tls = await freePort()
  site = `https://localhost:${tls}`
  await openSchool()
  await openSchool()
  lab = await TestLab.start({
    LAB_ORIGINS: site,
    LAB_TRUSTED_PROXIES: '127.0.0.1',
    // The second school is not named.
    LAB_FRAME_ANCESTORS: schools[0]!.url,
  })
  nginx = await startNginx((folder) => {
    const { cert, key } = selfSigned(folder, 'localhost')
    return fs
      .readFileSync(path.join(ROOT, 'docs/proxy/nginx.conf'), 'utf8')
      .replaceAll('lab.example.org;', 'localhost;')
      .replace(/ssl_certificate [^;]+;/, `ssl_certificate ${cert};`)
      .replace(/ssl_certificate_key [^;]+;/, `ssl_certificate_key ${key};`)
      .replace('listen 443', `listen 127.0.0.1:${tls}`)
      .replace('listen 80;', 'listen unix:plain.sock;')
      .replace('127.0.0.1:3000', new URL(lab.url).host.replace('localhost', '127.0.0.1'))
  }, tls)
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox', '--disable-gpu'] })
})
after(async () => {
  await browser?.close()
  await nginx?.stop()
  await lab?.stop()
  for (const { server } of schools) server.close()
  if (dir) fs.rmSync(dir, { recursive: true })
})

const inFrame = async (frame: Frame, wanted: RegExp) =>
  until(
    `the frame's terminal shows ${wanted}`,
    async () =>
      wanted.test((await frame.locator('.xterm-rows').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ')),
    30_000,
  )

test('in the frame of a site that is named one has a sandbox and a terminal, by a cookie for this site alone', async () => {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 800 },
  })
  const page = await context.newPage()
  await page.goto(schools[0]!.url)
  const frame = await until('the lesson is in the frame', () =>
    page.frames().find((each) => each.url().startsWith(site)),
  )
  await inFrame(frame, /root@lab/)
  await frame.locator('.xterm-helper-textarea').first().focus()
  await page.keyboard.type('echo em""bedded\n')
  await inFrame(frame, /^embedded/m)
  const [cookie, ...others] = await context.cookies(site)
  assert.deepEqual(others, [])
  assert.match(cookie!.name, /^__Host-/)
  assert.deepEqual(
    [cookie!.sameSite, cookie!.secure, cookie!.httpOnly, cookie!.path],
    ['None', true, true, '/'],
  )
  // Kept apart for this school: on the lab's own pages, and in those of others, one is somebody else.
  assert.match(String((cookie as { partitionKey?: string }).partitionKey), /^https:\/\/127\.0\.0\.1/)
  const own = await context.newPage()
  await own.goto(`${site}/lessons/runc-by-hand/meet-the-tools`)
  await until('the lab itself gives another cookie', async () => (await context.cookies(site)).length === 2)
  assert.equal(new Set((await context.cookies(site)).map(({ value }) => value)).size, 2)
  await context.close()
})

test('in the frame of a site that is not named nothing is shown, and nothing is made', async () => {
  const before = lab.sandboxIds().length
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()))
  await page.goto(schools[1]!.url)
  await refused
  assert.deepEqual(await context.cookies(site), [])
  assert.equal(lab.sandboxIds().length, before)
  await context.close()
})
