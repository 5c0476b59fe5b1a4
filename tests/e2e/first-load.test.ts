/** A page as it comes: little code before it can be used, and nothing on it moves while the rest arrives. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Stage, startStage } from './helpers/browser.ts'
import { loadPage } from './helpers/page-load.ts'

const LESSON = '/lessons/runc-by-hand/meet-the-tools'
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

for (const { name, path, ready, options } of [
  { name: 'home', path: '/', ready: 'h1' },
  { name: 'home on a phone', path: '/', ready: 'h1', options: PHONE },
  { name: 'a lesson', path: LESSON, ready: '.xterm-rows' },
  { name: 'a lesson on a phone', path: LESSON, ready: '.phone-tabs', options: PHONE },
])
  test(`${name}: at most 180 kB of JavaScript before interaction, and no layout shift above 0.02`, async () => {
    const { scripts, shift, moved } = await loadPage(stage.browser, `${stage.lab.url}${path}`, ready, options)
    assert.ok(scripts > 50_000 && scripts <= 180_000, `${scripts} bytes`)
    assert.ok(shift <= 0.02, `${shift}:\n${moved.join('\n')}`)
  })
