/** A network that breaks 300 times, and a web process that is killed at the worst moments: every byte arrives once, in order. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LabClient } from '../../components/session/lab-client.ts'
import { ChaosProxy } from '../helpers/chaos-proxy.ts'
import { connectLearner, newCookie, openSocket, stopLearners } from '../helpers/client.ts'
import { sh } from '../helpers/exec.ts'
import { TestLab } from '../helpers/lab.ts'
import { Tape } from '../helpers/tape.ts'
import { until } from '../helpers/until.ts'

const FAULTS = 300
const SEED = 20_261

let lab: TestLab
before(async () => {
  lab = await TestLab.start()
})
after(() => lab?.stop())
afterEach(stopLearners)

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Of long texts only the place where they part is worth reading. */
function assertSame(actual: string, expected: string, what: string): void {
  if (actual === expected) return
  let at = 0
  while (actual[at] === expected[at]) at++
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60))
  assert.fail(`${what} differs at ${at}: ${around(actual)} instead of ${around(expected)}`)
}

test(`a network that breaks ${FAULTS} times loses nothing and doubles nothing, either way`, async (t) => {
  const cookie = await newCookie(lab)
  const proxy = await ChaosProxy.start(lab.url, { seed: SEED, faults: FAULTS })
  let connections = 0
  const client = new LabClient({
    connect: async () => {
      connections++
      return openSocket(proxy, cookie) as unknown as globalThis.WebSocket
    },
    clientId: randomBytes(12).toString('hex'),
  })
  // As a browser does when it comes online again; otherwise the pauses between attempts would fill the time.
  const hurry = setInterval(() => client.hurry(), 10)
  t.after(() => {
    clearInterval(hurry)
    client.stop()
    proxy.stop()
  })
  client.start()
  await until('the sandbox is ready', () => client.view.sandbox?.state === 'ready', 20_000)
  const sandbox = client.view.sandbox
  const [reader, printer] = [await Tape.open(client, 1), await Tape.open(client, 2)]
  const typed = (text: string) => reader.stream.type(Buffer.from(text))

  await until('there is a prompt', () => reader.text.includes('# '))
  typed('stty -echoctl; echo re""ady; exec cat > /root/typed\r')
  await until('the reader reads', () => reader.text.includes('ready\r'))
  const echoFrom = reader.text.length
  await until('there is a prompt', () => printer.text.includes('# '))
  printer.stream.type(
    Buffer.from(
      'PS1=; i=0; while [ ! -e /root/stop ]; do echo n$((i++)); ((i % 100)) || sleep 0.01; done; echo e""nd\r',
    ),
  )

  let lines = 0
  const line = (i: number) => `line ${i}`
  const began = performance.now()
  while (proxy.left > 0) {
    assert.ok(performance.now() - began < 50_000, `${proxy.left} faults are left after 50 s`)
    // A person would be asked; and would not type more than is held.
    assert.ok(!reader.stream.asks)
    if (reader.stream.held.keys < 3000) typed(`${line(lines++)}\r`)
    await sleep(2)
  }
  for (let i = 0; i < 50; i++) typed(`${line(lines++)}\r`)
  typed('\x04')
  const { provider, id } = { provider: lab.provider(), id: sandbox?.state === 'ready' ? sandbox.id : '' }
  await sh(provider, id, 'touch /root/stop')
  await until('the counter has ended', () => printer.text.includes('\nend\r\n'))
  await until(
    'the reader has ended',
    () => client.view.terminals.find((each) => each.id === reader.stream.id)?.exit === 0,
  )

  const { stdout } = await sh(provider, id, 'cat /root/typed')
  const expected = Array.from({ length: lines }, (_, i) => line(i))
  assertSame(stdout.trim(), expected.join('\n'), 'what was typed')
  assertSame(reader.text.slice(echoFrom).trim(), expected.join('\r\n'), 'the echo')

  const counted = printer.text
    .slice(printer.text.indexOf('n0\r\n'), printer.text.indexOf('\r\nend\r\n'))
    .split('\r\n')
  assert.ok(counted.length > 1000, `${counted.length} numbers were printed`)
  assertSame(counted.join('\n'), counted.map((_, i) => `n${i}`).join('\n'), 'the printed counter')
  assert.deepEqual([reader.cleared, printer.cleared], [0, 0])
  for (const [fault, times] of Object.entries(proxy.happened)) assert.ok(times > 20, `${fault}: ${times}`)
  t.diagnostic(
    `${lines} lines typed, ${counted.length} printed, over ${connections} connections in ${Math.round(performance.now() - began)} ms`,
  )
})

describe('a web process that is killed', () => {
  /** A terminal whose shell is ready for `command`, and the host's number of that shell, which must outlive everything. */
  async function withShell() {
    const learner = await connectLearner(lab)
    const tape = await Tape.open(learner.client, 1)
    const type = (text: string) => tape.stream.type(Buffer.from(text))
    await until('there is a prompt', () => tape.text.includes('# '))
    type("bind 'set enable-bracketed-paste off'; stty -echo; PS1=; echo pid:$$:\r")
    const pid = await until('the shell answers', () => /pid:(\d+):/.exec(tape.text)?.[1])
    /** It is the same shell still. */
    const unharmed = async () => {
      type('echo pid:$$: a""gain\r')
      await until('the shell is the same', () => tape.text.includes(`pid:${pid}: again`), 20_000)
    }
    return { ...learner, tape, type, unharmed }
  }

  async function restartWeb(client: LabClient): Promise<void> {
    await lab.killWeb('SIGKILL')
    await until('the tab has noticed', () => client.view.connection === 'away')
    await lab.startWeb()
    client.hurry()
    await until('the tab is connected again', () => client.view.connection === 'open', 20_000)
  }

  test('during a flood', async () => {
    const { client, tape, type, unharmed } = await withShell()
    const count = 1_000_000
    const numbers = `${Array.from({ length: count }, (_, i) => i + 1).join('\r\n')}\r\n`
    type(`echo be""gin; seq ${count}; echo e""nd\r`)
    await until('it has begun', () => tape.text.includes('begin\r\n'))
    const from = tape.text.indexOf('begin\r\n') + 7
    for (const share of [0.1, 0.5]) {
      await until('some of it has come', () => tape.text.length - from > numbers.length * share, 30_000)
      await restartWeb(client)
    }
    // Behind it come the marks of the shell, which no screen shows. Looking through all of it again and again would make a
    // slow reader of this process, which the shell does not wait for.
    const isEnough = () => tape.cleared > 0 || tape.text.length > from + numbers.length
    await until('all of it has come', () => isEnough() && tape.text.includes('\nend\r\n', from), 60_000)
    assert.equal(tape.cleared, 0)
    const got = tape.text.slice(from, tape.text.indexOf('\nend\r\n', from) + 1)
    assert.equal(got.length, numbers.length)
    assert.equal(sha256(got), sha256(numbers))
    await unharmed()
  })

  test('during a large paste', async () => {
    const { client, tape, type, unharmed } = await withShell()
    const paste = Buffer.from(randomBytes((3 * 1024 ** 2) / 4).toString('base64'))
    assert.equal(paste.length, 1024 ** 2)
    type(`stty raw; echo re""ady; head -c ${paste.length} | sha256sum; stty -raw\r`)
    await until('it is waited for', () => tape.text.includes('ready'))
    tape.stream.type(paste)
    for (let i = 0; i < 2; i++) {
      await sleep(10)
      await restartWeb(client)
    }
    await until('it has arrived as it was', () => tape.text.includes(sha256(paste)), 30_000)
    await unharmed()
  })

  test('while the pane is dragged to another size', async () => {
    const { client, tape, type, unharmed } = await withShell()
    let cols = 60
    // To and fro: on a slow machine it takes a while until the web process is back.
    const drag = setInterval(() => {
      cols = 60 + ((cols - 59) % 300)
      tape.stream.resize(cols, 30)
    }, 5)
    try {
      for (let i = 0; i < 2; i++) {
        await sleep(50)
        await restartWeb(client)
      }
    } finally {
      clearInterval(drag)
    }
    await until('the tab is attached', () => tape.stream.isLive)
    // It takes a moment through all the terminals on the way.
    await until('the last size holds', async () => {
      type('stty size\r')
      await sleep(50)
      return tape.text.includes(`30 ${cols}\r\n`)
    })
    await unharmed()
  })
})
