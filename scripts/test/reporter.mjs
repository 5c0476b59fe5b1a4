/** A reporter for node:test: one line for each test as it ends, and each result as JSON on descriptor 3. */
import { writeSync } from 'node:fs'
import { relative } from 'node:path'
import { inspect } from 'node:util'

// The runner reads it; there is none when somebody uses the reporter by hand.
function tell(result) {
  try {
    writeSync(3, `${JSON.stringify(result)}\n`)
  } catch {}
}

const time = (ms) => (ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`)

/** What to show of an error: the assertion's message and diff, and the stack as far as it is ours. */
function details(error) {
  const cause = error?.cause ?? error
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause)
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*(node:internal|node:async_hooks|node:diagnostics)/.test(line))
    .map((line) => `        ${line}`)
    .join('\n')
}

/** One line that says what was wrong, for the list at the end. */
function headline(error) {
  const cause = error?.cause ?? error
  const lines = String(cause?.message ?? cause).split('\n')
  return lines.find((line) => line.trim() !== '')?.trim() ?? 'no message'
}

const isSkipped = ({ skip }) => skip !== undefined && skip !== false

/**
 * A suite, or a test that failed only because one inside it did: that one is reported itself. A suite that is skipped has
 * nothing inside.
 */
const isContainer = ({ skip, details: { type, error } }) =>
  (type === 'suite' && !isSkipped({ skip }) && (!error || error.failureType === 'subtestsFailed')) ||
  error?.failureType === 'subtestsFailed'

export default async function* report(source) {
  const names = []
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      names[data.nesting] = data.name
      names.length = data.nesting + 1
    }
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (isContainer(data)) continue
    const path = [...names.slice(0, data.nesting), data.name].join(' › ')
    const skipped = isSkipped(data)
    // node:test counts a failing "todo" as no failure.
    const todo = data.todo !== undefined && data.todo !== false
    if (skipped || (todo && type === 'test:fail')) {
      const reason = [data.skip, data.todo].find((why) => typeof why === 'string' && why !== '')
      tell({ result: 'skipped', name: path, reason })
      yield `  - ${path} (skipped${reason ? `: ${reason}` : ', without a reason'})\n`
    } else if (type === 'test:pass') {
      tell({ result: 'passed', name: path })
      yield `  ✓ ${path} (${time(data.details.duration_ms)})\n`
    } else {
      tell({ result: 'failed', name: path, problem: headline(data.details.error) })
      const where = data.file ? ` at ${relative(process.cwd(), data.file)}:${data.line ?? 0}` : ''
      yield `  ✗ ${path} (${time(data.details.duration_ms)})${where}\n${details(data.details.error)}\n`
    }
  }
}
