/** What others see of the lab before they use it: titles, previews, the map of the site, and pages for what is not there. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { listLessons } from '../../server/lessons/library.ts'
import { siteOrigin } from '../../server/lessons/site.ts'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const ORIGIN = 'https://lab.example.org'
let stage: Stage
before(async () => {
  stage = await startStage({ LAB_ORIGINS: ORIGIN })
})
after(() => stage?.stop())

const [lesson] = listLessons()
const step = `/lessons/${lesson!.slug}/${lesson!.steps[0]!.slug}`
const get = (path: string) => fetch(`${stage.lab.url}${path}`)

/** What stands in the head of a page, by name or property. */
async function head(path: string) {
  const html = await (await get(path)).text()
  const meta = Object.fromEntries(
    [...html.matchAll(/<meta (?:name|property)="([^"]+)" content="([^"]*)"/g)].map(([, name, content]) => [
      name!,
      content!,
    ]),
  )
  return { title: /<title>([^<]*)</.exec(html)?.[1] ?? '', lang: /<html lang="(\w+)"/.exec(html)?.[1], meta }
}

describe('every page', () => {
  for (const path of ['/', step, '/no-such-page'])
    test(`${path} has its language, a title and a description`, async () => {
      const { title, lang, meta } = await head(path)
      assert.equal(lang, 'en')
      assert.match(title, path === '/' ? /^runC Lab/ : / · runC Lab$/)
      assert.match(meta.description ?? '', /\S.{20,}/)
    })

  test('has a title of its own', async () => {
    const titles = await Promise.all(
      ['/', ...lesson!.steps.slice(0, 3).map(({ slug }) => `/lessons/${lesson!.slug}/${slug}`)].map(
        async (path) => (await head(path)).title,
      ),
    )
    assert.equal(new Set(titles).size, titles.length)
  })

  test('has a picture for previews elsewhere, at an address that others can reach', async () => {
    for (const path of ['/', step]) {
      const { meta } = await head(path)
      assert.equal(meta['twitter:card'], 'summary_large_image')
      assert.deepEqual([meta['og:image:width'], meta['og:image:height']], ['1200', '630'])
      assert.match(meta['og:image:alt'] ?? '', /\w/)
      const image = new URL(meta['og:image']!.replaceAll('&amp;', '&'))
      assert.equal(image.origin, ORIGIN)
      const answer = await get(image.pathname)
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/png'])
    }
  })
})

test('sitemap.xml names every page, and each of them is there', async () => {
  const addresses = [...(await (await get('/sitemap.xml')).text()).matchAll(/<loc>([^<]+)<\/loc>/g)].map(
    ([, address]) => new URL(address!),
  )
  assert.ok(addresses.length > lesson!.steps.length)
  for (const { origin, pathname } of addresses) {
    assert.equal(origin, ORIGIN)
    assert.equal((await get(pathname)).status, 200, pathname)
  }
  assert.match(
    await (await get('/robots.txt')).text(),
    new RegExp(`Disallow: /api/[^]*Sitemap: ${ORIGIN}/sitemap\\.xml`),
  )
})

test('an address that leads nowhere answers 404 with a way on', async () => {
  for (const path of [
    '/no-such-page',
    '/lessons/no-such-lesson/step',
    `/lessons/${lesson!.slug}/no-such-step`,
  ])
    assert.equal((await get(path)).status, 404, path)
  const learner = await Learner.arrive(stage)
  await learner.goto('/no-such-page')
  await learner.page.getByRole('link', { name: 'See all lessons' }).click()
  await learner.page.waitForURL(`${stage.lab.url}/`)
  await learner.leave()
})

test('a page that breaks says that the sandbox carries on, and has two ways on', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto('/')
  await page.getByRole('link', { name: 'Start', exact: true }).waitFor()
  // React's own part of the page is alive once the theme can be switched.
  await page.getByRole('button', { name: 'Dark theme' }).click()
  await page.locator('[data-theme=dark]').waitFor()
  await page.evaluate(() => {
    Object.assign(window, { findIndex: Array.prototype.findIndex })
    Array.prototype.findIndex = () => {
      throw new Error('something that should not happen')
    }
    localStorage.setItem('runclab.progress', '{"version":1,"passed":{"runc-by-hand":["meet-the-tools"]}}')
    window.dispatchEvent(new StorageEvent('storage', { key: 'runclab.progress' }))
  })
  await page.getByRole('heading', { name: 'This page has stumbled' }).waitFor()
  await page.getByText('something that should not happen').waitFor()
  await page.evaluate(() => Object.assign(Array.prototype, { findIndex: Reflect.get(window, 'findIndex') }))
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('link', { name: 'Continue with step 2' }).waitFor()
  // The browser has logged the error, as it should.
  await learner.context.close()
})

test('a part that cannot be fetched says so, and the rest of the page goes on', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto(step)
  await learner.prompt()
  await page.route('**/_next/static/**', (route) => route.abort())
  await page.getByRole('button', { name: 'Lens', exact: true }).click()
  await page.getByText('The lens could not be loaded').waitFor()
  await learner.type('echo still here\r')
  await learner.sees(/\nstill here\n/)
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Reload the page' }).click()
  await page.getByText('No container yet').waitFor()
  await learner.context.close()
})

test('without a connection the text stays, and says what is going on', async () => {
  const learner = await Learner.arrive(stage)
  await learner.goto(step)
  await learner.prompt()
  await learner.pageLoaded()
  await stage.lab.killWeb()
  await learner.page.getByText('The connection is lost.').waitFor()
  assert.ok(await learner.page.getByRole('heading', { level: 1 }).isVisible())
  await stage.lab.startWeb()
  await learner.page.getByText('The connection is lost.').waitFor({ state: 'hidden' })
  await learner.leave()
})

test('the origin of the site is the first that the operator names', () => {
  assert.equal(siteOrigin({ LAB_ORIGINS: 'https://a.example, https://b.example' }), 'https://a.example')
  assert.equal(siteOrigin({ PORT: '0' }), 'http://localhost:3000')
})
