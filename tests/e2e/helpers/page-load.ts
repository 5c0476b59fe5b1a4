/** What a browser sees of one visit to a page, by somebody for whom nothing is cached: paint, shifts, blocked time, bytes. */
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContextOptions } from 'playwright-core'

export interface PageLoad {
  /** Milliseconds to the first contentful paint. */
  paint: number
  /** Cumulative layout shift, and what has moved, in words. */
  shift: number
  moved: string[]
  /** Milliseconds for which tasks of more than 50 ms were too long, until `ready` is there and 300 ms after. */
  blocked: number
  /** Bytes of JavaScript, gzipped: what the document itself names, and everything that came until then. */
  scripts: number
  allScripts: number
}

/** Runs in the page before anything of it; as text, because what is compiled for Node does not run there. */
const OBSERVE = `
  window.seen = { paint: 0, shift: 0, moved: [], tasks: [] }
  const nameOf = (node) => { const e = node?.nodeType === 1 ? node : node?.parentElement; return e ? e.tagName + '.' + e.className : '?' }
  const observe = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true })
  observe('paint', (entry) => { if (entry.name === 'first-contentful-paint') seen.paint = entry.startTime })
  observe('layout-shift', (entry) => {
    if (entry.hadRecentInput) return
    seen.shift += entry.value
    seen.moved.push(entry.value.toFixed(4) + ' ' + entry.sources.map(({ node }) => nameOf(node)).join(', '))
  })
  observe('longtask', (entry) => { seen.tasks.push(entry.duration) })
`

export async function loadPage(
  browser: Browser,
  url: string,
  ready: string,
  options: BrowserContextOptions = {},
): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options })
  const page = await context.newPage()
  const sizes: Promise<[url: string, bytes: number]>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script' && response.ok())
      sizes.push(
        response.body().then(
          (body): [string, number] => [response.url(), gzipSync(body).length],
          () => ['', 0],
        ),
      )
  })
  try {
    await page.addInitScript(OBSERVE)
    const document = (await page.goto(url))!
    await page.locator(ready).first().waitFor()
    // The last shifts and tasks are told a moment after they have happened.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))')
    const seen = (await page.evaluate('seen')) as {
      paint: number
      shift: number
      moved: string[]
      tasks: number[]
    }
    // What stands in the HTML is fetched before anything can be clicked; the rest comes for editor and terminal.
    const first = new Set(
      [...(await document.text()).matchAll(/<script[^>]* src=.([^'"]+)/g)].map(
        ([, address]) => new URL(address!, url).href,
      ),
    )
    const all = await Promise.all(sizes)
    const sum = (which: (url: string) => boolean) =>
      all.reduce((total, [url, bytes]) => total + (which(url) ? bytes : 0), 0)
    return {
      paint: seen.paint,
      shift: seen.shift,
      moved: seen.moved,
      blocked: seen.tasks.reduce((total, ms) => total + Math.max(0, ms - 50), 0),
      scripts: sum((each) => first.has(each)),
      allScripts: sum(() => true),
    }
  } finally {
    await context.close()
  }
}
