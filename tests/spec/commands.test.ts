/** The commands lint:spec and explain as an author or a build server calls them: without a build, what they print, how they end. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { ROOT } from '../helpers/lab.ts'
import { FRESH } from './helpers/mistakes.ts'

let dir = ''
before(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lint-command-'))
})
after(() => fs.rmSync(dir, { recursive: true, force: true }))

function npm(script: string, args: string[], input?: string) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', script, '--', ...args], {
    cwd: ROOT,
    input: input ?? '',
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function file(text: string, name = 'config.json'): string {
  const to = path.join(dir, name)
  fs.writeFileSync(to, text)
  return to
}

test('a good file: an empty list, and 0', () => {
  const { status, stdout } = npm('lint:spec', ['--json', file(FRESH)])
  assert.deepEqual([status, JSON.parse(stdout)], [0, []])
})

test('a bad file: the findings, and 1', () => {
  const { status, stdout } = npm('lint:spec', ['--json', file(FRESH.replace('"cwd": "/"', '"cwd": "app"'))])
  const [found] = JSON.parse(stdout)
  assert.equal(status, 1)
  for (const key of ['id', 'severity', 'pointer', 'line', 'column', 'message', 'runc', 'fix'])
    assert.ok(key in found, key)
  assert.deepEqual(
    [found.id, found.severity, found.pointer, found.line, found.column, found.runc],
    ['cwd-relative', 'refused', '/process/cwd', 16, 10, 'runc run failed: Cwd must be an absolute path'],
  )
  assert.equal(found.fix.edits[0].text, '"/app"')
})

test('a file that runc takes, with findings: 0, and words for people', () => {
  const { status, stdout } = npm('lint:spec', [file(FRESH.replace('"cwd"', '"CWD"'))])
  assert.equal(status, 0)
  assert.match(stdout, /config\.json:16:3: style: .*\[key-case\]/)
})

test('with --bundle it looks at what lies there', () => {
  const bundle = fs.mkdtempSync(path.join(dir, 'bundle-'))
  const config = file(FRESH)
  const { status, stdout } = npm('lint:spec', ['--json', '--bundle', bundle, config])
  assert.equal(status, 1)
  assert.deepEqual(
    JSON.parse(stdout).map(({ id }: { id: string }) => id),
    ['rootfs-missing'],
  )
})

test('what cannot be read is said on standard error, with 2', () => {
  for (const args of [
    ['--json', path.join(dir, 'nope.json')],
    [],
    ['--nope', 'x'],
    ['--bundle', path.join(dir, 'nope'), file(FRESH)],
  ]) {
    const { status, stdout, stderr } = npm('lint:spec', args)
    assert.deepEqual([status, stdout], [2, ''], args.join(' '))
    assert.match(stderr, /\S/)
  }
})

test('a message is explained, from the command line and from standard input', () => {
  const message = 'time="2026-11-23T18:18:00Z" level=error msg="runc run failed: args must not be empty"'
  const { status, stdout } = npm('explain', ['--json', message])
  assert.equal(status, 0)
  const found = JSON.parse(stdout)
  assert.deepEqual(Object.keys(found), ['id', 'title', 'explanation', 'fix', 'pointer'])
  assert.deepEqual([found.id, found.pointer], ['args-empty', '/process/args'])
  const terminal =
    '\x1b[1mroot@sandbox\x1b[0m:~# runc run c1\r\n\x1b[31mERRO\x1b[0m[0000] runc run failed: args must not be empty \r\n'
  assert.deepEqual(JSON.parse(npm('explain', ['--json'], terminal).stdout), found)
  assert.match(npm('explain', [message]).stdout, /There is no program to run/)
})

test('an unknown message is null', () => {
  const { status, stdout } = npm('explain', ['--json', 'runc run failed: the moon is full'])
  assert.deepEqual([status, stdout], [0, 'null\n'])
})
