/** Runs test files one after the other and closes with the line that says how many passed and failed. */
import { relative } from 'node:path'
import { root } from '../lib/paths.mjs'
import { runFile } from './run-file.mjs'

const TIMEOUT_MS = 10 * 60_000

/** `strict`, on a build server: a test that is skipped without saying why counts as failed. Returns the exit code. */
export async function runAll(files, { strict = false, timeoutMs = TIMEOUT_MS, say = console.log } = {}) {
  const count = { passed: 0, failed: 0, skipped: 0 }
  const failures = []
  for (const file of files) {
    if (process.exitCode === 130) break
    const name = relative(root, file)
    say(`\n${name}`)
    const { results, problems } = await runFile(file, { timeoutMs })
    for (const { result, name: test, reason } of results) {
      const unexplained = strict && result === 'skipped' && !reason
      count[unexplained ? 'failed' : result]++
      if (unexplained) failures.push(`${name}: ${test} is skipped without a reason`)
      if (result === 'failed') failures.push(`${name}: ${test}`)
    }
    for (const problem of problems) {
      count.failed++
      failures.push(`${name}: the file ${problem}`)
      say(`  ✗ the file ${problem}`)
    }
  }
  const interrupted = process.exitCode === 130
  if (interrupted) say('\nInterrupted: the remaining files were not run.')
  const none = count.passed + count.failed === 0
  if (none) say('\nNo test was run.')
  if (failures.length > 0) say(['', 'Failed:', ...failures.map((failure) => `  ${failure}`)].join('\n'))
  say(`\n${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ''}`)
  return none || interrupted || count.failed > 0 ? 1 : 0
}
