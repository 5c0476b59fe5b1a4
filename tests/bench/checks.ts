/** Checks of steps: what learners cost who only read, and how soon a change is known to be the step's end. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { LearningClient } from '../../components/session/learning-client.ts'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { cpuSeconds, sandboxSeconds } from './cpu.ts'
import { report, reportOne } from './measure.ts'

const COURSE = 'runc-by-hand'
/** With a container of the step before at work, and a check that is not content. */
const STEPS = ['meet-the-tools', 'the-bundle', 'runc-spec', 'read-config']
const LEARNERS = 6
const SECONDS = 30
/** Of the pauses of 3, 6, 12 and 24 s: later there is one run a minute. */
const SETTLED_MS = 47_000
const CHANGES = 8

/** Milliseconds of processor time that sandboxes and host process have had. */
const usedMs = (lab: TestLab) => (sandboxSeconds(lab) + cpuSeconds([lab.hostPid])) * 1000

/** Milliseconds of processor time for each learner and minute, in sandboxes and host process together. */
async function perMinute(lab: TestLab): Promise<number> {
  const before = usedMs(lab)
  await sleep(SECONDS * 1000)
  return ((usedMs(lab) - before) / LEARNERS) * (60 / SECONDS)
}

/** Less than a fifth of what a reader's first minute costs. */
async function isAtRest(lab: TestLab): Promise<boolean> {
  const before = sandboxSeconds(lab)
  await sleep(5000)
  return ((sandboxSeconds(lab) - before) / LEARNERS) * 12 < 0.1
}

export async function benchChecks(): Promise<void> {
  const lab = await TestLab.start()
  try {
    const learners = []
    for (let i = 0; i < LEARNERS; i++) {
      const { client } = await connectLearner(lab)
      const learning = new LearningClient(client)
      for (const step of STEPS) {
        const { done, output } = await learning.solve(COURSE, step)
        if (!done) throw new Error(`${step}: ${output}`)
      }
      learners.push({ client, learning })
    }
    await until('Docker, which the first step starts, is at rest', () => isAtRest(lab), 90_000)
    for (const { client } of learners) client.watchStep(COURSE, 'two-views')
    reportOne('checks.idle_cpu_first', 'ms/min', await perMinute(lab), {})
    await sleep(Math.max(0, SETTLED_MS - SECONDS * 1000))
    reportOne('checks.idle_cpu', 'ms/min', await perMinute(lab), { atMost: 600 })
    for (const { client } of learners) client.send({ type: 'presence', visible: false, active: false })
    reportOne('checks.hidden_cpu', 'ms/min', await perMinute(lab), {})
    for (const { client } of learners) client.watchStep(COURSE, 'no-such-step')
    reportOne('checks.none_cpu', 'ms/min', await perMinute(lab), {})
    for (const { client } of learners.slice(1)) client.stop()
    await benchLatency(lab, learners[0]!)
  } finally {
    stopLearners()
    await lab.stop()
  }
}

/** From the end of `runc run`, which no terminal has seen, to the verdict in the page. */
async function benchLatency(
  lab: TestLab,
  {
    client,
    learning,
  }: { client: Awaited<ReturnType<typeof connectLearner>>['client']; learning: LearningClient },
): Promise<void> {
  client.send({ type: 'presence', visible: true, active: true })
  const { done, output } = await learning.solve(COURSE, 'two-views')
  if (!done) throw new Error(output)
  const id = client.view.sandbox?.state === 'ready' ? client.view.sandbox.id : ''
  const inSandbox = (script: string) => {
    const { file, args } = lab.provider().command(id, ['/bin/bash', '-c', script], { tty: false })
    execFileSync(file, args)
  }
  const verdict = () => client.view.checks[`${COURSE}/two-views`]
  const times: number[] = []
  for (let i = 0; i < CHANGES; i++) {
    inSandbox('cd /tmp/mycontainer; runc delete --force demo')
    client.watchStep(COURSE, 'run-it')
    client.watchStep(COURSE, 'two-views')
    await until('the check is not content', () => verdict()?.passed === false, 10_000)
    // Nothing is due by itself: what is measured is the notice.
    await sleep(3500)
    const seen = new Promise<number>((resolve) => {
      const stop = client.subscribe(() => {
        if (!verdict()?.passed) return
        stop()
        resolve(performance.now())
      })
    })
    inSandbox('cd /tmp/mycontainer; runc run --detach demo </dev/null >/dev/null 2>&1')
    const began = performance.now()
    times.push(Math.max(0, (await seen) - began))
  }
  report('checks.notice', 'ms', times, 1000)
}
