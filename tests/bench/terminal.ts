/** Terminals side by side: ours, ttyd running the same command if TTYD names its binary, and node-pty alone. */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { connectLearner, type Learner, newCookie } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { draw, newScreen } from '../helpers/screens.ts'
import { quantile, report, reportOne } from './measure.ts'
import { command, LabLink, type Link, settle } from './terminal/link.ts'
import { Ttyd } from './terminal/ttyd.ts'
import { echoes, FLOOD, interrupts, quiet, rssKib, throughput } from './terminal/work.ts'

const run = promisify(execFile)
const ROUNDS = 4
/** Of each kind in each round. */
const KEYS = 500
const SLOW_MBPS = 8
const FAST_MBPS = 50
const IDLE = 50
const SIZE = { cols: 80, rows: 24 }

/** A server of terminals, and what has been measured at it. */
interface Rival {
  name: string
  open(): Promise<Link>
  results: Map<string, number[]>
}

const add = ({ results }: Rival, name: string, values: number[]) =>
  results.set(name, [...(results.get(name) ?? []), ...values])

export async function benchTerminal(): Promise<void> {
  const lab = await TestLab.start({ LAB_MAX_SANDBOXES: '20', LAB_MAX_TERMINALS: '8' })
  const learner = await connectLearner(lab)
  const other = await connectLearner(lab)
  const ttyd = process.env.TTYD ? await Ttyd.start(process.env.TTYD, shellOf(lab, other)) : null
  let number = 0
  const ours: Rival = {
    name: 'ours',
    // The same terminal again would have a log that a new shell of the other's has not.
    open: async () => {
      closeTerminals(learner)
      number = (number % 3) + 1
      return LabLink.open(lab, learner.cookie, number)
    },
    results: new Map(),
  }
  const rivals: Rival[] = [ours]
  if (ttyd) rivals.push({ name: 'ttyd', open: () => ttyd.open(), results: new Map() })
  const raw: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const rival of round % 2 ? [...rivals].reverse() : rivals) await measure(rival, round)
      await quiet()
      raw.push(await rawThroughput(lab, learner))
    }
    tell(rivals, raw)
    await benchResume(lab, learner)
    await benchInterrupts(lab, learner)
    await benchOthersEcho(lab, learner, other)
    for (const { client } of [learner, other]) closeTerminals({ client })
    await benchIdle(lab, ttyd)
  } finally {
    await ttyd?.stop()
    for (const { stop } of [learner, other]) stop()
    await lab.stop()
  }
}

async function measure(rival: Rival, round: number): Promise<void> {
  const link = await rival.open()
  await settle(link, 500)
  await quiet()
  add(rival, 'echo.bash', await echoes(link, KEYS))
  await quiet()
  add(rival, 'throughput', [await throughput(link)])
  // Hundreds of megabytes wait in the slow page of a server that does not wait for it: once is enough to see.
  if (round < 2) {
    await quiet()
    const { times, lost } = await interrupts(link, 3, SLOW_MBPS)
    add(rival, 'ctrl_c', times)
    add(rival, 'ctrl_c.lost', [lost])
  }
  await link.close()
  const cat = await rival.open()
  await settle(cat, 500)
  await command(cat, 'echo R""DY; exec cat\r', 'RDY')
  await settle(cat)
  await quiet()
  add(rival, 'echo.cat', await echoes(cat, KEYS))
  await cat.close()
}

function tell(rivals: Rival[], raw: number[]): void {
  const [ours, theirs] = rivals
  for (const { name, results } of rivals) {
    const of = (what: string) => results.get(what)!
    for (const shell of ['cat', 'bash']) {
      report(`terminal.echo.${shell}.${name}`, 'ms', of(`echo.${shell}`))
      reportOne(`terminal.echo.${shell}.${name}.p99`, 'ms', quantile(of(`echo.${shell}`), 0.99), {})
    }
    report(`terminal.throughput.${name}`, 'MB/s', of('throughput'))
    report(`terminal.ctrl_c.${name}`, 'ms', of('ctrl_c'), name === 'ours' ? 100 : undefined)
    reportOne(
      `terminal.ctrl_c.${name}.thrown_away`,
      'bytes',
      Math.max(...of('ctrl_c.lost')),
      name === 'ours' ? { atMost: 0 } : {},
    )
  }
  report('terminal.throughput.raw', 'MB/s', raw)
  const ratio = (what: string, share: number) =>
    quantile(ours!.results.get(what)!, share) / quantile(theirs!.results.get(what)!, share)
  if (theirs) {
    for (const shell of ['cat', 'bash']) {
      reportOne(`terminal.echo.${shell}.p50.to_ttyd`, 'ratio', ratio(`echo.${shell}`, 0.5), { atMost: 1.5 })
      reportOne(`terminal.echo.${shell}.p99.to_ttyd`, 'ratio', ratio(`echo.${shell}`, 0.99), { atMost: 2 })
    }
    reportOne('terminal.throughput.to_ttyd', 'ratio', ratio('throughput', 0.5), { atLeast: 1.2 })
  }
  const toRaw = quantile(ours!.results.get('throughput')!, 0.5) / quantile(raw, 0.5)
  reportOne('terminal.throughput.to_raw', 'ratio', toRaw, { atLeast: 0.7 })
}

/** From the request for a socket to the last line on the screen, with a mebibyte of output to draw; and with more than is kept. */
async function benchResume(lab: TestLab, learner: Learner): Promise<void> {
  const lines = (count: number) =>
    `for ((i = 0; i < ${count}; i++)); do printf '\\e[3%dmline\\e[m %060d\\n' $((i % 8)) $i; done`
  for (const [name, count, number] of [
    ['1_mib', 14_000, 1],
    ['beyond_the_log', 40_000, 2],
  ] as const) {
    closeTerminals(learner)
    const first = await LabLink.open(lab, learner.cookie, number)
    await settle(first)
    await command(first, `PS1=; ${lines(count)}; echo E""ND\r`, 'END')
    await first.close()
    await quiet()
    const times: number[] = []
    for (let i = 0; i < 10; i++) {
      const began = performance.now()
      const screen = newScreen(SIZE)
      let bytes = 0
      const link = await drawn(lab, learner.cookie, number, async (link, part) => {
        bytes += part.length
        await draw(screen, part)
        link.shown(part.length)
        const { active } = screen.buffer
        return active.getLine(active.baseY + active.cursorY - 1)?.translateToString(true) === 'END'
      })
      times.push(performance.now() - began)
      await link.close()
      if (bytes < 1_000_000) throw new Error(`only ${bytes} bytes came`)
    }
    report(`terminal.resume.${name}`, 'ms', times, 300)
  }
}

async function drawn(
  lab: TestLab,
  cookie: string,
  number: number,
  draw: (link: Link, part: Uint8Array) => Promise<boolean>,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    void LabLink.open(lab, cookie, number, (link, part) => {
      draw(link, part).then((done) => done && resolve(link), reject)
    }).catch(reject)
  })
}

/** Whatever floods: on a page that draws as fast as a quick browser. */
async function benchInterrupts(lab: TestLab, learner: Learner): Promise<void> {
  const floods = {
    yes: 'yes',
    random: 'cat /dev/urandom',
    find: 'while find / -xdev; do :; done',
  }
  for (const [name, flood] of Object.entries(floods)) {
    closeTerminals(learner)
    const link = await LabLink.open(lab, learner.cookie, 4)
    await settle(link)
    const { times } = await interrupts(link, 5, FAST_MBPS, flood)
    report(`terminal.ctrl_c.${name}`, 'ms', times, 200)
    await link.close()
  }
}

async function benchOthersEcho(lab: TestLab, flooding: Learner, typing: Learner): Promise<void> {
  closeTerminals(flooding)
  const flood = await LabLink.open(lab, flooding.cookie, 3)
  const keys = await LabLink.open(lab, typing.cookie, 1)
  await settle(keys)
  const [alone, beside]: number[][] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    await quiet()
    alone!.push(...(await echoes(keys, KEYS / 2)))
    flood.onOutput = (bytes) => flood.shown(bytes.length)
    flood.write('yes\r')
    await sleep(500)
    beside!.push(...(await echoes(keys, KEYS / 2)))
    flood.write('\x03')
    await settle(flood)
  }
  report('terminal.echo.alone', 'ms', alone!)
  report('terminal.echo.beside_a_flood', 'ms', beside!)
  reportOne(
    'terminal.echo.beside_a_flood.p50.to_alone',
    'ratio',
    quantile(beside!, 0.5) / quantile(alone!, 0.5),
    { atMost: 2 },
  )
  await flood.close()
  await keys.close()
}

async function benchIdle(lab: TestLab, ttyd: Ttyd | null): Promise<void> {
  const cookies = await Promise.all(Array.from({ length: 13 }, () => newCookie(lab)))
  // Each learner's first terminal is not counted: what their sandbox costs comes with it.
  const links: Link[] = []
  for (const cookie of cookies) links.push(await LabLink.open(lab, cookie, 1))
  await sleep(2000)
  const before = rssKib(lab.hostPid)
  for (let i = 0; i < IDLE; i++)
    links.push(await LabLink.open(lab, cookies[i % cookies.length]!, 2 + Math.floor(i / cookies.length)))
  await sleep(2000)
  reportOne('terminal.idle.host', 'MiB', (rssKib(lab.hostPid) - before) / IDLE / 1024, { atMost: 0.5 })
  for (const link of links) await link.close()
  if (!ttyd) return
  const first = await ttyd.open()
  await settle(first)
  const empty = rssKib(ttyd.pid)
  const theirs: Link[] = []
  for (let i = 0; i < IDLE; i++) theirs.push(await ttyd.open())
  await sleep(2000)
  reportOne('terminal.idle.ttyd', 'MiB', (rssKib(ttyd.pid) - empty) / IDLE / 1024, {})
  for (const link of [first, ...theirs]) await link.close()
}

/** What ttyd is to run: what the host process runs for a terminal, in a sandbox of the same kind. */
function shellOf(lab: TestLab, { client }: Learner, argv = ['/bin/bash', '-l']) {
  const { sandbox } = client.view
  if (sandbox?.state !== 'ready') throw new Error('there is no sandbox')
  const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor' }
  return lab.provider().command(sandbox.id, argv, { tty: true, env })
}

async function rawThroughput(lab: TestLab, learner: Learner): Promise<number> {
  const { file, args } = shellOf(lab, learner, ['/bin/bash', '-lc', FLOOD])
  const raw = ['--import', 'tsx', 'tests/bench/terminal/raw.ts', file, ...args]
  const { stdout } = await run(process.execPath, raw, { cwd: ROOT })
  return Number(stdout)
}

function closeTerminals({ client }: Pick<Learner, 'client'>): void {
  for (const { id } of client.view.terminals) client.send({ type: 'close-terminal', terminal: id })
}
