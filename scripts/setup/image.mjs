/** Step 6: the learner's machine, as an image. The program that builds it knows whether there is anything to do. */
import { join } from 'node:path'
import { runOpenly } from '../lib/command.mjs'
import { inRoot } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'
import { readStamp } from '../lib/stamp.mjs'

export async function buildImage(env) {
  // Written last by the build; it names the image in use.
  const current = join(env.LAB_IMAGE_DIR, 'current')
  const before = readStamp(current)
  const code = await runOpenly(process.execPath, [inRoot('build', 'image.js')], { env })
  if (code !== 0) {
    throw new Refusal(
      `The lab is not started, because there is no sandbox image (exit code ${code}).`,
      'The lines above say why, and what to do.',
    )
  }
  return before !== '' && before === readStamp(current) ? 'up to date' : undefined
}
