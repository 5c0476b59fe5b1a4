/** Step 7: the web site, built by Next.js into .next when anything it is made from has changed. */
import { existsSync } from 'node:fs'
import { run } from '../lib/command.mjs'
import { inRoot } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'
import { hashOf, readStamp, removeStamp, writeStamp } from '../lib/stamp.mjs'

const INPUTS = [
  'app',
  'components',
  'lessons',
  'public',
  'spec',
  'server/lessons',
  'server/protocol',
  'next.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
  'package-lock.json',
]

const stamp = inRoot('.next', 'runc-lab-stamp')

export async function buildSite(say) {
  const hash = hashOf(INPUTS, { extra: `site ${process.env.LAB_BASE_PATH ?? ''}` })
  if (readStamp(stamp) === hash && existsSync(inRoot('.next', 'BUILD_ID'))) return 'up to date'
  removeStamp(stamp)
  const next = inRoot('node_modules', 'next', 'dist', 'bin', 'next')
  const result = await run(process.execPath, [next, 'build'], {
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    // Not the table of pages at its end.
    onLine: (line) => /^\s*([┌├└│○●]|$)/.test(line) || say(line.trim().replace(/[ .]+$/, '')),
  })
  if (result.code !== 0) {
    throw new Refusal(
      `next build failed (${result.how}).`,
      'Correct the lines above and start again.',
      result.output,
    )
  }
  writeStamp(stamp, hash)
}
