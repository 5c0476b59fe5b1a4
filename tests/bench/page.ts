/** What a browser needs to show a page, in real Chromium without any network but the lab's: paint, shifts, blocked time, bytes. */
import { startStage } from '../e2e/helpers/browser.ts'
import { loadPage, type PageLoad } from '../e2e/helpers/page-load.ts'
import { report, samples, timed } from './measure.ts'

/** What page quality asks for, as p95. */
const WANTED = { firstByteMs: 20, paintMs: 800, shift: 0.02, blockedMs: 150, scriptBytes: 180_000 }
const RUNS = 7
const REQUESTS = 40
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

const LESSON = '/lessons/runc-by-hand/meet-the-tools'
const PAGES = [
  { name: 'home', path: '/', ready: 'h1' },
  { name: 'home_on_a_phone', path: '/', ready: 'h1', options: PHONE },
  { name: 'lesson', path: LESSON, ready: '.xterm-rows' },
  { name: 'lesson_on_a_phone', path: LESSON, ready: '.phone-tabs', options: PHONE },
]

export async function benchPage(): Promise<void> {
  const stage = await startStage()
  try {
    for (const { name, path } of PAGES.filter(({ options }) => !options)) {
      // The body is left alone until the clock has stopped; the connection is kept, as a browser keeps it.
      const ask = async () => {
        let answer: Response
        const ms = await timed(async () => {
          answer = await fetch(`${stage.lab.url}${path}`)
        })
        await answer!.text()
        return ms
      }
      await ask()
      report(`page.${name}.first_byte`, 'ms', await samples(REQUESTS, ask), WANTED.firstByteMs)
    }
    for (const { name, path, ready, options } of PAGES) {
      const runs: PageLoad[] = []
      const visit = () => loadPage(stage.browser, `${stage.lab.url}${path}`, ready, options)
      await visit()
      for (let i = 0; i < RUNS; i++) runs.push(await visit())
      const of = (key: Exclude<keyof PageLoad, 'moved'>) => runs.map((run) => run[key])
      report(`page.${name}.first_contentful_paint`, 'ms', of('paint'), WANTED.paintMs)
      report(`page.${name}.layout_shift`, 'score', of('shift'), WANTED.shift)
      report(`page.${name}.blocked_before_editor`, 'ms', of('blocked'), WANTED.blockedMs)
      report(`page.${name}.scripts_before_interaction_gzip`, 'bytes', of('scripts'), WANTED.scriptBytes)
      report(`page.${name}.scripts_with_editor_and_terminal_gzip`, 'bytes', of('allScripts'))
    }
  } finally {
    await stage.stop()
  }
}
