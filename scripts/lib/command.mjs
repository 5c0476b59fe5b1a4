/** Runs other programs: quietly with their output kept, or in the open. Each gets an argument list, never a shell. */
import { spawn } from 'node:child_process'
import { root } from './paths.mjs'

// Enough for any compiler error, and bounded however much a program prints.
const KEEP = 200_000

/**
 * Runs to the end and keeps what was printed. `onLine` is called with each line, `onStatus` with each line
 * that the program writes to descriptor 3 (apt reports its progress that way). `how` says how it ended.
 */
export function run(command, args, { env = process.env, cwd = root, onLine, onStatus } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
    let output = ''
    const keep = (text) => {
      output = (output + text).slice(-KEEP)
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', keep)
      if (onLine) lines(stream, onLine)
    }
    lines(child.stdio[3].setEncoding('utf8'), onStatus ?? (() => {}))
    child.on('error', (error) =>
      resolve({ code: 127, how: error.code, output: `${command}: ${error.message}\n` }),
    )
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 128, how: signal ?? `exit code ${code}`, output }),
    )
  })
}

/** Runs with this terminal as its own. Resolves to the exit code. */
export function runOpenly(command, args, { env = process.env, cwd = root } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', () => resolve(127))
    child.on('close', (code) => resolve(code ?? 128))
  })
}

/** Calls back with each whole line of a text stream, and with what is left at its end. */
export function lines(stream, callback) {
  let rest = ''
  stream.on('data', (text) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()
    for (const part of parts) callback(part)
  })
  stream.on('end', () => {
    if (rest) callback(rest)
  })
}

/** The last lines of some output, for a message. */
export const lastLines = (output, count = 40) => output.trimEnd().split('\n').slice(-count).join('\n')
