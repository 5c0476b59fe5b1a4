/** So many sandboxes with a shell each, a fifth of them busy: how fast they come, how fast they echo, what they take, what they leave. */
import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopLearners } from '../../helpers/client.ts'
import { TestLab } from '../../helpers/lab.ts'
import { residue } from '../../helpers/residue.ts'
import { report, reportOne } from '../measure.ts'
import { progress } from './options.ts'
import { Typist } from './typist.ts'

const MIB = 1024 * 1024
/** How long the busy ones work while echoes are measured. */
const WORK_MS = 45_000
/** What a learner thinks between two commands, and between two keys. */
const THINK_MS = 1500
const BETWEEN_KEYS_MS = 120
/** The lesson's own lines: Docker starts, and its busybox becomes a root file system. */
const PREPARE =
  'mkdir -p /tmp/mycontainer/rootfs && cd /tmp/mycontainer && docker export $(docker create busybox) | tar -C rootfs -xf -'
/** And then again and again: write the file, change it, look at it, run it. */
const LINES = [
  'rm -f config.json; runc spec',
  'jq \'.process.args=["sh","-c","id; hostname; ls /"]|.process.terminal=false\' config.json > c; mv c config.json',
  'runc run demo',
  'jq .linux.namespaces config.json; runc list; ls -l rootfs/bin | tail',
]

const field = (file: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(file, 'utf8'))![1]) / 1024

/** Of the programs that hold this lab's terminals on the host, their share of what they have in common. */
function terminals(name: string): number[] {
  return fs.readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return []
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      if (!command.includes(`${name}/`) && !command.includes(`${name}-`)) return []
      return command.includes('\0--tty\0') ? [field(`/proc/${pid}/smaps_rollup`, 'Pss')] : []
    } catch {
      // It has ended.
      return []
    }
  })
}
const resident = (pid: number) => field(`/proc/${pid}/status`, 'VmRSS')

/** Types a little, runs the next line, thinks; until it is told to stop. The echoes of what it typed. */
async function work(typist: Typist, goesOn: () => boolean, onRun: (ms: number) => void): Promise<number[]> {
  const echoes: number[] = []
  for (let i = 0; goesOn(); i++) {
    echoes.push(...(await typist.echoes(8, BETWEEN_KEYS_MS)))
    const ms = await typist.run(LINES[i % LINES.length]!)
    if (ms !== null) onRun(ms)
    await sleep(THINK_MS)
  }
  return echoes
}

export async function benchCrowd(count: number): Promise<void> {
  const lab = await TestLab.start({ LAB_MAX_SANDBOXES: String(count + 1), LAB_CREATIONS_PER_MINUTE: '10000' })
  const crowd: Typist[] = []
  try {
    for (let i = 0; i < count; i++) {
      crowd.push(await Typist.arrive(lab))
      if (crowd.length % 10 === 0) progress(`${crowd.length} of ${count} sandboxes with a shell`)
    }
    const started = crowd.map(({ startedMs }) => startedMs)
    report('density.create', 'ms', started, 300)
    const provider = lab.provider()
    report(
      'density.memory_per_sandbox',
      'MiB',
      lab.sandboxIds().map((id) => provider.memoryBytes(id) / MIB),
    )
    report('density.memory_per_terminal_on_the_host', 'MiB', terminals(lab.name))
    reportOne('density.host_process', 'MiB', resident(lab.hostPid), {})
    reportOne('density.web_process', 'MiB', resident(lab.webPid), {})

    const busy = crowd.slice(0, Math.ceil(count / 5))
    progress(`${busy.length} of them start Docker and unpack busybox`)
    const prepared = await Promise.all(busy.map((typist) => typist.run(PREPARE, 120_000)))
    const failed = prepared.filter((ms) => ms === null).length
    reportOne('density.busy_not_prepared', 'learners', failed, { atMost: 0 })

    progress(`${busy.length} of them type and run the lesson's commands for ${WORK_MS / 1000} s`)
    const until = performance.now() + WORK_MS
    const goesOn = () => performance.now() < until
    const runs: number[] = []
    const working = busy.map(async (typist, i) => {
      await sleep(i * 130)
      return work(typist, goesOn, (ms) => runs.push(ms))
    })
    const quiet = crowd.slice(busy.length)
    const echoes: number[] = []
    for (let round = 0; goesOn(); round++) {
      const idle = quiet[(round * 7) % quiet.length] ?? crowd.at(-1)!
      echoes.push(...(await idle.echoes(20)))
    }
    report('density.echo', 'ms', echoes, 50)
    report('density.echo_of_the_busy', 'ms', (await Promise.all(working)).flat(), 50)
    report('density.command_of_the_busy', 'ms', runs)
    const atWork = lab.sandboxIds().map((id) => provider.memoryBytes(id) / MIB)
    reportOne(
      'density.memory_of_all_sandboxes_at_work',
      'MiB',
      atWork.reduce((sum, each) => sum + each, 0),
      {},
    )
  } finally {
    stopLearners()
    await lab.killWeb()
    const began = performance.now()
    await lab.killHost('SIGTERM')
    reportOne('density.destroy_all', 's', (performance.now() - began) / 1000, {})
    for (const [what, left] of Object.entries(residue(lab.name)))
      reportOne(`density.residue.${what}`, 'things', left.length, { atMost: 0 })
    await lab.stop()
  }
}
