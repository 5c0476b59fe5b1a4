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

test('without a connection the text stays, and says what is going on', async () => {
  const learner = await Learner.arrive(stage)
  await learner.goto(step)
  await learner.prompt()
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
