/** The test runner: its last line and its exit code can be relied on, whatever a test file does. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { folderWith, load, plainEnv, ROOT, run } from './helpers/run.ts'

const good = `import { test } from 'node:test'\ntest('is well', () => {})\n`
const bad = `import { test } from 'node:test'\ntest('is ill', () => { throw new Error('the reason') })\n`

async function runner(t: TestContext, files: Record<string, string>, env = {}, ...args: string[]) {
  const folder = folderWith(t, files)
  const command = [process.execPath, path.join(ROOT, 'scripts/test.mjs'), '--no-setup', `--folder=${folder}`]
  const { code, output } = await run([...command, ...args], { env: plainEnv(env) })
  return { code, output, last: output.trimEnd().split('\n').at(-1) }
}

test('one file passes and one fails', async (t) => {
  const { code, output, last } = await runner(t, { 'a.test.ts': good, 'b.test.ts': bad })
  assert.equal(last, '1 passed, 1 failed')
  assert.equal(code, 1)
  assert.match(output, /✓ is well \(\d+ ms\)/)
  assert.match(output, /✗ is ill .*\n\s+Error: the reason/)
  assert.match(output, /Failed:\n\s+.*b\.test\.ts: is ill\n\s+the reason\n/)
})

test('all pass', async (t) => {
  const { code, last } = await runner(t, { 'a.test.ts': good, 'b.test.ts': good })
  assert.equal(last, '2 passed, 0 failed')
  assert.equal(code, 0)
})

test('only the files asked for', async (t) => {
  const { code, last } = await runner(t, { 'a.test.ts': good, 'b.test.ts': bad }, {}, 'a.test')
  assert.equal(last, '1 passed, 0 failed')
  assert.equal(code, 0)
})

test('no test at all is a failure', async (t) => {
  const { code, last } = await runner(t, {})
  assert.equal(last, '0 passed, 0 failed')
  assert.equal(code, 1)
})

test('a file without tests, and one that crashes', async (t) => {
  const files = { 'a.test.ts': 'export {}\n', 'b.test.ts': `throw new Error('at once')\n`, 'c.test.ts': good }
  const { code, output, last } = await runner(t, files)
  assert.equal(last, '1 passed, 2 failed')
  assert.equal(code, 1)
  assert.match(output, /a\.test\.ts: the file has no tests/)
  assert.match(output, /b\.test\.ts: the file crashed \(exit code \d+\)/)
})

test('a file that dies half-way', async (t) => {
  const dies = `${good}test('the next', () => new Promise(() => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300)))\n`
  const { code, output, last } = await runner(t, { 'a.test.ts': dies })
  assert.equal(last, '1 passed, 1 failed')
  assert.equal(code, 1)
  assert.match(output, /the file crashed \(SIGKILL\)/)
})

test('suites and subtests count once, by the tests inside', async (t) => {
  const text = `import { describe, it, test } from 'node:test'
describe('suite', () => { it('one', () => {}); it('two', () => { throw new Error('no') }) })
test('outer', async (t) => { await t.test('inner', () => { throw new Error('no') }) })\n`
  const { output, last } = await runner(t, { 'a.test.ts': text })
  assert.equal(last, '1 passed, 2 failed')
  assert.match(output, /✓ suite › one/)
  assert.match(output, /✗ outer › inner/)
})

test('a skipped test needs a reason on a build server', async (t) => {
  const text = `${good}test('later', { skip: true }, () => {})\ntest('never', { skip: 'no KVM here' }, () => {})\n`
  const here = await runner(t, { 'a.test.ts': text })
  assert.equal(here.last, '1 passed, 0 failed')
  assert.match(here.output, /Skipped:\n\s+.*: later\n\s+.*: never \(no KVM here\)\n/)
  assert.equal(here.code, 0)
  const there = await runner(t, { 'a.test.ts': text }, { CI: 'true' })
  assert.equal(there.last, '1 passed, 1 failed')
  assert.equal(there.code, 1)
})

test('a suite that is skipped counts as one, with its reason', async (t) => {
  const text = `import { describe, it } from 'node:test'
describe('all of it', { skip: 'no KVM here' }, () => { it('one', () => {}); it('two', () => {}) })\n`
  const { output, last, code } = await runner(t, { 'a.test.ts': good, 'b.test.ts': text }, { CI: 'true' })
  assert.equal(last, '1 passed, 0 failed')
  assert.match(output, /- all of it \(skipped: no KVM here\)/)
  assert.equal(code, 0)
})

test('a file that hangs is killed with what it started', async (t) => {
  const folder = folderWith(t, {
    'a.test.ts': `import { test } from 'node:test'\nimport { spawn } from 'node:child_process'
test('hangs', async () => { spawn('sleep', ['4242.5']); await new Promise((r) => setTimeout(r, 60_000)) })\n`,
  })
  const { runFile } = await load('test/run-file.mjs')
  const { problems } = await runFile(path.join(folder, 'a.test.ts'), { timeoutMs: 1500 })
  assert.deepEqual(problems, ['did not end within 1.5 s and was killed'])
  assert.notEqual((await run(['pgrep', '-f', 'sleep 4242[.]5'])).code, 0)
})

/** A test that ends when all the files it waits for are there, having written one of its own. */
const meets = (own: string, others: string[]) => `import { test } from 'node:test'
import fs from 'node:fs'
const at = (name) => new URL('./' + name, import.meta.url)
test('meets', async () => {
  fs.writeFileSync(at('${own}'), '')
  while (!${JSON.stringify(others)}.every((name) => fs.existsSync(at(name)))) await new Promise((r) => setTimeout(r, 20))
})\n`

test('two files at a time, each shown as a whole', async (t) => {
  const files = { 'a.test.ts': meets('a', ['b']), 'b.test.ts': meets('b', ['a']), 'c.test.ts': bad }
  const { output, last } = await runner(t, files, {}, '--lanes=2')
  assert.equal(last, '2 passed, 1 failed')
  assert.match(output, /a\.test\.ts \([\d.]+ s\)\n {2}✓ meets .*\n/)
  assert.match(output, /c\.test\.ts \([\d.]+ s\)\n {2}✗ is ill .*\n\s+Error: the reason/)
})

test('what changes the machine runs by itself, after all others', async (t) => {
  const alone = `import { test } from 'node:test'
import assert from 'node:assert'
import fs from 'node:fs'
test('others have ended', () => {
  for (const name of ['a', 'b']) assert.ok(fs.existsSync(new URL('../' + name, import.meta.url)), name)
})\n`
  const files = { 'a.test.ts': meets('a', ['b']), 'b.test.ts': meets('b', ['a']), 'network/x.test.ts': alone }
  const { last, code } = await runner(t, files, {}, '--lanes=2')
  assert.equal(last, '3 passed, 0 failed')
  assert.equal(code, 0)
})

test('a number of lanes that is none', async (t) => {
  const { output, code } = await runner(t, { 'a.test.ts': good }, {}, '--lanes=no')
  assert.match(output, /--lanes=no is no number of files/)
  assert.equal(code, 1)
})

test('fixtures and helpers are no tests, and e2e comes last', async (t) => {
  const { testFiles } = await load('test/files.mjs')
  const folder = folderWith(t, {})
  await run(['mkdir', '-p', 'e2e', 'host', 'fixtures', 'web/helpers'], { cwd: folder })
  const names = [
    'e2e/a.test.ts',
    'host/b.test.ts',
    'z.test.ts',
    'fixtures/c.test.ts',
    'web/helpers/d.test.ts',
    'e.ts',
  ]
  await run(['touch', ...names], { cwd: folder })
  const found = testFiles(folder).map((file: string) => path.relative(folder, file))
  assert.deepEqual(found, ['host/b.test.ts', 'z.test.ts', 'e2e/a.test.ts'])
})
