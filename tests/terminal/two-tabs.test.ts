/** One terminal in two tabs of different sizes: both see everything, and the one that is used has its size. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { TerminalNames } from '../../server/host/terminals/names.ts'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { Tape } from '../helpers/tape.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start()
})
after(() => lab?.stop())
afterEach(stopLearners)

test('the last to come, to change or to type has its size', async () => {
  const first = await connectLearner(lab)
  const wide = await Tape.open(first.client, 1, { cols: 120, rows: 40 })
  await until('there is a prompt', () => wide.text.includes('# '))
  const second = await connectLearner(lab, first.cookie)
  const narrow = await Tape.open(second.client, 1, { cols: 60, rows: 20 })
  await until('it has the prompt as well', () => narrow.text.includes('# '))
  const said = async (size: string) => {
    const from = [wide.text.length, narrow.text.length]
    await until(`both see ${size}`, () => {
      return [wide, narrow].every((tape, i) => tape.text.slice(from[i]).includes(`<${size}>`))
    })
  }
  wide.stream.type(Buffer.from(`trap 'echo "<$(stty size)>"' WINCH; echo tra""pped\r`))
  await until(
    'the shell tells its size',
    () => narrow.text.includes('trapped') && wide.text.includes('trapped'),
  )
  // Typing made it wide; from here on each change is told once.
  narrow.stream.type(Buffer.from(':\r'))
  await said('20 60')
  wide.stream.type(Buffer.from(':\r'))
  await said('40 120')
  narrow.stream.resize(61, 21)
  await said('21 61')
  wide.stream.type(Buffer.from(':\r'))
  await said('40 120')
  const third = await connectLearner(lab, first.cookie)
  await Tape.open(third.client, 1, { cols: 70, rows: 25 })
  await said('25 70')
  const strip = (text: string) => text.slice(text.indexOf('trap'))
  await until('both have seen the same', () => strip(wide.text) === strip(narrow.text))
  assert.deepEqual([wide.cleared, narrow.cleared], [0, 0])
})

test('a paste from one tab and keys of another stay whole', async () => {
  const first = await connectLearner(lab)
  const [a, b] = [first, await connectLearner(lab, first.cookie)]
  const one = await Tape.open(a.client, 1)
  const two = await Tape.open(b.client, 1)
  await until('there are prompts', () => one.text.includes('# ') && two.text.includes('# '))
  one.stream.type(
    Buffer.from('stty raw -echo; echo re""ady; head -c 300000 | tee /root/both | tr -d ab | wc -c\r'),
  )
  await until('it is waited for', () => two.text.includes('ready'))
  for (let i = 0; i < 10; i++) {
    one.stream.type(Buffer.alloc(20_000, 'a'))
    two.stream.type(Buffer.alloc(10_000, 'b'))
  }
  await until('all has come', () => /ready[\s\S]*\b0\b/.test(one.text))
})

test('a name that the learner gives is seen in every tab, and stays when the shell is a new one', async () => {
  const { client, cookie } = await connectLearner(lab)
  const other = await connectLearner(lab, cookie)
  const names = (each = client) => each.view.terminals.map(({ name }) => name)
  client.send({ type: 'open-terminal', number: 1, cols: 80, rows: 24 })
  client.send({ type: 'open-terminal', number: 2, cols: 80, rows: 24 })
  await until('there are two', () => names().length === 2)
  assert.deepEqual(names(), ['', ''])
  const second = () => client.view.terminals.find(({ number }) => number === 2)
  client.send({ type: 'rename-terminal', terminal: second()!.id, name: ' web server ' })
  await until('the other tab sees it', () => names(other.client)[1] === 'web server')
  const refused = new Promise<string>((resolve) => {
    client.onMessage((message) => message.type === 'error' && resolve(`${message.re} ${message.code}`))
  })
  client.send({ type: 'rename-terminal', terminal: second()!.id, name: 'a\x1bb' })
  assert.equal(await refused, 'rename-terminal malformed')
  const before = second()!.id
  client.send({ type: 'close-terminal', terminal: before })
  await until('it is closed', () => names().length === 1)
  client.send({ type: 'open-terminal', number: 2, cols: 80, rows: 24 })
  await until('there is a new shell', () => second() && second()!.id !== before)
  const late = await connectLearner(lab, cookie)
  assert.deepEqual(names(late.client), ['', 'web server'])
  client.send({ type: 'rename-terminal', terminal: second()!.id, name: '' })
  await until('it goes by its number again', () => names(late.client)[1] === '')
})

test("a lesson's names hold where the learner has given none", () => {
  const names = new TerminalNames()
  names.rename(2, 'mine')
  names.suggest(['watch', 'server', ''])
  assert.deepEqual(
    [1, 2, 3, 4].map((number) => names.of(number)),
    ['watch', 'mine', '', ''],
  )
  const next = new TerminalNames()
  for (const number of [1, 2, 3]) next.recall(number, names.told(number))
  next.suggest(['other', 'other'])
  assert.deepEqual(
    [1, 2].map((number) => next.of(number)),
    ['other', 'mine'],
  )
})
