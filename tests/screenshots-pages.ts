/**
 * `npm run screenshots -- pages`: every kind of page in both themes at three sizes, to be looked at, below
 * test-results/pages. A word after it takes only the pages that have it in their name.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { Learner, type Stage, startStage } from './e2e/helpers/browser.ts'
import { ROOT } from './helpers/lab.ts'

const FOLDER = path.join(ROOT, 'test-results/pages')
const SIZES: Record<string, BrowserContextOptions> = {
  small: { viewport: { width: 1280, height: 720 } },
  large: { viewport: { width: 1600, height: 1000 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
}
const BUNDLE =
  'mkdir -p /tmp/mycontainer/rootfs && cd /tmp/mycontainer && docker export $(docker create busybox) | tar -C rootfs -xf - && runc spec'

type Scene = (learner: Learner, stage: Stage) => Promise<unknown>
interface PageKind {
  name: string
  /** Of which lab: each set of settings is a lab of its own. */
  lab: 'plain' | 'full' | 'foreign'
  path: string
  scene?: Scene
}

const isPhone = (learner: Learner) => (learner.page.viewportSize()?.width ?? 0) < 768
const ready: Scene = async ({ page }) => page.locator('.bg-good').first().waitFor()
const tab = async (learner: Learner, name: string) => {
  if (isPhone(learner)) await learner.page.getByRole('tab', { name, exact: true }).click()
}

const withBundle: Scene = async (learner, stage) => {
  await ready(learner, stage)
  await tab(learner, 'Machine')
  await learner.prompt()
  await learner.type(`systemctl start docker && ${BUNDLE}; clear\r`)
  await learner.editorShows('"ociVersion"')
}

const PAGES: PageKind[] = [
  { name: 'home', lab: 'plain', path: '/' },
  { name: 'first-step', lab: 'plain', path: '/lessons/runc-by-hand/meet-the-tools', scene: ready },
  {
    name: 'step',
    lab: 'plain',
    path: '/lessons/runc-by-hand/two-views',
    scene: async (learner, stage) => {
      await withBundle(learner, stage)
      await learner.prompt()
      await tab(learner, 'Lesson')
    },
  },
  { name: 'machine', lab: 'plain', path: '/lessons/runc-by-hand/two-views', scene: withBundle },
  {
    name: 'lens',
    lab: 'plain',
    path: '/lessons/runc-by-hand/two-views',
    scene: async (learner, stage) => {
      await withBundle(learner, stage)
      await learner.type('runc run demo\r')
      await learner.sees(/\/ #\s*$/)
      if (isPhone(learner)) await tab(learner, 'Lens')
      else await learner.page.getByRole('button', { name: 'Lens', exact: true }).click()
      await learner.page.locator('[data-pane=lens] [role=tablist]').first().waitFor()
    },
  },
  { name: 'challenge', lab: 'plain', path: '/lessons/runc-by-hand/challenge', scene: ready },
  { name: 'take-home', lab: 'plain', path: '/lessons/runc-by-hand/take-home', scene: ready },
  { name: 'print', lab: 'plain', path: '/print/runc-by-hand' },
  {
    name: 'glossary',
    lab: 'plain',
    path: '/print/runc-by-hand',
    scene: ({ page }) => page.getByRole('heading', { name: 'Glossary' }).scrollIntoViewIfNeeded(),
  },
  { name: 'not-found', lab: 'plain', path: '/no-such-page' },
  {
    name: 'error',
    lab: 'plain',
    path: '/',
    scene: async ({ page }) => {
      await page.waitForLoadState('networkidle')
      await page.evaluate(() => {
        Array.prototype.findIndex = () => {
          throw new Error('something that should not happen')
        }
        localStorage.setItem('runclab.progress', '{"version":1,"passed":{"runc-by-hand":["meet-the-tools"]}}')
        window.dispatchEvent(new StorageEvent('storage', { key: 'runclab.progress' }))
      })
      await page.getByText('something that should not happen').waitFor()
    },
  },
  {
    name: 'offline',
    lab: 'plain',
    path: '/lessons/runc-by-hand/the-bundle',
    scene: async (learner, stage) => {
      await ready(learner, stage)
      await learner.page.routeWebSocket(/./, (socket) => socket.close())
      await learner.context.setOffline(true)
      await stage.lab.killWeb()
      await tab(learner, 'Machine')
      await learner.page.getByText('The connection is lost.').waitFor()
    },
  },
  {
    name: 'full',
    lab: 'full',
    path: '/lessons/runc-by-hand/the-bundle',
    scene: async (learner) => {
      await tab(learner, 'Machine')
      await learner.page.getByText('All sandboxes of this lab are in use.').waitFor()
    },
  },
  { name: 'foreign', lab: 'foreign', path: '/lessons/foreign/step1', scene: ready },
  { name: 'foreign-home', lab: 'foreign', path: '/' },
  { name: 'finish', lab: 'foreign', path: '/lessons/foreign/finish', scene: ready },
]

/** A scenario as Killercoda has them. */
function foreignLesson(dir: string): void {
  const fence = '```'
  const files: Record<string, string> = {
    'index.json': JSON.stringify({
      title: 'Look around in Linux',
      description: 'A scenario that was written for another platform.',
      details: {
        intro: { text: 'intro.md' },
        steps: [{ title: 'Who am I?', text: 'step1.md', verify: 'verify.sh' }],
        finish: { text: 'finish.md' },
      },
      backend: { imageid: 'ubuntu' },
    }),
    'intro.md': '# Welcome\n\nThis takes five minutes.\n',
    'step1.md': `# Who am I?\n\nAsk the shell:\n\n${fence}\nwhoami; id\n${fence}{{exec}}\n\nThen leave a mark with \`touch /root/here\`{{exec}}.\n\n${fence}\napt-get install -y cowsay\n${fence}{{exec}}\n\nSee the [service]({{TRAFFIC_HOST1_8080}}).\n\n<details><summary>Solution</summary>\n\n${fence}\ntouch /root/here\n${fence}{{copy}}\n\n</details>\n`,
    'verify.sh': '#!/bin/bash\n[ -e /root/here ]\n',
    'finish.md': '# Well done\n\nYou know who you are.\n',
  }
  fs.mkdirSync(path.join(dir, 'foreign'), { recursive: true, mode: 0o755 })
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(dir, 'foreign', name), text)
}

export async function takePages(only: string): Promise<void> {
  fs.mkdirSync(FOLDER, { recursive: true })
  const lessons = fs.mkdtempSync(path.join(os.tmpdir(), 'lessons-'))
  fs.chmodSync(lessons, 0o755)
  foreignLesson(lessons)
  const settings = { plain: {}, full: { LAB_MAX_SANDBOXES: '1' }, foreign: { LESSONS_PATH: lessons } }
  try {
    for (const [lab, extra] of Object.entries(settings)) {
      const pages = PAGES.filter((page) => page.lab === lab && page.name.includes(only))
      if (pages.length === 0) continue
      const stage = await startStage(extra)
      try {
        if (lab === 'full') {
          const first = await Learner.arrive(stage)
          await first.openStep('the-bundle')
        }
        for (const page of pages) await take(stage, page)
      } finally {
        await stage.stop()
      }
    }
  } finally {
    fs.rmSync(lessons, { recursive: true, force: true })
  }
}

async function take(stage: Stage, { name, path: address, scene }: PageKind): Promise<void> {
  for (const [size, options] of Object.entries(SIZES)) {
    const learner = await Learner.arrive(stage, { ...options, colorScheme: 'light' })
    const { page } = learner
    try {
      await learner.goto(address)
      await scene?.(learner, stage)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        // What is animated or fetched by now is shown as it ends up.
        await page.waitForTimeout(900)
        await page.screenshot({ path: path.join(FOLDER, `${name}-${size}-${colorScheme}.png`) })
      }
      // A page of prose is looked at whole, once.
      if (['home', 'foreign-home'].includes(name))
        await page.screenshot({ path: path.join(FOLDER, `${name}-${size}-whole.png`), fullPage: true })
    } catch (error) {
      console.error(`${name}, ${size}: ${(error as Error).message.split('\n')[0]}`)
      await page.screenshot({ path: path.join(FOLDER, `${name}-${size}-failed.png`) })
    }
    await learner.context.close()
    if (name === 'offline') await stage.lab.startWeb()
  }
  console.log(name)
}
