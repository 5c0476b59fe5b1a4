/** What a start refuses before it does anything: each time one sentence, what to do, exit code 1, no stack trace. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { load, plainEnv, ROOT, run } from './helpers/run.ts'

const start = (env: Record<string, string>, program = path.join(ROOT, 'scripts/start.mjs')) =>
  run([process.execPath, program], { env: plainEnv(env), cwd: tmpdir() })

function assertRefusal(
  { code, output }: { code: number | null; output: string },
  what: RegExp,
  next: RegExp,
) {
  assert.equal(code, 1, output)
  assert.match(output, what)
  assert.match(output, next)
  assert.doesNotMatch(output, /^\s+at /m)
}

test('a port that another program has', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  const refused = await start({ PORT: String(port) })
  assertRefusal(
    refused,
    new RegExp(`✗ Port ${port} of 127.0.0.1 is taken by another program`),
    /→ Stop that program/,
  )
  assert.doesNotMatch(refused.output, /\[2\//, 'nothing else was begun')
})

test('a port that is none', async () => {
  assertRefusal(
    await start({ PORT: 'eighty' }),
    /✗ PORT=eighty: must be a whole number from 0 to 65535/,
    /→ Correct it/,
  )
})

test('an address of another machine', async () => {
  assertRefusal(
    await start({ HOST: '192.0.2.1', PORT: '0' }),
    /HOST=192\.0\.2\.1, PORT=0 \(EADDRNOTAVAIL\)/,
    /→ Set HOST/,
  )
})

test('a user who is not root', async (t) => {
  // A copy, because that user may be unable to read the checkout; nothing but Node is needed up to here.
  const folder = mkdtempSync(path.join(tmpdir(), 'runc-lab-scripts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(path.join(ROOT, 'scripts'), path.join(folder, 'scripts'), { recursive: true })
  cpSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'))
  await run(['chmod', '-R', 'a+rX', folder])
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const refused = await run([...nobody, process.execPath, path.join(folder, 'scripts/start.mjs')], {
    cwd: '/',
  })
  assertRefusal(
    refused,
    /✗ The lab must be started by root, and this is user 65534/,
    /→ Start it again with: sudo npm start/,
  )
})

test('a Node that is too old', async () => {
  const { checkNode } = await load('setup/preflight.mjs')
  for (const version of ['18.20.8', '20.8.1']) {
    assert.throws(() => checkNode(version), {
      name: 'Refusal',
      message: new RegExp(`This is Node ${version}`),
    })
  }
  for (const version of ['20.9.0', '22.0.0', '24.11.1']) checkNode(version)
})

test('a processor that the sandboxes have no filter for', async () => {
  const { checkProcessor } = await load('setup/preflight.mjs')
  assert.throws(() => checkProcessor('riscv64'), { name: 'Refusal', message: /processor is riscv64/ })
  for (const name of ['x64', 'arm64']) checkProcessor(name)
})

test('a disk that is too full', async () => {
  const { checkDisk } = await load('setup/preflight.mjs')
  const absent = '/nonexistent/image'
  assert.throws(
    () => checkDisk('/var/lib/x', absent, () => 2047),
    /2047 MiB are free where .* 2048 MiB are needed/,
  )
  checkDisk('/var/lib/x', absent, () => 2048)
})

test('user namespaces that are switched off', async () => {
  const { checkUserNamespaces } = await load('setup/preflight.mjs')
  assert.throws(() => checkUserNamespaces(() => '0\n'), { next: /sysctl -w user\.max_user_namespaces/ })
})

test('a setting that is wrong, after the servers are built', { timeout: 300_000 }, async () => {
  const refused = await start({ PORT: '0', LAB_CPUS: 'many', LAB_NAME: 'runclab-test-settings' })
  assertRefusal(
    refused,
    /✗ LAB_CPUS=many: must be a number of processors/,
    /→ Correct it in the environment or in \.env/,
  )
})
