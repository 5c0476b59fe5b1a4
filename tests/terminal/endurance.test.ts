/** Five hundred terminals come and go, two hundred of them in a flood: nothing of them stays, and memory keeps its bounds. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectLearner, type Learner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { Tape } from '../helpers/tape.ts'
import { until } from '../helpers/until.ts'

const MIB = 1024 * 1024
const AT_ONCE = 6
/** What docs/terminal.md promises for one terminal in the host process; and for the thread that keeps their screens. */
const TERMINAL_MIB = 8
const SCREENS_MIB = 160
/** Of the web process, which keeps none of it. */
const WEB_MIB = 64

let lab: TestLab
before(async () => {
  lab = await TestLab.start()
})
after(() => lab?.stop())
afterEach(stopLearners)

const rssMib = (pid: number) =>
  (Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024) / MIB
const descriptors = (pid: number) => fs.readdirSync(`/proc/${pid}/fd`).length

/** Of a process or thread; nothing of one that has ended since it was listed. */
function ofProcess(path: string): string {
  try {
    return fs.readFileSync(`/proc/${path}`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

/** The state of each child process, as the kernel letters it. */
function children(pid: number): string[] {
  // Every terminal has a thread in the host process while it lives.
  const ids = fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => ofProcess(`${pid}/task/${thread}/children`).split(' ').filter(Boolean))
  return ids
    .map((id) => ofProcess(`${id}/stat`))
    .filter(Boolean)
    .map((stat) => stat.slice(stat.lastIndexOf(')') + 2)[0]!)
}

/** Opens terminal `number`, runs `command` in place of its shell's prompt until `mark` is printed, and closes it at that moment. */
async function oneTerminal({ client }: Learner, number: number, command: string, mark: string) {
  const tape = await Tape.open(client, number)
  const { id } = tape.stream
  await until('there is a prompt', () => tape.text.includes('# '))
  tape.stream.type(Buffer.from(`${command}\r`))
  await until(`${mark} is printed`, () => tape.text.includes(mark))
  client.send({ type: 'close-terminal', terminal: id })
  await until('it is closed', () => client.view.terminals.every((each) => each.id !== id))
  client.closeStream(tape.stream)
}

async function rounds(learner: Learner, count: number, command: string, mark: string): Promise<void> {
  for (let i = 0; i < count; i += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, number) => oneTerminal(learner, number + 1, command, mark)),
    )
}

test('five hundred terminals leave no descriptor, no process and no memory behind', async (t) => {
  const learner = await connectLearner(lab)
  const flood = ['head -c 1000000 /dev/urandom | base64 -w 120; echo fl""ooded; yes', 'flooded'] as const
  const quiet = ['echo re""ady', 'ready'] as const
  // The sandbox's agent comes on first need, with descriptors of its own: before anything is counted.
  learner.client.watchFile('/root/nothing')
  await until('the agent is there', () => learner.client.view.files['/root/nothing'])
  await rounds(learner, 24, ...flood)
  // All but the sandbox's agent.
  const settled = () => until('their programs are gone', () => children(lab.hostPid).length <= 1)
  await settled()
  const before = { descriptors: descriptors(lab.hostPid), rss: rssMib(lab.hostPid) }
  const seen: number[] = []
  for (let i = 0; i < 8; i++) {
    await rounds(learner, 24, ...flood)
    await rounds(learner, 36, ...quiet)
    seen.push(rssMib(lab.hostPid))
  }
  await settled()
  assert.ok(!children(lab.hostPid).includes('Z'), 'no zombie is left')
  await until('no descriptor is left', () => descriptors(lab.hostPid) <= before.descriptors)
  t.diagnostic(`host process: ${Math.round(before.rss)} MiB, then ${seen.map(Math.round).join(', ')}`)
  // A heap takes a while to find its size. What is kept for ever of each terminal would be more than a mebibyte.
  const [early, late] = [seen.slice(2, 5), seen.slice(5)].map((part) => Math.min(...part))
  assert.ok(late! - early! < 24, 'the host process grows')
})

test('six terminals in a flood keep the bound that the documentation states, read or not', async (t) => {
  const learner = await connectLearner(lab)
  const floods = [
    'yes',
    'cat /dev/urandom',
    'while :; do find / -xdev; done',
    'yes | nl',
    'cat /dev/zero',
    'yes',
  ]
  const base = rssMib(lab.hostPid)
  const web = rssMib(lab.webPid)
  const tapes: Tape[] = []
  const received: number[] = floods.map(() => 0)
  for (const [i, flood] of floods.entries()) {
    const tape = await Tape.open(learner.client, i + 1)
    await until('there is a prompt', () => tape.text.includes('# '))
    // Half of them are shown, half wait for ever.
    if (i % 2) tape.write = () => {}
    else
      tape.write = (bytes, _history, done) => {
        received[i]! += bytes.length
        done()
      }
    tape.stream.type(Buffer.from(`${flood}\r`))
    tapes.push(tape)
  }
  let peak = 0
  let webPeak = 0
  const enough = 16 * MIB
  while (received.some((bytes, i) => i % 2 === 0 && bytes < enough)) {
    peak = Math.max(peak, rssMib(lab.hostPid) - base)
    webPeak = Math.max(webPeak, rssMib(lab.webPid) - web)
    await sleep(20)
  }
  t.diagnostic(`host process +${Math.round(peak)} MiB, web process +${Math.round(webPeak)} MiB`)
  assert.ok(peak < TERMINAL_MIB * floods.length + SCREENS_MIB, `the host process grew by ${peak} MiB`)
  assert.ok(webPeak < WEB_MIB, `the web process grew by ${webPeak} MiB`)
  // All of them listen still.
  for (const tape of tapes) tape.stream.type(Buffer.from('\x03'))
})
