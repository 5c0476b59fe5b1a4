/** Step 4: bundles the programs of the lab from TypeScript into build/, so that they start fast and without tsx. */
import { existsSync } from 'node:fs'
import { inRoot, root } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'
import { hashOf, readStamp, removeStamp, writeStamp } from '../lib/stamp.mjs'

/** Name in build/ and source of each program. */
export const ENTRIES = {
  config: 'server/config.ts',
  'config-report': 'server/config-report.ts',
  host: 'server/host/main.ts',
  screens: 'server/host/screens/worker.ts',
  web: 'server/web/main.ts',
  image: 'sandbox/build.ts',
  lesson: 'scripts/lesson/main.ts',
}

const stamp = inRoot('build', '.stamp')

const wanted = () =>
  hashOf(['server', 'spec', 'sandbox', 'scripts/lesson', 'package-lock.json', 'scripts/setup/servers.mjs'], {
    // sandbox/ also holds files that are laid over the learner's machine; those are the image's business.
    only: (path) => !path.startsWith('sandbox/') || path.endsWith('.ts'),
    extra: 'servers',
  })

export async function buildServers() {
  const outputs = Object.keys(ENTRIES).map((name) => inRoot('build', `${name}.js`))
  const hash = wanted()
  if (readStamp(stamp) === hash && outputs.every(existsSync)) return 'up to date'

  for (const source of Object.values(ENTRIES)) {
    if (existsSync(inRoot(source))) continue
    throw new Refusal(
      `${source} is missing: this checkout is incomplete.`,
      'Run: git status   and restore it.',
    )
  }
  removeStamp(stamp)
  // Only now: esbuild is one of the packages that step 3 installs.
  const { build } = await import('esbuild')
  try {
    await build({
      absWorkingDir: root,
      entryPoints: ENTRIES,
      outdir: 'build',
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      sourcemap: true,
      logLevel: 'silent',
    })
  } catch (error) {
    throw new Refusal(
      'The servers could not be built.',
      'Correct the lines above and start again.',
      error.message,
    )
  }
  writeStamp(stamp, hash)
}
