/** `npm run screenshots`: the pictures of the README, taken of the real lab after a walk through the lesson. */
import fs from 'node:fs'
import path from 'node:path'
import { Learner, startStage } from './e2e/helpers/browser.ts'
import { ROOT } from './helpers/lab.ts'

const FOLDER = path.join(ROOT, 'docs/images')

fs.mkdirSync(FOLDER, { recursive: true })
const stage = await startStage()
try {
  for (const [colorScheme, file] of [
    ['light', 'lesson.png'],
    ['dark', 'lesson-dark.png'],
  ] as const) {
    const learner = await Learner.arrive(stage, { colorScheme, viewport: { width: 1440, height: 900 } })
    await learner.openStep('make-it-yours')
    await learner.type('mkdir -p /tmp/mycontainer/rootfs && cd /tmp/mycontainer\r')
    await learner.type('docker export $(docker create busybox) | tar -C rootfs -xf - && runc spec && clear\r')
    await learner.editorShows('"ociVersion"')
    await learner.replaceInEditor('"hostname": "runc"', '"hostname": "mycontainer"')
    await learner.saved()
    await learner.replaceInEditor('"sh"', '"sh", "-c", "echo Hello from $(hostname); exec sh"')
    await learner.saved()
    await learner.run('cd /tmp/mycontainer && runc run demo')
    await learner.sees('Hello from mycontainer')
    await learner.type('ps\r')
    await learner.sees(/PID +USER[\s\S]*#\s*$/)
    await learner.stepDone()
    // The prose from its beginning, not where the button was.
    await learner.page.locator('main').evaluate((main) => main.scrollTo(0, 0))
    await learner.page.screenshot({ path: path.join(FOLDER, file) })
    await learner.leave()
  }
} finally {
  await stage.stop()
}
