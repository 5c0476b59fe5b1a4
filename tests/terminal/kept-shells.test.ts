/** The host process is exchanged for another one: shells, what runs in them, their output and what is typed go on. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { Tape } from '../helpers/tape.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start({ LAB_MAX_SANDBOXES: '8', LAB_MAX_TERMINALS: '4' })
})
after(() => lab?.stop())
afterEach(stopLearners)

/** Programs that hold terminals for this lab. */
function holders(): number[] {
  const socket = path.join(lab.env.LAB_RUN_DIR!, 'hold.sock')
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const args = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return args[1] === 'keep' && args[2] === socket
      } catch {
        return false
      }
    })
}

/** The process on this host with this argument. */
function processWith(argument: string): number {
  const found = fs.readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(argument)
      )
    } catch {
      return false
    }
  })
  assert.equal(found.length, 1)
  return Number(found[0])
}

/** What it has read so far; null once it has ended. */
function bytesRead(pid: number): string | null {
  try {
    return fs.readFileSync(`/proc/${pid}/io`, 'utf8').split('\n')[0]!
  } catch {
    return null
  }
}

test('a shell and its program go on, and every byte comes once, through two exchanges', async () => {
  const { client } = await connectLearner(lab)
  const shell = await Shell.open(client)
  await shell.paste('marker=still-here; echo $$ > /root/pid')
  const counter = await Shell.open(client, 2)
  counter.type(
    'i=0; while [ ! -e /root/stop ]; do i=$((i+1)); echo "n$i"; sleep 0.01; done; echo "last $i"\r',
  )
  await counter.until(/^n50$/m)
  for (let round = 0; round < 2; round++) {
    // In flight while the process goes: taken by the old one, or sent again to the new one.
    shell.type(`echo round-${round}-$marker\r`)
    await lab.restartHost()
    await shell.until(new RegExp(`^round-${round}-still-here$`, 'm'))
  }
  assert.equal((await shell.paste('echo $marker $$ $(cat /root/pid)')).trim().split(' ')[0], 'still-here')
  const [, now, then] = (await shell.paste('echo $marker $$ $(cat /root/pid)')).trim().split(' ')
  assert.equal(now, then)
  await shell.paste('touch /root/stop')
  const last = Number(/^last (\d+)$/m.exec(await counter.until(/^last \d+$/m))![1])
  const printed = [...counter.screen.matchAll(/^n(\d+)$/gm)].map(([, n]) => Number(n))
  assert.deepEqual(
    printed,
    Array.from({ length: last }, (_, i) => i + 1),
  )
  await until('nobody holds the terminals any more', () => holders().length === 0)
  assert.ok(!fs.existsSync(path.join(lab.env.LAB_RUN_DIR!, 'held')))
})

test('a held terminal takes sizes, interrupts and a paste, and its end is seen', async () => {
  const { client } = await connectLearner(lab)
  const shell = await Shell.open(client)
  shell.type('sleep 1000\r')
  await shell.until(/sleep 1000/)
  await lab.restartHost()
  shell.type('\x03')
  await shell.until(/\^C/)
  shell.stream.resize(90, 33)
  await until('the new size is there', async () => (await shell.paste('stty size')).trim() === '33 90')
  const text = Buffer.alloc(300_000, 'abcdefghi\n').toString()
  shell.type(`cat > /root/pasted\r`)
  shell.type(text)
  shell.type('\x04')
  await shell.paste('')
  assert.equal((await shell.paste('wc -c < /root/pasted')).trim(), String(text.length))
  shell.type('exit 3\r')
  const ended = await until('its end is seen', () =>
    client.view.terminals.find(({ id, exit }) => id === shell.id && exit !== null),
  )
  // Only its parent learns the code, and that was the process before.
  assert.equal(ended.exit, -1)
})

test('output beyond the log and a shell that has ended are still shown', async () => {
  const { client, cookie } = await connectLearner(lab)
  const shell = await Shell.open(client)
  shell.type(`printf '\\e[31mred\\e[0m\\n'; seq 1 200000 | sed 's/$/ x/'; echo done; touch /root/flooded\r`)
  client.closeStream(shell.stream)
  const short = await Shell.open(client, 2)
  await short.paste('until [ -e /root/flooded ]; do sleep 0.05; done')
  short.type('echo last words; exit 5\r')
  await until('it has ended', () => client.view.terminals.some(({ exit }) => exit === 5))
  await lab.restartHost()
  const second = await connectLearner(lab, cookie)
  const again = Shell.follow(second.client, shell.id)
  await again.until(/older output was dropped[\s\S]*\n200000 x\ndone\n/)
  assert.equal(again.screen.match(/older output was dropped/g)?.length, 1)
  const ended = Shell.follow(second.client, short.id)
  await ended.until(/last words/)
  assert.equal(second.client.view.terminals.find(({ id }) => id === short.id)?.exit, 5)
})

test('a flood goes on where it was, however much of it was being read at that moment', async () => {
  const { client } = await connectLearner(lab)
  const tape = await Tape.open(client, 3)
  await until('there is a prompt', () => tape.text.includes('# '))
  // With colours: the screen beyond the log takes its time, and the flood waits half read.
  const last = 300_000
  tape.stream.type(Buffer.from(`seq 1 ${last} | sed 's/.*/\\x1b[1mn&\\x1b[0m/'\r`))
  await until('more than the log is printed', () => tape.text.includes('mn150000\x1b'), 60_000)
  const flood = processWith(`s/.*/\\x1b[1mn&\\x1b[0m/`)
  // The tab is late: meanwhile the flood may fill the log, but not pass it.
  process.kill(lab.webPid, 'SIGSTOP')
  await lab.restartHost()
  for (let before: string | null = ''; before !== bytesRead(flood); await sleep(200))
    before = bytesRead(flood)
  process.kill(lab.webPid, 'SIGCONT')
  await until('all is printed', () => tape.text.includes(`mn${last}\x1b`), 60_000)
  assert.equal(tape.cleared, 0)
  const printed = [...tape.text.matchAll(/mn(\d+)/g)].map(([, n]) => Number(n))
  assert.equal(printed.length, last)
  assert.ok(printed.every((n, index) => n === index + 1))
})

test('a host process that is killed before it has taken over leaves the shells to the next one', async () => {
  const { client } = await connectLearner(lab)
  const shell = await Shell.open(client)
  await shell.paste('marker=patient')
  const stopAt = path.join(lab.dir, 'stop-at')
  lab.env.RUNCLAB_STOP_FILE = stopAt
  fs.writeFileSync(stopAt, 'adopt.found')
  await assert.rejects(lab.restartHost())
  assert.equal(holders().length, 1)
  await lab.startHost()
  assert.equal((await shell.paste('echo $marker')).trim(), 'patient')
  await until('nobody holds the terminals any more', () => holders().length === 0)
})

test('shells of a lab that stops for good end with it, and nobody holds them', async () => {
  const other = await TestLab.start()
  try {
    const { client } = await connectLearner(other)
    await Shell.open(client)
    await other.killHost('SIGTERM')
    assert.deepEqual(other.sandboxIds(), [])
    assert.ok(!fs.existsSync(path.join(other.env.LAB_RUN_DIR!, 'hold.sock')))
  } finally {
    await other.stop()
  }
})
