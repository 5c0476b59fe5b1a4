/** Runs test files, some at a time, and closes with the line that says how many passed and failed. */
import { relative } from 'node:path'
import { root } from '../lib/paths.mjs'
import { runFile } from './run-file.mjs'

const TIMEOUT_MS = 10 * 60_000

/**
 * `lanes`: how many files run at a time; each is shown as a whole when it has ended. Those for which `alone` is true
 * run by themselves after all others.
 * `strict`, on a build server: a test that is skipped without saying why counts as failed. Returns the exit code.
 */
export async function runAll(
  files,
  { lanes = 1, alone = () => false, strict = false, timeoutMs = TIMEOUT_MS, say = console.log } = {},
) {
  const count = { passed: 0, failed: 0, skipped: 0 }
  const failures = []
  const skips = []
  const isOver = () => process.exitCode === 130

  async function run(file) {
    const name = relative(root, file)
    const started = performance.now()
    const { output, results, problems } = await runFile(file, { timeoutMs })
    say(`\n${name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n${output.trimEnd()}`)
    for (const { result, name: test, reason, problem } of results) {
      const unexplained = strict && result === 'skipped' && !reason
      count[unexplained ? 'failed' : result]++
      if (unexplained) failures.push(`${name}: ${test} is skipped without a reason`)
      if (result === 'skipped' && !unexplained) skips.push(`${name}: ${test}${reason ? ` (${reason})` : ''}`)
      if (result === 'failed') failures.push(`${name}: ${test}\n    ${problem}`)
    }
    for (const problem of problems) {
      count.failed++
      failures.push(`${name}: the file ${problem}`)
      say(`  ✗ the file ${problem}`)
    }
  }

  async function lane(waiting) {
    while (waiting.length > 0 && !isOver()) await run(waiting.shift())
  }

  const together = files.filter((file) => !alone(file))
  await Promise.all(Array.from({ length: lanes }, () => lane(together)))
  await lane(files.filter(alone))

  if (isOver()) say('\nInterrupted: the remaining files were not run.')
  const none = count.passed + count.failed === 0
  if (none) say('\nNo test was run.')
  const list = (title, items) => {
    if (items.length > 0) say(['', `${title}:`, ...items.map((item) => `  ${item}`)].join('\n'))
  }
  list('Skipped', skips)
  list('Failed', failures)
  // The last line has this form whatever was skipped: build servers read it.
  say(`\n${count.passed} passed, ${count.failed} failed`)
  return none || isOver() || count.failed > 0 ? 1 : 0
}
