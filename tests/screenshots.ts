/**
 * `npm run screenshots`: the pictures of README and previews, taken of the real lab while somebody edits config.json and
 * runs it: two stills, a moving picture, and the picture for previews elsewhere. With `-- pages` every kind of page
 * instead, with `-- notices` every notice, to be looked at.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Learner, type Stage, startStage } from './e2e/helpers/browser.ts'
import { ROOT } from './helpers/lab.ts'
import { takeNotices } from './screenshots-notices.ts'
import { takePages } from './screenshots-pages.ts'

const FOLDER = path.join(ROOT, 'docs/images')
const BUNDLE = '/tmp/mycontainer'

/** One picture every so many milliseconds while `work` goes on; how long each stood on the screen, too. */
async function film(
  learner: Learner,
  dir: string,
  work: () => Promise<void>,
): Promise<{ file: string; ms: number }[]> {
  const shots: { file: string; at: number }[] = []
  let going = true
  const camera = (async () => {
    while (going) {
      const file = path.join(dir, `${String(shots.length).padStart(4, '0')}.png`)
      shots.push({ file, at: performance.now() })
      await learner.page.screenshot({ path: file })
      await learner.page.waitForTimeout(120)
    }
  })()
  try {
    await work()
  } finally {
    going = false
    await camera
  }
  const end = performance.now()
  return shots.map(({ file, at }, i) => ({ file, ms: Math.round((shots[i + 1]?.at ?? end) - at) }))
}

/** An animated WebP by Debian's img2webp (package webp); equal neighbours become one longer picture. */
function animate(frames: { file: string; ms: number }[], target: string): void {
  const kept: { file: string; ms: number; bytes: Buffer }[] = []
  for (const frame of frames) {
    const bytes = fs.readFileSync(frame.file)
    const last = kept.at(-1)
    if (last?.bytes.equals(bytes)) last.ms += frame.ms
    else kept.push({ ...frame, bytes })
  }
  // Nobody waits for a machine in a film; and its end can be read.
  const args = kept.flatMap(({ file, ms }, i) => [
    '-d',
    String(i === kept.length - 1 ? 4000 : Math.min(ms, 900)),
    '-lossy',
    '-q',
    '70',
    file,
  ])
  execFileSync('img2webp', ['-loop', '0', '-mixed', ...args, '-o', target], { stdio: 'pipe' })
}

async function scene(stage: Stage, colorScheme: 'light' | 'dark'): Promise<Learner> {
  const learner = await Learner.arrive(stage, { colorScheme, viewport: { width: 1440, height: 900 } })
  await learner.goto('/lessons/runc-by-hand')
  await learner.prompt()
  await learner.type('systemctl start docker\r')
  await learner.prompt()
  await learner.type(`mkdir -p ${BUNDLE}/rootfs && cd ${BUNDLE}\r`)
  await learner.type('docker export $(docker create busybox) | tar -C rootfs -xf - && runc spec && clear\r')
  await learner.editorShows('"ociVersion"')
  await learner.sees(/^root@lab:\S*#\s*$/)
  return learner
}

/** What the pictures show: a line is changed, the container is run, and the line is true. */
async function act(learner: Learner): Promise<void> {
  await learner.replaceInEditor('"hostname": "runc"', '"hostname": "mycontainer"')
  await learner.saved()
  await learner.type('runc run demo\r')
  await learner.sees(/\/ #\s*$/)
  await learner.type('hostname\r')
  await learner.sees(/# hostname\nmycontainer\n/)
  await learner.type('ps\r')
  await learner.sees(/PID +USER[\s\S]*#\s*$/)
}

if (process.argv[2] === 'notices') {
  await takeNotices(process.argv[3] ?? '')
  process.exit()
}
if (process.argv[2] === 'pages') {
  await takePages(process.argv[3] ?? '')
  process.exit()
}
if (spawnSync('img2webp', ['-version']).error) {
  console.error('img2webp is missing, which makes the moving picture. Run: apt-get install webp')
  process.exit(1)
}
fs.mkdirSync(FOLDER, { recursive: true })
const stage = await startStage()
const frames = fs.mkdtempSync(path.join(os.tmpdir(), 'film-'))
try {
  for (const [colorScheme, file] of [
    ['light', 'lesson.png'],
    ['dark', 'lesson-dark.png'],
  ] as const) {
    const learner = await scene(stage, colorScheme)
    if (colorScheme === 'light') {
      const shots = await film(learner, frames, () => act(learner))
      animate(shots, path.join(FOLDER, 'lesson.webp'))
    } else await act(learner)
    // The prose from its beginning, not where the learner was.
    await learner.page
      .locator('main')
      .first()
      .evaluate((main) => main.scrollTo(0, 0))
    await learner.page.screenshot({ path: path.join(FOLDER, file) })
    if (colorScheme === 'light') {
      await learner.page.setViewportSize({ width: 1200, height: 630 })
      await learner.page.waitForTimeout(500)
      await learner.page.screenshot({ path: path.join(ROOT, 'app/opengraph-image.png') })
    }
    await learner.leave()
    console.log(`${file} taken`)
  }
} finally {
  fs.rmSync(frames, { recursive: true, force: true })
  await stage.stop()
}
