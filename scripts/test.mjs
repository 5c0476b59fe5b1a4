/**
 * `npm test`: sets everything up, then runs every *.test.ts below tests/.
 * `npm test -- path/part …` runs the files whose path contains one of the parts.
 * `--no-setup` skips the setting up; `--folder=DIR` takes the tests of another folder; `--lanes=N` runs so many files at
 * a time: two where there are two processors, since much of what tests do is to wait.
 */
import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { inRoot, root } from './lib/paths.mjs'
import { main, Refusal } from './lib/refusal.mjs'
import { setUp } from './setup/index.mjs'
import { TEST_PACKAGES } from './setup/packages.mjs'
import { runsAlone, testFiles } from './test/files.mjs'
import { runAll } from './test/run-all.mjs'

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'no-setup': { type: 'boolean' },
      folder: { type: 'string' },
      lanes: { type: 'string' },
    },
  })
  const lanes = Number(values.lanes ?? Math.min(2, availableParallelism()))
  if (!(Number.isInteger(lanes) && lanes > 0)) {
    throw new Refusal(`--lanes=${values.lanes} is no number of files.`, 'Such as: npm test -- --lanes=2')
  }
  const folder = values.folder ? resolve(values.folder) : inRoot('tests')
  const files = testFiles(folder, positionals)
  if (files.length === 0 && positionals.length > 0) {
    const known = testFiles(folder).map((file) => relative(root, file))
    throw new Refusal(
      `No test file's path contains ${positionals.join(' or ')}.`,
      `There are:\n${known.join('\n')}`,
    )
  }
  // The lab's port may be taken: tests pick their own.
  if (!values['no-setup']) await setUp({ port: false, packages: TEST_PACKAGES })
  return runAll(files, { lanes, alone: runsAlone(folder), strict: process.env.CI === 'true' })
})
