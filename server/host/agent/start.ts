/** Starts one of the lab's own programs in a sandbox: the agent, or the lens's collector. */
import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { SandboxProvider } from '../providers/provider.ts'
import type { AgentStreams } from './channel.ts'

/** `program` is its path in the sandbox. It ends when its streams do. */
export function startHelper(provider: SandboxProvider, id: string, program: string): AgentStreams {
  const { file, args } = provider.command(id, [program], { tty: false, detach: true, cwd: '/' })
  // The command ends as soon as the program runs, and Node then destroys the command's `stdin`. A further descriptor it
  // leaves alone, so the program gets that one for both its input and its output.
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" <&3 >&3 3>&-', file, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: {} as NodeJS.ProcessEnv,
  })
  const socket = child.stdio[3] as Duplex
  child.on('error', () => socket.destroy())
  // Whoever talks to it gives up after a while; a runtime that hangs must not stay behind.
  socket.on('close', () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  return { stdin: socket, stdout: socket }
}
