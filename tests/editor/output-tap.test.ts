/** What is read out of a terminal's output: commands, their ends, messages; the same for any chopping of the bytes. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OutputTap, type TapEvent } from '../../components/session/output-tap.ts'
import { runOf } from '../../components/session/run-of.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const begin = (command: string, cwd = '/tmp/mycontainer') =>
  `\x1b]633;E;${command}\x07\x1b]633;P;Cwd=${cwd}\x07\x1b]133;C\x07`
const end = (exit: number) => `\x1b]133;D;${exit}\x07`
const ERROR = '\x1b[31mERRO\x1b[0m[0000] runc run failed: Cwd must be an absolute path'
const SESSION = `root@lab:~# runc run demo\r\n${begin('runc run demo')}${ERROR}\r\n${end(1)}root@lab:~# ls\r\n${begin('ls')}a\tü\r\n${end(0)}root@lab:~# `

/** All events of a text that arrives in pieces of this size. */
function events(text: string, size: number): TapEvent[] {
  const tap = new OutputTap()
  const all = bytes(text)
  const found: TapEvent[] = []
  for (let at = 0; at < all.length; at += size) found.push(...tap.read(at, all.subarray(at, at + size)))
  return found
}

describe('the tap', () => {
  const whole = events(SESSION, SESSION.length)

  test('hears commands with their folder, their end, and messages in runc’s forms', () => {
    assert.deepEqual(
      whole.map(({ kind, offset: _, ...event }) => [kind, event]),
      [
        ['begin', { command: 'runc run demo', cwd: '/tmp/mycontainer' }],
        ['message', { text: ERROR }],
        ['end', { exit: 1, output: `root@lab:~# runc run demo\r\n${ERROR}\r\n`.slice(27) }],
        ['begin', { command: 'ls', cwd: '/tmp/mycontainer' }],
        ['end', { exit: 0, output: '' }],
      ],
    )
  })

  test('hears the same however the bytes are chopped, with the same places', () => {
    for (const size of [1, 2, 3, 7, 64]) assert.deepEqual(events(SESSION, size), whole, `pieces of ${size}`)
  })

  test('skips what it has read, and goes on behind a gap', () => {
    const tap = new OutputTap()
    const all = bytes(SESSION)
    tap.read(0, all)
    assert.deepEqual(tap.read(0, all), [])
    const later = tap.read(1_000_000, bytes(`${begin('runc list')}x\n${end(0)}`))
    assert.deepEqual(
      later.map(({ kind }) => kind),
      ['begin', 'end'],
    )
    assert.ok(later[0]!.offset > 1_000_000)
  })

  test('a command line comes back as it was typed', () => {
    const [event] = events(begin('echo "a\\x3bb" \\\\x0a\\x0ac'), 9)
    assert.ok(event?.kind === 'begin')
    assert.equal(event.command, 'echo "a;b" \\x0a\nc')
  })

  test('keeps little of endless lines and output', () => {
    const tap = new OutputTap()
    let at = 0
    const feed = (text: string) => {
      const piece = bytes(text)
      const found = tap.read(at, piece)
      at += piece.length
      return found
    }
    feed(begin('runc run big'))
    for (let i = 0; i < 50; i++) feed('x'.repeat(10_000))
    for (let i = 0; i < 5000; i++) feed(`line ${i}\n`)
    const [ended] = feed(end(0))
    assert.ok(ended?.kind === 'end')
    assert.ok(ended.output.length <= 16 * 1024)
    assert.match(ended.output, /line 4999\n$/)
  })
})

test('which bundle a command line runs', () => {
  const bundle = (command: string, cwd = '/root') => runOf(command, cwd)?.bundle ?? null
  assert.equal(bundle('runc run demo', '/tmp/mycontainer'), '/tmp/mycontainer')
  assert.equal(bundle('cd /tmp/mycontainer && runc run demo'), '/tmp/mycontainer')
  assert.equal(bundle('cd "/tmp/my container"; sudo runc --debug run -d demo'), '/tmp/my container')
  assert.equal(bundle('runc --root /tmp/r create --bundle ../b --pid-file run x', '/root/a'), '/root/b')
  assert.equal(bundle('runc run -b=~/b demo'), '/root/b')
  assert.equal(bundle('FOO=1 runc run demo 2>&1 | tee log', '/b'), '/b')
  for (const none of ['runc list', 'echo runc run demo', 'runc delete run', 'cat config.json', ''])
    assert.equal(bundle(none), null, none)
})
