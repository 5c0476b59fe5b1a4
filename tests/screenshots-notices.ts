/**
 * `npm run screenshots -- notices`: everything a page says of limits, of the end of a sandbox and of a full lab, met for
 * real, in both themes at three sizes, to be looked at, below test-results/notices. A word after it takes only those that
 * have it in their name.
 */
import fs from 'node:fs'
import path from 'node:path'
import { Learner, type Stage } from './e2e/helpers/browser.ts'
import { LONG, longLife, startOwnRegistry } from './e2e/helpers/own-registry.ts'
import { ROOT } from './helpers/lab.ts'

const FOLDER = path.join(ROOT, 'test-results/notices')
const SIZES = {
  small: { width: 1280, height: 720 },
  large: { width: 1600, height: 1000 },
  phone: { width: 390, height: 844 },
}
const STEP = '/lessons/runc-by-hand/the-bundle'
const MINUTE = 60_000

const life = longLife()
const room = { free: Number.POSITIVE_INFINITY }

/** What is typed, and what the page then says. */
const LIMITS: Record<string, [string, RegExp | string]> = {
  memory: ['tail /dev/zero', 'Memory: limit reached'],
  processes: [
    "bash -c 'for i in $(seq 200); do sleep 2 & done; wait' 2>/dev/null",
    'Processes: limit reached',
  ],
  disk: ['fallocate -l $(( $(stat -f -c "%a*%S" /) )) all; echo x > y', 'Disk: limit reached'],
  'disk-near': ['rm -f all; fallocate -l $(( $(stat -f -c "%a*%S" /) * 95 / 100 )) all', 'Disk: nearly full'],
  inodes: [
    'mkdir /var/lib/docker/m; (cd /var/lib/docker/m; seq $(stat -f -c %d /) | xargs touch 2>&1 | tail -1)',
    'Number of files: limit reached',
  ],
  'disk-speed': [
    'while :; do dd if=/dev/zero of=fill bs=1M count=100 oflag=direct status=none; done',
    'Speed of the disk',
  ],
  output: ['yes', 'Terminal output: slowed down'],
  cpu: ['for i in 1 2 3; do (while :; do :; done) & done; wait', 'Processors: all in use'],
  terminals: [
    'for i in $(seq 15); do script -qc "sleep 60" /dev/null >/dev/null 2>&1 & done; sleep 5',
    'Terminals: limit reached',
  ],
  'open-files': [
    'bash -c \'exec 9>&1; for i in $(seq 11 1100); do eval "exec $i>&1"; done 2>/dev/null; sleep 30\'',
    'Open files: limit reached',
  ],
}

export async function takeNotices(only: string): Promise<void> {
  fs.mkdirSync(FOLDER, { recursive: true })
  const env = {
    ...{ LAB_MAX_SANDBOXES: '2', LAB_MEMORY_MIB: '256', LAB_PIDS: '120', LAB_PTYS: '12' },
    ...{ LAB_OPEN_FILES: '1024', LAB_DISK_MBYTES_PER_S: '16', LAB_OUTPUT_MBYTES: '1' },
  }
  const { stage, registry } = await startOwnRegistry(env, {
    ...{ life, freeBytes: () => room.free, pauseBelowBytes: 1000 },
  })
  const wanted = (name: string) => name.includes(only)
  try {
    for (const [name, [line, says]] of Object.entries(LIMITS))
      if (wanted(name))
        await withLearner(stage, name, async (learner) => {
          await learner.type(`${line}\r`)
          await take(learner, name, says)
        })
    if (wanted('lab-disk'))
      await withLearner(stage, 'lab-disk', async (learner) => {
        room.free = 900
        await take(learner, 'lab-disk-near', 'Disk of the lab')
        await learner.type('head -c 100M /dev/zero > /root/f; sync\r')
        await take(learner, 'lab-disk', 'Disk of the lab: your sandbox is paused')
        room.free = Number.POSITIVE_INFINITY
      })
    if (wanted('ending'))
      await withLearner(stage, 'ending', async (learner) => {
        life.idleMs = 58_000
        await take(learner, 'ending-idle', 'Nobody has done anything here')
        life.idleMs = LONG
        life.warnMs = 30 * MINUTE
        life.maxMs = MINUTE * 2
        await take(learner, 'ending-age', 'greatest age')
        life.extensions = 0
        await take(learner, 'ending-age-last', 'cannot be kept')
        Object.assign(life, longLife())
        registry.drain(5 * MINUTE)
        await take(learner, 'ending-drain', 'will be stopped for a while')
        await withPage(stage, async (late) => take(late, 'full-drain', 'takes nobody new'))
        registry.cancelDrain()
        life.idleMs = 100
        await take(learner, 'ended-idle', 'cleared away')
        life.idleMs = LONG
        await learner.page.getByRole('button', { name: 'Get a fresh one' }).click()
      })
    if (wanted('full'))
      await withLearner(stage, 'full', () =>
        withLearner(stage, 'full', () =>
          withPage(stage, () => withPage(stage, (fourth) => take(fourth, 'full', 'You are number 2'))),
        ),
      )
  } finally {
    await stage.stop()
  }
}

/** With somebody who looks at a step; what goes wrong is told, and the next picture is tried. */
async function withPage(stage: Stage, body: (learner: Learner) => Promise<unknown>): Promise<void> {
  const learner = await Learner.arrive(stage, { colorScheme: 'light' })
  try {
    await learner.goto(STEP)
    await body(learner)
  } finally {
    await learner.context.close()
  }
}

/** The same with a shell; their sandbox goes afterwards. */
async function withLearner(
  stage: Stage,
  name: string,
  body: (learner: Learner) => Promise<void>,
): Promise<void> {
  try {
    await withPage(stage, async (learner) => {
      await learner.prompt()
      // Also after a failure: there is no room for more than two.
      await body(learner).finally(() => learner.killSandbox().catch(() => {}))
    })
  } catch (error) {
    console.error(`${name}: ${(error as Error).message.split('\n')[0]}`)
  }
}

async function take({ page }: Learner, name: string, says: RegExp | string): Promise<void> {
  const notice = page.getByText(says).first()
  await notice.waitFor({ state: 'attached', timeout: 60_000 })
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    if (size === 'phone') await page.getByRole('tab', { name: 'Machine', exact: true }).click()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // What is animated by now is shown as it ends up.
      await page.waitForTimeout(500)
      await page.screenshot({ path: path.join(FOLDER, `${name}-${size}-${colorScheme}.png`) })
    }
  }
  await page.setViewportSize(SIZES.small)
  console.log(name)
}
