/**
 * Terminals side by side: ours, ttyd running the same command if TTYD names its binary, and node-pty alone.
 * `--only=echo,throughput` measures parts: echo, throughput, ctrl-c, resume, floods, neighbours, idle.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { connectLearner, type Learner } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { quantile, report, reportOne } from './measure.ts'
import { benchIdle } from './terminal/idle.ts'
import { closeTerminals, command, LabLink, type Link, settle } from './terminal/link.ts'
import { benchNeighbours } from './terminal/neighbours.ts'
import { benchResume } from './terminal/resume.ts'
import { Ttyd } from './terminal/ttyd.ts'
import { echoes, FLOOD, interrupts, quiet, throughput } from './terminal/work.ts'

const run = promisify(execFile)
const ROUNDS = 4
/** Of each kind in each round. */
const KEYS = 500
const SLOW_MBPS = 8
const FAST_MBPS = 50

const PARTS = ['echo', 'throughput', 'ctrl-c', 'resume', 'floods', 'neighbours', 'idle'] as const
type Part = (typeof PARTS)[number]

/** What `--only` names; everything if it is not given. */
function wantedParts(): Set<Part> {
  const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length)
  const names = only?.split(',') ?? [...PARTS]
  const unknown = names.filter((name) => !PARTS.includes(name as Part))
  if (unknown.length > 0) throw new Error(`--only knows ${PARTS.join(', ')}; not ${unknown.join(', ')}`)
  return new Set(names as Part[])
}

/** A server of terminals, and what has been measured at it. */
interface Rival {
  name: string
  open(): Promise<Link>
  results: Map<string, number[]>
}

const add = ({ results }: Rival, name: string, values: number[]) =>
  results.set(name, [...(results.get(name) ?? []), ...values])

export async function benchTerminal(): Promise<void> {
  const wanted = wantedParts()
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
    const beside = (['echo', 'throughput', 'ctrl-c'] as const).some((part) => wanted.has(part))
    for (let round = 0; beside && round < ROUNDS; round++) {
      for (const rival of round % 2 ? [...rivals].reverse() : rivals) await measure(rival, round, wanted)
      if (!wanted.has('throughput')) continue
      await quiet()
      raw.push(await rawThroughput(lab, learner))
    }
    if (wanted.has('echo')) tellEcho(rivals)
    if (wanted.has('throughput')) tellThroughput(rivals, raw)
    if (wanted.has('ctrl-c')) tellInterrupts(rivals)
    if (wanted.has('resume')) await benchResume(lab, learner)
    if (wanted.has('floods')) await benchInterrupts(lab, learner)
    if (wanted.has('neighbours')) await benchNeighbours(lab, learner, other)
    for (const { client } of [learner, other]) closeTerminals({ client })
    if (wanted.has('idle')) await benchIdle(lab, ttyd)
  } finally {
    await ttyd?.stop()
    for (const { stop } of [learner, other]) stop()
    await lab.stop()
  }
}

async function measure(rival: Rival, round: number, wanted: Set<Part>): Promise<void> {
  const link = await rival.open()
  await settle(link, 500)
  if (wanted.has('echo')) {
    await quiet()
    add(rival, 'echo.bash', await echoes(link, KEYS))
  }
  if (wanted.has('throughput')) {
    await quiet()
    add(rival, 'throughput', [await throughput(link)])
  }
  // Hundreds of megabytes wait in the slow page of a server that does not wait for it: once is enough to see.
  if (wanted.has('ctrl-c') && round < 2) {
    await quiet()
    const { times, lost } = await interrupts(link, 3, SLOW_MBPS)
    add(rival, 'ctrl_c', times)
    add(rival, 'ctrl_c.lost', [lost])
  }
  await link.close()
  if (!wanted.has('echo')) return
  const cat = await rival.open()
  await settle(cat, 500)
  await command(cat, 'echo R""DY; exec cat\r', 'RDY')
  await settle(cat)
  await quiet()
  add(rival, 'echo.cat', await echoes(cat, KEYS))
  await cat.close()
}

/** Ours to the other's, at this share of the samples. */
function ratio([ours, theirs]: Rival[], what: string, share: number): number | null {
  if (!theirs) return null
  return quantile(ours!.results.get(what)!, share) / quantile(theirs.results.get(what)!, share)
}

function tellEcho(rivals: Rival[]): void {
  for (const shell of ['cat', 'bash']) {
    const what = `echo.${shell}`
    for (const { name, results } of rivals) {
      report(`terminal.${what}.${name}`, 'ms', results.get(what)!)
      reportOne(`terminal.${what}.${name}.p99`, 'ms', quantile(results.get(what)!, 0.99), {})
    }
    const [p50, p99] = [ratio(rivals, what, 0.5), ratio(rivals, what, 0.99)]
    if (p50) reportOne(`terminal.${what}.p50.to_ttyd`, 'ratio', p50, { atMost: 1.5 })
    if (p99) reportOne(`terminal.${what}.p99.to_ttyd`, 'ratio', p99, { atMost: 2 })
  }
}

function tellThroughput(rivals: Rival[], raw: number[]): void {
  for (const { name, results } of rivals)
    report(`terminal.throughput.${name}`, 'MB/s', results.get('throughput')!)
  report('terminal.throughput.raw', 'MB/s', raw)
  const toTtyd = ratio(rivals, 'throughput', 0.5)
  if (toTtyd) reportOne('terminal.throughput.to_ttyd', 'ratio', toTtyd, { atLeast: 1.2 })
  const toRaw = quantile(rivals[0]!.results.get('throughput')!, 0.5) / quantile(raw, 0.5)
  reportOne('terminal.throughput.to_raw', 'ratio', toRaw, { atLeast: 0.7 })
}

function tellInterrupts(rivals: Rival[]): void {
  for (const { name, results } of rivals) {
    const isOurs = name === 'ours'
    report(`terminal.ctrl_c.${name}`, 'ms', results.get('ctrl_c')!, isOurs ? 100 : undefined)
    const lost = Math.max(...results.get('ctrl_c.lost')!)
    reportOne(`terminal.ctrl_c.${name}.thrown_away`, 'bytes', lost, isOurs ? { atMost: 0 } : {})
  }
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
