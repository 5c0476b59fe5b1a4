/** Runs TypeScript of this repository without a build of before: esbuild bundles it in memory, in some hundredths of a second. */
import { build } from 'esbuild'
import { inRoot, root } from './paths.mjs'

/** The module that the file at that path, from the top of the repository, makes together with what it imports. */
export async function importBundled(path) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [inRoot(...path.split('/'))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // jsonc-parser's other form loads its parts in a way that cannot be bundled.
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}
