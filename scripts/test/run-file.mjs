/** Runs one test file in a process of its own, and counts what it reports. */
import { spawn } from 'node:child_process'
import { lines } from '../lib/command.mjs'
import { inRoot, root } from '../lib/paths.mjs'

const CLEAN_UP_MS = 10_000

/**
 * `output` is all that it has printed. `problems` are failures of the file itself, each a sentence: a crash, a time-out,
 * no test at all.
 */
export function runFile(file, { timeoutMs }) {
  const args = [
    // In full, because a file may lie outside the checkout.
    `--import=${import.meta.resolve('tsx')}`,
    `--test-reporter=${inRoot('scripts', 'test', 'reporter.mjs')}`,
    '--test-reporter-destination=stdout',
    file,
  ]
  return new Promise((resolve) => {
    const results = []
    const problems = []
    let output = ''
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: withoutRunner(process.env),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // A process group of its own, so that all it started can be ended with it.
      detached: true,
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    lines(child.stdio[3].setEncoding('utf8'), (line) => results.push(JSON.parse(line)))

    const signal = (name) => {
      try {
        process.kill(-child.pid, name)
      } catch {
        // The whole group is gone already.
      }
    }
    let force
    const timer = setTimeout(() => {
      problems.push(`did not end within ${timeoutMs / 1000} s and was killed`)
      // First in a way that lets it destroy its sandboxes.
      signal('SIGTERM')
      force = setTimeout(signal, CLEAN_UP_MS, 'SIGKILL')
    }, timeoutMs)
    const interrupted = () => {
      signal('SIGTERM')
      process.exitCode = 130
    }
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted)

    child.on('error', (error) => problems.push(`could not be started: ${error.message}`))
    child.on('exit', (code, name) => {
      clearTimeout(timer)
      clearTimeout(force)
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
      signal('SIGKILL')
      const failed = results.some(({ result }) => result === 'failed')
      if (problems.length === 0) {
        if (code !== 0 && !failed) problems.push(`crashed (${name ?? `exit code ${code}`})`)
        else if (results.length === 0) problems.push('has no tests')
      }
      // What it reported last may still be in the pipe.
      setTimeout(() => resolve({ output, results, problems }), 50)
    })
  })
}

/** A runner within a runner: node:test would take the inner one for a part of the outer one. */
function withoutRunner({ NODE_TEST_CONTEXT: _, ...env }) {
  return env
}
