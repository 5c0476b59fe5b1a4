/** The explainer: every message of the catalogue in all the forms that a terminal can show it in; and nothing else. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { explain, explainAll } from '../../spec/explain/index.ts'
import { messages } from '../../spec/explain/read.ts'
import { MISTAKES } from './helpers/mistakes.ts'

const LEVELS = {
  warning: ['warning', 'WARN', '33'],
  fatal: ['fatal', 'FATA', '31'],
  error: ['error', 'ERRO', '31'],
} as const

/** The lines of a message with their levels. */
const lines = (text: string) =>
  text.split('\n').map((line) => {
    const level = /^\[(warning|fatal)\] /.exec(line)?.[1] as 'warning' | 'fatal' | undefined
    return { level: level ?? ('error' as const), text: line.replace(/^\[\w+\] /, '') }
  })

const FORMS: Record<string, (text: string) => string> = {
  'the message alone': (text) =>
    lines(text)
      .map((line) => line.text)
      .join('\n'),
  'a pipe': (text) =>
    lines(text)
      .map(
        (line) =>
          `time="2026-11-23T18:18:00Z" level=${LEVELS[line.level][0]} msg=${JSON.stringify(line.text)}`,
      )
      .join('\n'),
  'a terminal, with colours, prompt and title': (text) =>
    `\x1b]0;root@sandbox\x07\x1b[1;32mroot@sandbox\x1b[0m:/tmp/mycontainer# runc run c1\r\n${lines(text)
      .map((line) => `\x1b[${LEVELS[line.level][2]}m${LEVELS[line.level][1]}\x1b[0m[0000] ${line.text} `)
      .join('\r\n')}\r\n`,
}

describe('the catalogue', () => {
  const rows = MISTAKES.filter(({ runc_error }) => runc_error)
  for (const [name, form] of Object.entries(FORMS))
    test(`as ${name}`, (t) => {
      const unknown = rows.filter(({ runc_error }) => !explain(form(runc_error))).map(({ id }) => id)
      t.diagnostic(
        `${rows.length - unknown.length} of ${rows.length} are explained; not: ${unknown.join(', ') || 'none'}`,
      )
      assert.ok(unknown.length <= rows.length * 0.05, unknown.join(', '))
    })

  test('all forms lead to the same explanation', () => {
    for (const { runc_error } of rows) {
      const [first, ...others] = Object.values(FORMS).map((form) => explain(form(runc_error)))
      for (const other of others) assert.deepEqual(other, first)
    }
  })

  test('the field is the one that the mistake is about', (t) => {
    const wrong = rows
      .filter(({ kind, about }) => kind === 'refused' && about !== '')
      .filter(({ about, runc_error }) => {
        const pointer = explain(runc_error)?.pointer
        return !(typeof pointer === 'string' && (about.startsWith(pointer) || pointer.startsWith(about)))
      })
      .map(({ id }) => id)
    t.diagnostic(`another field: ${wrong.join(', ')}`)
    // "not found in $PATH" has many reasons; the message names only the program.
    assert.ok(wrong.length <= 10, wrong.join(', '))
  })
})

test('explanations are whole sentences', () => {
  for (const { runc_error } of MISTAKES) {
    const found = runc_error ? explain(runc_error) : null
    if (!found) continue
    assert.match(found.title, /^\S.*[^.]$/s)
    for (const text of [found.explanation, found.fix]) {
      assert.match(text, /\S$/)
      assert.ok(!/undefined|(?<![/\w])null\b/.test(text), text)
    }
  }
})

const known = (output: string) => explain(output)?.id ?? null

test('the most telling of several lines is explained', () => {
  const output = `time="2026-11-23T18:18:00Z" level=error msg="nsexec[12]: failed to update /proc/self/oom_score_adj: Invalid argument"
time="2026-11-23T18:18:00Z" level=error msg="runc run failed: unable to start container process: can't get final child's PID from pipe: EOF"`
  assert.equal(known(output), 'oom-score')
  assert.equal(explainAll(output).at(-1)!.id, 'lost-stage')
  const warned = `time="t" level=warning msg="could not find any syscalls for arch amd64"
time="t" level=error msg="runc run failed: container process is already dead"`
  assert.equal(known(warned), 'seccomp-too-strict')
})

test('the opaque ones', () => {
  for (const [output, id] of [
    [
      "runc run failed: unable to start container process: can't get final child's PID from pipe: EOF",
      'lost-stage',
    ],
    ['time="2026-11-23T18:18:00Z" level=error msg=EOF', 'empty-file'],
    ['runc run failed: EOF', 'empty-file'],
    ['exit status 125', 'exit-125'],
    ['exit status 126', 'exit-126'],
    ['exit status 127', 'exit-127'],
    ['exited with code 137', 'exit-137'],
    ['rc=139', 'exit-139'],
    ['exit status 143', 'exit-143'],
    ['exit status 255', 'exit-255'],
    ['exec /hello.sh: exec format error', 'args-exec-format'],
    ['exec /hello.sh: no such file or directory', 'args-interpreter-missing'],
    ['ERRO[0000] runc run failed: container with given ID already exists ', 'id-exists'],
    [
      'runc run failed: cannot allocate tty if runc will detach without setting console socket',
      'terminal-detach',
    ],
    ['runc run failed: unable to start container process: error during container init: EOF', 'lost-init'],
  ] as const)
    assert.equal(known(output), id, output)
})

test('what docker and containerd put around it', () => {
  const docker =
    'docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "bash": executable file not found in $PATH: unknown.'
  assert.equal(known(docker), 'args-not-found')
  assert.equal(explain(docker)!.pointer, '/process/args/0')
  const mount =
    'ctr: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/x" to rootfs at "/y": mount src=/x, dst=/y, dstFd=/proc/thread-self/fd/8, flags=MS_REC: no such device: unknown'
  assert.equal(known(mount), 'mount-failed')
})

test('what is not known stays unexplained', () => {
  for (const output of [
    '',
    'hello',
    'root@sandbox:~# ls\nbin  etc',
    'runc run failed: something entirely new',
    'time="2026-11-23T18:18:00Z" level=error msg="runc run failed: the moon is full"',
    'make: *** [all] Error 137 of 200',
    '{"exit": 137}',
  ])
    assert.equal(explain(output), null, output)
})

test('escaped quotes and line breaks are read as they were meant', () => {
  assert.deepEqual(messages('time="t" level=error msg="a \\"b\\" c\\nd"\n'), [
    { level: 'error', text: 'a "b" c\nd' },
  ])
  assert.deepEqual(messages('\x1b[33mWARN\x1b[0m[0001] careful   \r\n'), [
    { level: 'warning', text: 'careful' },
  ])
})

test('a flood does not hurt', () => {
  const began = performance.now()
  explain('\x1b[31m"'.repeat(200_000))
  explain(`error mounting "${'a'.repeat(60_000)}`)
  explain('x'.repeat(1_000_000))
  explain(`exec: "${'/bin/x: '.repeat(9000)}\n`.repeat(40))
  const ms = performance.now() - began
  assert.ok(ms < 5000, `${ms} ms`)
})
