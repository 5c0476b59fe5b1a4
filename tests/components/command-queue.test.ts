/** Commands on their way into terminals, with terminals that do as they are told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandQueue } from '../../components/session/command-queue.ts'
import { until } from '../helpers/until.ts'

function stage(foreground: string[] = []) {
  const typed: string[] = []
  const asked: string[] = []
  let now = 0
  const it = {
    ready: true,
    broken: false,
    typed,
    /** What runs in front, one for each time it is asked; then a shell. */
    foreground,
    asked,
    tick: (ms: number) => {
      now += ms
    },
    queue: null as unknown as CommandQueue,
  }
  it.queue = new CommandQueue(
    {
      ready: () => it.ready,
      type: (number, text) => typed.push(`${number}:${text}`),
      foreground: async () => {
        if (it.broken) throw new Error('lost')
        const program = it.foreground.length > 1 ? it.foreground.shift()! : (it.foreground[0] ?? 'bash')
        asked.push(program)
        return { program, isShell: program === 'bash' }
      },
      changed: () => {},
    },
    async () => {},
    () => now,
  )
  return it
}
type Stage = ReturnType<typeof stage>

const add = (it: Stage, text: string, extra = {}) => {
  it.tick(1000)
  const added = it.queue.add(1, { text, ...extra })
  it.queue.tend()
  return added
}
const typed = (it: Stage, ...expected: string[]) =>
  until(`typed ${expected.length}`, () => it.typed.length >= expected.length).then(() =>
    assert.deepEqual(it.typed, expected),
  )

test('a command waits for its terminal, then goes in once', async () => {
  const it = stage()
  it.ready = false
  add(it, 'ls')
  assert.deepEqual(it.queue.numbers, [1])
  it.ready = true
  it.queue.tend()
  it.queue.tend()
  await typed(it, '1:ls\r')
  assert.deepEqual(it.queue.numbers, [])
})

test('a double click is one click, and so is a click on what still waits', async () => {
  const it = stage()
  it.ready = false
  assert.equal(add(it, 'ls'), true)
  assert.equal(it.queue.add(1, { text: 'ls' }), false)
  it.tick(5000)
  assert.equal(it.queue.add(1, { text: 'ls' }), false)
  it.ready = true
  it.queue.tend()
  await typed(it, '1:ls\r')
  assert.equal(add(it, 'ls'), true)
  await typed(it, '1:ls\r', '1:ls\r')
})

test('commands for one terminal keep their order', async () => {
  const it = stage(['sleep', 'sleep', 'bash'])
  add(it, 'one')
  add(it, 'two', { inside: true })
  add(it, 'three', { newline: false })
  await typed(it, '1:one\r', '1:two\r', '1:three')
})

test('a program that ends soon is waited for; for one that stays the learner is asked', async () => {
  const it = stage(['sleep', 'sleep', 'bash'])
  add(it, 'ls')
  await typed(it, '1:ls\r')
  it.foreground = ['vim']
  add(it, 'pwd')
  const question = await until('asked', () => it.queue.question)
  assert.deepEqual(question, { number: 1, program: 'vim', command: 'pwd', interrupted: false })
  assert.equal(it.typed.length, 1)
  it.queue.answer('cancel')
  assert.deepEqual([it.queue.question, it.queue.numbers], [null, []])
})

test('typed anyway', async () => {
  const it = stage(['vim'])
  add(it, ':q')
  await until('asked', () => it.queue.question)
  it.queue.answer('type')
  await typed(it, '1::q\r')
})

test('interrupted first: typed when the shell is back, asked again if it does not come', async () => {
  const it = stage(['sleep'])
  add(it, 'ls')
  await until('asked', () => it.queue.question)
  it.foreground = ['sleep', 'sleep', 'bash']
  it.queue.answer('interrupt')
  await typed(it, '1:\x03', '1:ls\r')
  it.foreground = ['vim']
  add(it, 'pwd')
  await until('asked', () => it.queue.question)
  it.queue.answer('interrupt')
  const question = await until('asked again', () => it.queue.question)
  assert.equal(question.interrupted, true)
})

test('a command that interrupts does so once, before anybody is asked', async () => {
  const it = stage(['top', 'top', 'bash'])
  add(it, 'ls', { interrupt: true })
  await typed(it, '1:\x03', '1:ls\r')
  const idle = stage()
  add(idle, 'ls', { interrupt: true })
  await typed(idle, '1:\x03ls\r')
})

test('what is meant for a program inside, and control keys, go in unasked', async () => {
  const it = stage(['runc'])
  add(it, 'hostname', { inside: true })
  add(it, '^C', { send: '\x03', newline: false, inside: true })
  await typed(it, '1:hostname\r', '1:\x03')
  assert.deepEqual(it.asked, [])
})

test('lines are typed as they stand', async () => {
  const it = stage()
  add(it, 'a\nb')
  await typed(it, '1:a\rb\r')
})

test('a connection that breaks while it is asked what runs: nothing is typed, and it begins again', async () => {
  const it = stage()
  it.broken = true
  add(it, 'ls')
  await new Promise(setImmediate)
  assert.deepEqual(it.typed, [])
  it.broken = false
  it.queue.tend()
  await typed(it, '1:ls\r')
})

test('a question goes away with the terminal, and the command waits for the next', async () => {
  const it = stage(['vim'])
  add(it, 'ls')
  await until('asked', () => it.queue.question)
  it.ready = false
  it.queue.tend()
  assert.equal(it.queue.question, null)
  it.foreground = ['bash']
  it.ready = true
  it.queue.tend()
  await typed(it, '1:ls\r')
})
