/** When a terminal tells that something may have happened: checks are run for it, and typing alone must not cause them. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Signs } from '../../server/host/terminals/signs.ts'

/** A terminal at a time that the test tells; `signs` counts. */
function terminal(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  let count = 0
  const signs = new Signs(
    () => count++,
    () => now,
  )
  return {
    /** Keys, and so soon after them so many bytes of output. */
    key(text: string, bytes = Buffer.byteLength(text), ms = 5) {
      signs.typed(Buffer.from(text))
      this.pass(ms)
      signs.printed(bytes)
    },
    print: (bytes: number) => signs.printed(bytes),
    pass(ms: number) {
      now += ms
      t.mock.timers.tick(ms)
    },
    end: () => signs.end(),
    get signs() {
      return count
    },
  }
}

test('a line that is typed is no sign until Enter', (t) => {
  const shell = terminal(t)
  for (const key of 'runc run demo') {
    shell.key(key)
    shell.pass(150)
  }
  assert.equal(shell.signs, 0)
  shell.key('\r', 2)
  assert.equal(shell.signs, 1)
  shell.print(80)
  assert.equal(shell.signs, 2)
})

test('neither is its editing: Tab, Backspace, arrows, Ctrl+U', (t) => {
  const shell = terminal(t)
  for (const key of ['\t', '\b', '\x7f', '\x1b[D', '\x1bb', '\x15', 'ä']) shell.key(key, 20)
  assert.equal(shell.signs, 0)
})

test('Ctrl+C, Ctrl+D and what a lesson types are signs', (t) => {
  const shell = terminal(t)
  for (const key of ['\x03', '\x04', 'ls -l rootfs\r']) shell.key(key, 2)
  assert.equal(shell.signs, 3)
})

test('what a program prints is a sign: by itself, or more than an echo', (t) => {
  const shell = terminal(t)
  shell.print(3)
  assert.equal(shell.signs, 1)
  shell.key('q', 2000)
  assert.equal(shell.signs, 2)
  shell.key('x', 1, 400)
  assert.equal(shell.signs, 3)
})

test('whoever stops typing gives one sign, since some keys do something without Enter', (t) => {
  const vim = terminal(t)
  vim.key('Z')
  vim.pass(1000)
  vim.key('Z')
  vim.pass(1400)
  assert.equal(vim.signs, 0)
  vim.pass(200)
  assert.equal(vim.signs, 1)
  vim.pass(60_000)
  assert.equal(vim.signs, 1)
})

test('a terminal that is closed gives none', (t) => {
  const shell = terminal(t)
  shell.key('a')
  shell.end()
  shell.pass(10_000)
  assert.equal(shell.signs, 0)
})
