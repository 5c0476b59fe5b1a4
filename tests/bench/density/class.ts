/** A class: so many learners on the same step, each with lesson, editor and lens open and a container of their own. What they cost, and how fast it stays. */
import { setTimeout as sleep } from 'node:timers/promises'
import { LensStore } from '../../../components/lens/lens-store.ts'
import { LearningClient } from '../../../components/session/learning-client.ts'
import { stopLearners } from '../../helpers/client.ts'
import { TestLab } from '../../helpers/lab.ts'
import { cpuSeconds, sandboxSeconds } from '../cpu.ts'
import { report, reportOne } from '../measure.ts'
import { progress } from './options.ts'
import { Typist } from './typist.ts'

const COURSE = 'runc-by-hand'
const DONE = ['meet-the-tools', 'the-bundle', 'runc-spec', 'read-config']
const STEP = 'two-views'
const SECONDS = 20
const BETWEEN_KEYS_MS = 130
const THINK_MS = 1500
const RUNS = 6
const QUIET = '</dev/null >/dev/null 2>&1'
const SLEEPER = `cd /tmp/mycontainer && jq '.process.terminal=false|.process.args=["sleep","100000"]' config.json > new && mv new config.json && runc run -d sleeper ${QUIET}`

/** What a learner does in this step: the file is changed, and a container of it comes and goes. */
const line = (i: number) =>
  `jq '.hostname="h${i}"' config.json > new && mv new config.json; runc run -d c${i} ${QUIET}; runc delete -f c${i}`

async function arrive(lab: TestLab): Promise<Typist> {
  const typist = await Typist.arrive(lab)
  const { client } = typist.learner
  const learning = new LearningClient(client)
  for (const step of DONE) {
    const { done, output } = await learning.solve(COURSE, step)
    if (!done) throw new Error(`${step}: ${output}`)
  }
  client.watchFile('/tmp/mycontainer/config.json')
  client.watchStep(COURSE, STEP)
  new LensStore(client).setOpen(true)
  await typist.run(SLEEPER)
  return typist
}

export async function benchClass(count: number): Promise<void> {
  const lab = await TestLab.start({ LAB_MAX_SANDBOXES: String(count), LAB_CREATIONS_PER_MINUTE: '10000' })
  try {
    const all: Typist[] = []
    for (let i = 0; i < count; i++) {
      all.push(await arrive(lab))
      if (all.length % 10 === 0) progress(`${all.length} of ${count} learners are in the step`)
    }
    /** Percent of a core, of what runs for one learner. */
    const cost = async (what: string, work: () => Promise<unknown>) => {
      const began = performance.now()
      const before = { servers: cpuSeconds([lab.hostPid, lab.webPid]), sandboxes: sandboxSeconds(lab) }
      await work()
      const share = (seconds: number) => (seconds / ((performance.now() - began) / 1000) / count) * 100
      const servers = share(cpuSeconds([lab.hostPid, lab.webPid]) - before.servers)
      reportOne(`class.cpu_${what}_servers`, '% of a core each', servers, {})
      reportOne(
        `class.cpu_${what}_sandbox`,
        '% of a core each',
        share(sandboxSeconds(lab) - before.sandboxes),
        {},
      )
    }
    // What Docker and the checks still do after the steps before is over.
    await sleep(SECONDS * 1000)
    await cost('reading', () => sleep(SECONDS * 1000))

    progress(`all ${count} type`)
    const echoes: number[] = []
    const type = async (typist: Typist, i: number) => {
      await sleep(i * 37)
      for (let words = 0; words < 12; words++) echoes.push(...(await typist.echoes(10, BETWEEN_KEYS_MS)))
    }
    await cost('typing', () => Promise.all(all.map(type)))
    report('class.echo', 'ms', echoes, 50)

    progress(`all ${count} change the file and run it`)
    const atWork: number[] = []
    const commands: number[] = []
    const work = async (typist: Typist, i: number) => {
      await sleep(i * 97)
      for (let run = 0; run < RUNS; run++) {
        atWork.push(...(await typist.echoes(8, BETWEEN_KEYS_MS)))
        const ms = await typist.run(line(run))
        if (ms === null) throw new Error('a command did not end')
        commands.push(ms)
        await sleep(THINK_MS)
      }
    }
    await cost('at_work', () => Promise.all(all.map(work)))
    report('class.echo_at_work', 'ms', atWork, 50)
    report('class.commands', 'ms', commands)
  } finally {
    stopLearners()
    await lab.stop()
  }
}
