/** What attackers and those who watch them need: two neighbours, scripts that must succeed or fail, and the host's view. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, type TestContext } from 'node:test'
import type { SandboxProvider } from '../../../server/host/providers/provider.ts'
import { parseHierarchies } from '../../../server/host/providers/runc/hierarchies.ts'
import { currentImage } from '../../../server/host/providers/runc/image.ts'
import type { Tier } from '../../../server/protocol/tier.ts'
import { initPid, newId, sh } from '../../helpers/exec.ts'
import { testProvider } from '../../helpers/lab.ts'

/** Runs `argv` in the sandbox with `input`. Resolves with its output; rejects if it fails. */
export function feed(
  provider: SandboxProvider,
  id: string,
  argv: string[],
  input: string | Buffer,
): Promise<string> {
  const { file, args } = provider.command(id, argv, { tty: false })
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(stdout) : reject(new Error(`${argv}: ${code} ${stderr}`)),
    )
    child.stdin.end(input)
  })
}

/**
 * A provider of its own with two sandboxes: `a`, in which attackers are at work, and `b`, their neighbour, whom no test
 * may harm. Made before the tests of the file and destroyed after them.
 */
export function neighbours(env: Record<string, string> = {}) {
  const lab = testProvider(env)
  const { provider, config } = lab
  const [a, b] = [newId(), newId()]
  before(async () => {
    await Promise.all([provider.create(a, 'a'), provider.create(b, 'b')])
  })
  after(() => lab.dispose())

  return {
    provider,
    config,
    a,
    b,
    image: currentImage(config.imageDir),

    /** A sandbox for one test that may ruin it. */
    async fresh(t: TestContext, tier?: Tier): Promise<string> {
      const id = newId()
      t.after(() => provider.destroy(id))
      await provider.create(id, id, { tier })
      return id
    },

    /** What a script prints, which must succeed. */
    async says(id: string, script: string, options?: { timeoutMs?: number }): Promise<string> {
      const { status, stdout, stderr } = await sh(provider, id, script, options)
      assert.equal(status, 0, `${script}: ${stdout}${stderr}`)
      return stdout.trim()
    },

    /** The words with which a script fails, which it must. */
    async refused(id: string, script: string): Promise<string> {
      const { status, stdout, stderr } = await sh(provider, id, script)
      assert.notEqual(status, 0, `${script} should have failed: ${stdout}`)
      return stderr
    },

    /** Starts a script in the sandbox and does not wait for it. */
    start(id: string, script: string): void {
      const { file, args } = provider.command(id, ['/bin/bash', '-c', script], { tty: false, detach: true })
      assert.equal(spawnSync(file, args, { stdio: 'ignore' }).status, 0)
    },

    /** The host's number of the sandbox's first process. */
    initPid: (id: string) => initPid(config.runDir, id),

    /** The sandbox's limiting cgroup, in every hierarchy of the host. */
    cgroupDirs: (id: string) =>
      parseHierarchies(fs.readFileSync('/proc/self/mountinfo', 'utf8')).map((h) =>
        path.join(h.mount, config.name, id),
      ),
  }
}

/** One digest of all these files. */
export function digest(files: string[]): string {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) hash.update(file).update(fs.readFileSync(file))
  return hash.digest('hex')
}

/** What the host executes for sandboxes. */
export const runtimeFiles = (runc: string) =>
  fs.readdirSync(path.dirname(runc)).map((name) => path.join(path.dirname(runc), name))

/** A setting of this host; undefined if the kernel does not have it. */
export const setting = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined)
