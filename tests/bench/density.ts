/** Many learners on one machine: `-- density [--sandboxes=100] [--cycles=2000]`. Echo, creation, memory, residue, growth, noisy neighbours. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectLearner, type Learner, stopLearners } from '../helpers/client.ts'
import { newId } from '../helpers/exec.ts'
import { TestLab, testProvider } from '../helpers/lab.ts'
import { residue } from '../helpers/residue.ts'
import { until } from '../helpers/until.ts'
import { quantile, report, reportOne } from './measure.ts'

const MIB = 1024 * 1024
const SIZE = { cols: 80, rows: 24 }
/** What a learner does: look, make a bundle, look at it, run something. */
const WORK =
  'cd /tmp; mkdir -p b; cd b; rm -f config.json; runc spec; jq .process.args config.json; ls -l /usr/bin | tail -40; ps\r'
const PROBES = 30

const option = (name: string, standard: number) => {
  const given = process.argv.find((each) => each.startsWith(`--${name}=`))
  return given ? Number(given.split('=')[1]) : standard
}

/** A shell that a bench types into, key by key. */
class Typist {
  readonly learner: Learner
  readonly #type: (text: string) => void
  #heard: (() => void) | null = null

  private constructor(learner: Learner, id: number) {
    this.learner = learner
    const write = (_bytes: Uint8Array, _history: boolean, done: () => void) => {
      done()
      this.#heard?.()
    }
    const stream = learner.client.openStream(id, { write, clear() {} }, SIZE)
    this.#type = (text) => stream.type(Buffer.from(text))
  }

  static async arrive(lab: TestLab): Promise<Typist> {
    const learner = await connectLearner(lab)
    learner.client.send({ type: 'open-terminal', number: 1, ...SIZE })
    const { id } = await until('there is a terminal', () => learner.client.view.terminals[0], 30_000)
    const typist = new Typist(learner, id)
    await until('there is output', () => typist.echo(' '), 30_000)
    return typist
  }

  type(text: string): void {
    this.#type(text)
  }

  /** Milliseconds from a key to the next output. */
  async echo(key = 'a'): Promise<number> {
    const began = performance.now()
    const heard = new Promise<void>((resolve) => {
      this.#heard = resolve
    })
    this.#type(key)
    await Promise.race([heard, sleep(10_000)])
    this.#heard = null
    return performance.now() - began
  }

  /** Echoes one after the other, as fast as somebody types; the line is cleared at the end. */
  async echoes(count = PROBES): Promise<number[]> {
    const all: number[] = []
    for (let i = 0; i < count; i++) {
      all.push(await this.echo())
      await sleep(30)
    }
    this.#type('\x15')
    return all
  }

  get startedMs(): number {
    const { sandbox } = this.learner.client.view
    return sandbox?.state === 'ready' ? sandbox.startedMs : Number.NaN
  }
}

export async function benchDensity(): Promise<void> {
  await benchCrowd(option('sandboxes', 100))
  await benchNeighbours()
  await benchCycles(option('cycles', 2000))
}

/** So many sandboxes with a shell each, a fifth of them busy. */
async function benchCrowd(count: number): Promise<void> {
  const lab = await TestLab.start({ LAB_MAX_SANDBOXES: String(count + 1), LAB_WARM_MAX: '4' })
  const crowd: Typist[] = []
  try {
    for (let i = 0; i < count; i++) crowd.push(await Typist.arrive(lab))
    report(
      'density.create',
      'ms',
      crowd.map(({ startedMs }) => startedMs),
      300,
    )
    const provider = lab.provider()
    const memory = lab.sandboxIds().map((id) => provider.memoryBytes(id) / MIB)
    report('density.memory_per_sandbox', 'MiB', memory)
    const rss = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${lab.hostPid}/status`, 'utf8'))![1])
    reportOne('density.host_process', 'MiB', rss / 1024, {})

    const busy = crowd.slice(0, Math.ceil(count / 5))
    let going = true
    const working = busy.map(async (typist, i) => {
      await sleep(i * 150)
      while (going) {
        typist.type(WORK)
        await sleep(3000)
      }
    })
    const echoes: number[] = []
    for (let round = 0; round < 5; round++) {
      const idle = crowd[busy.length + ((round * 7) % Math.max(1, count - busy.length))] ?? crowd.at(-1)!
      echoes.push(...(await idle.echoes()))
    }
    report('density.echo', 'ms', echoes, 50)
    going = false
    await Promise.all(working)
  } finally {
    stopLearners()
    await lab.killWeb()
    await lab.killHost('SIGTERM')
    const left = Object.values(residue(lab.name)).flat().length
    reportOne('density.residue', 'things', left, { atMost: 0 })
    await lab.stop()
  }
}

const NOISE: Record<string, string> = {
  'fork bomb': 'f() { f | f & }; f\r',
  'memory bomb': 'while :; do tail /dev/zero; done\r',
  'disk fill': 'while :; do head -c 1G /dev/zero > /root/fill; done\r',
  'output flood': 'yes 0123456789abcdef\r',
}

/** One sandbox misbehaves, another one types. */
async function benchNeighbours(): Promise<void> {
  const lab = await TestLab.start({ LAB_MEMORY_MIB: '512', LAB_PIDS: '512' })
  try {
    const quiet = await Typist.arrive(lab)
    await quiet.echoes()
    const before = quantile(await quiet.echoes(100), 0.95)
    reportOne('neighbour.alone.echo_p95', 'ms', before, {})
    for (const [name, command] of Object.entries(NOISE)) {
      const noisy = await Typist.arrive(lab)
      noisy.type(command)
      await sleep(2000)
      const p95 = quantile(await quiet.echoes(100), 0.95)
      reportOne(`neighbour.${name.replace(' ', '_')}.echo_p95`, 'times', p95 / before, { atMost: 2 })
      noisy.learner.client.send({ type: 'reset' })
      await sleep(3000)
      noisy.learner.stop()
    }
  } finally {
    stopLearners()
    await lab.stop()
  }
}

/** Everything that could grow with each sandbox that comes and goes. */
function counts(): Record<string, number> {
  const lines = (text: string) => text.split('\n').filter(Boolean)
  return {
    mounts: lines(fs.readFileSync('/proc/self/mountinfo', 'utf8')).length,
    loops: lines(execFileSync('losetup', ['--list', '--noheadings'], { encoding: 'utf8' })).length,
    cgroups: lines(fs.readFileSync('/proc/cgroups', 'utf8'))
      .filter((line) => !line.startsWith('#'))
      .reduce((sum, line) => sum + Number(line.split('\t')[2]), 0),
    processes: fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
    'net devices': fs.readdirSync('/sys/class/net').length,
    fds: fs.readdirSync('/proc/self/fd').length,
  }
}

/** Sandboxes come and go, two at a time. */
async function benchCycles(cycles: number): Promise<void> {
  const { provider, config, dispose } = testProvider()
  try {
    const cycle = async () => {
      const id = newId()
      await provider.create(id, 'bench')
      await provider.destroy(id)
    }
    // The first ones fill caches.
    for (let i = 0; i < 20; i++) await cycle()
    global.gc?.()
    const before = counts()
    const rss = process.memoryUsage().rss
    const began = performance.now()
    await Promise.all(
      [0, 1].map(async () => {
        for (let i = 0; i < cycles / 2; i++) await cycle()
      }),
    )
    reportOne('cycles.each', 'ms', (performance.now() - began) / cycles, {})
    const after = counts()
    for (const [name, count] of Object.entries(after))
      reportOne(`cycles.growth.${name.replace(' ', '_')}`, 'things', count - before[name]!, { atMost: 0 })
    reportOne('cycles.growth.memory', 'MiB', (process.memoryUsage().rss - rss) / MIB, { atMost: 64 })
    const own = residue(config.name)
    reportOne('cycles.residue', 'things', own.mounts.length + own.loops.length + own.processes.length, {
      atMost: 0,
    })
  } finally {
    await dispose()
  }
}
