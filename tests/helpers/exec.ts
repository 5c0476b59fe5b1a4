/** Programs in a sandbox, started the way the product starts them, with everything they said. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { SandboxProvider } from '../../server/host/providers/provider.ts'

export interface Outcome {
  /** The exit code; -1 if it did not end in time and was killed. */
  status: number
  stdout: string
  stderr: string
}

export const newId = () => randomBytes(10).toString('hex')

/** Runs `argv` in the sandbox to its end. A daemon that it leaves must not keep its output open. */
export function exec(
  provider: SandboxProvider,
  id: string,
  argv: string[],
  { timeoutMs = 30_000 } = {},
): Promise<Outcome> {
  const { file, args } = provider.command(id, argv, { tty: false })
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
      child.stdout.destroy()
      child.stderr.destroy()
    }, timeoutMs)
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ status: late ? -1 : (code ?? -1), stdout, stderr })
    })
  })
}

/** Runs a bash script in the sandbox. */
export const sh = (provider: SandboxProvider, id: string, script: string, options?: { timeoutMs?: number }) =>
  exec(provider, id, ['/bin/bash', '-c', script], options)

/** The host's number of the sandbox's first process. */
export function initPid(runDir: string, id: string): number {
  return JSON.parse(fs.readFileSync(path.join(runDir, 'runc', id, 'state.json'), 'utf8')).init_process_pid
}
