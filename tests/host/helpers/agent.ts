/** An agent as it is, compiled for the tests: started by itself, with a folder to work in, and gone after each test. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, afterEach, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { AgentChannel, type AgentFile } from '../../../server/host/agent/channel.ts'

export const MIB = 1024 * 1024
const sources = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../sandbox')
export const isRoot = process.getuid?.() === 0
export const can = (...argv: [string, ...string[]]) => spawnSync(argv[0], argv.slice(1)).status === 0
export const canMount = isRoot && can('unshare', '-m', 'true')

let base = ''
export let agentFile = ''
export let launchFile = ''
export let dir = ''
let count = 0
const started: { channel: AgentChannel; child: ChildProcess }[] = []

before(() => {
  base = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-test-'))
  agentFile = path.join(base, 'agent')
  launchFile = path.join(base, 'launch')
  const compile = (files: string[], to: string) =>
    execFileSync('gcc', ['-O2', '-static', '-Wall', '-Wextra', '-Werror', ...files, '-o', to])
  const agent = path.join(sources, 'agent')
  const parts = fs.readdirSync(agent).filter((name) => name.endsWith('.c'))
  compile(
    parts.map((name) => path.join(agent, name)),
    agentFile,
  )
  compile([path.join(sources, 'host/launch.c')], launchFile)
})
after(() => fs.rmSync(base, { recursive: true, force: true }))
afterEach(() => {
  for (const { channel, child } of started.splice(0)) {
    channel.close()
    child.kill('SIGKILL')
  }
})

export async function until<T>(what: string, look: () => T, ms = 5000): Promise<NonNullable<Awaited<T>>> {
  for (const end = performance.now() + ms; ; ) {
    const found = await look()
    if (found) return found
    if (performance.now() > end) assert.fail(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export function freshDir(): string {
  dir = path.join(base, `d${++count}`)
  fs.mkdirSync(dir)
  return dir
}

/** An agent of its own. `wrap` is put before its command line. */
export async function start(...wrap: string[]) {
  const [file, ...args] = [...wrap, agentFile]
  const child = spawn(file!, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone: Error[] = []
  const channel = new AgentChannel(child, (reason) => gone.push(reason))
  started.push({ channel, child })
  await channel.ready()
  return { channel, child, gone }
}

export const words = (file: AgentFile | undefined) =>
  file?.state === 'file' ? Buffer.from(file.bytes).toString() : file?.state === 'absent' ? null : file?.why

/** Follows a file; `seen` has its content, null for absent, or the reason for being unreadable. */
export function follow(channel: AgentChannel, file: string) {
  const files: AgentFile[] = []
  const stop = channel.watch(file, (next) => files.push(next))
  return {
    files,
    stop,
    seen: () => files.map(words),
    last: () => files.at(-1),
    token: () => {
      const now = files.at(-1)
      return now?.state === 'file' ? now.token : null
    },
    until: (content: string | null) =>
      until(`${file} is ${content}, seen ${JSON.stringify(files.map(words)).slice(0, 300)}`, () =>
        files.length > 0 && words(files.at(-1)) === content ? true : null,
      ),
  }
}

export const sh = (script: string) => execFileSync('sh', ['-c', script], { cwd: dir })
export const text = (content: string) => Buffer.from(content)
/** What is in the directory but should not be: temporary files. */
export const litter = (where = dir) => fs.readdirSync(where).filter((name) => name.includes('.lab-'))

/** Whether the process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
