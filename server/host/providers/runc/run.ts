/** Runs a short program of this host to its end, with a time limit and its output kept. */
import { spawn } from 'node:child_process'

export class CommandError extends Error {}

/**
 * Resolves with standard output when `file` exits with 0. Rejects with a CommandError that carries what it printed, or
 * after `timeoutMs`, when its process group is killed. Waits for the exit only: a daemon left behind may keep the pipes.
 */
export function run(
  file: string,
  args: string[],
  options: { timeoutMs?: number; env?: Record<string, string> } = {},
): Promise<string> {
  const { timeoutMs = 20_000, env } = options
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ...env,
      } as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-8192)
    })
    const fail = (why: string) => reject(new CommandError(`${file} ${args[0] ?? ''}: ${why}`))
    const timer = setTimeout(() => {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // Its end is only not yet told.
      }
      fail(`no answer within ${timeoutMs / 1000} s`)
    }, timeoutMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      fail(error.message)
    })
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      // What is already in the pipes is still to be read.
      setImmediate(() => {
        if (code === 0) resolve(stdout)
        else fail(stderr.trim() || `ended with ${signal ?? `exit code ${code}`}${printed(stdout)}`)
        child.stdout.destroy()
        child.stderr.destroy()
      })
    })
  })
}

/** Standard output is an answer, not a complaint; it is told where there is no other word. */
const printed = (stdout: string) =>
  stdout.trim() ? `, after it had printed: ${stdout.trim().slice(-500)}` : ''
