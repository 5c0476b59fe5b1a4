/** What a browser needs to show a page, in real Chromium without any network but the lab's: paint, shifts, blocked time, bytes. */
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { startStage } from '../e2e/helpers/browser.ts'
import { report } from './measure.ts'

/** What the issue of page quality asks for, as p95. */
const WANTED = { fcpMs: 800, shift: 0.02, blockedMs: 150, scriptBytes: 180_000 }
const RUNS = 7

interface Measured {
  fcp: number
  shift: number
  blocked: number
  scripts: number
  everything: number
}

/** Runs in the page before anything of it; as text, because what is compiled for Node does not run there. */
const OBSERVE = `
  window.seen = { fcp: 0, shift: 0, tasks: [] }
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') seen.fcp = entry.startTime }).observe({ type: 'paint', buffered: true })
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value }).observe({ type: 'layout-shift', buffered: true })
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) seen.tasks.push([entry.startTime, entry.duration]) }).observe({ type: 'longtask', buffered: true })
`

async function measure(browser: Browser, url: string, ready: string): Promise<Measured> {
  // A visitor for the first time: nothing is cached.
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
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
    await page.goto(url)
    await page.locator(ready).first().waitFor()
    // The last shifts and tasks are told a moment after they have happened.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))')
    const seen = (await page.evaluate('seen')) as { fcp: number; shift: number; tasks: [number, number][] }
    // What stands in the HTML is fetched before anything can be clicked; the rest comes for editor and terminal.
    const first = new Set(
      (await page.evaluate(
        'fetch(location.href).then((r) => r.text()).then((t) => [...t.matchAll(/<script[^>]* src=.([^\'"]+)/g)].map((m) => new URL(m[1], location.href).href))',
      )) as string[],
    )
    const editorAt = (await page.evaluate(
      "performance.getEntriesByType('resource').filter((e) => /worker|monaco|editor/.test(e.name)).map((e) => e.startTime).sort((a, b) => a - b)[0] ?? Infinity",
    )) as number
    const blocked = seen.tasks
      .filter(([start]) => start < editorAt)
      .reduce((sum, [, ms]) => sum + Math.max(0, ms - 50), 0)
    const all = await Promise.all(sizes)
    const sum = (which: (url: string) => boolean) =>
      all.reduce((total, [url, bytes]) => total + (which(url) ? bytes : 0), 0)
    return {
      fcp: seen.fcp,
      shift: seen.shift,
      blocked,
      scripts: sum((each) => first.has(each)),
      everything: sum(() => true),
    }
  } finally {
    await context.close()
  }
}

export async function benchPage(): Promise<void> {
  const stage = await startStage()
  try {
    for (const [name, path, ready] of [
      ['home', '/', 'h1'],
      ['lesson', '/lessons/runc-by-hand/meet-the-tools', '.monaco-editor, .xterm-rows'],
    ] as const) {
      const runs: Measured[] = []
      await measure(stage.browser, `${stage.lab.url}${path}`, ready)
      for (let i = 0; i < RUNS; i++) runs.push(await measure(stage.browser, `${stage.lab.url}${path}`, ready))
      const of = (key: keyof Measured) => runs.map((run) => run[key])
      report(`page.${name}.first_contentful_paint`, 'ms', of('fcp'), WANTED.fcpMs)
      report(`page.${name}.layout_shift`, 'score', of('shift'), WANTED.shift)
      report(`page.${name}.blocked_before_editor`, 'ms', of('blocked'), WANTED.blockedMs)
      report(`page.${name}.scripts_before_interaction_gzip`, 'bytes', of('scripts'), WANTED.scriptBytes)
      report(`page.${name}.scripts_with_editor_and_terminal_gzip`, 'bytes', of('everything'))
    }
  } finally {
    await stage.stop()
  }
}
