/** Runs the project's scripts as programs, and loads parts of them. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'

export const ROOT = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '../../..',
)

/** The scripts are plain JavaScript without types, so what they export is `any` here. */
export const load = (name: string) => import(path.join(ROOT, 'scripts', name))

/** The environment of the tests without the settings of a lab. */
export function plainEnv(more: Record<string, string | undefined> = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(LAB_|PORT$|HOST$|CI$|npm_)/.test(name))
  return { ...Object.fromEntries(kept), ...more } as NodeJS.ProcessEnv
}

/** Runs to the end; `output` is both streams in the order of arrival. */
export function run(command: string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), {
      cwd: options.cwd ?? ROOT,
      env: options.env ?? plainEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** A folder with these files, gone after the test. Others may read it. */
export function folderWith(t: TestContext, files: Record<string, string>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'runc-lab-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** Waits until it is so, or fails the test with what it was waiting for. */
export async function until(what: string, isSo: () => boolean, timeoutMs = 10_000) {
  const end = Date.now() + timeoutMs
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
