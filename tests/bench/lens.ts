/** The lens: how soon a container is on the screen, and what it costs to look at nothing and at one that runs. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { LensStore } from '../../components/lens/lens-store.ts'
import { Learner, startStage } from '../e2e/helpers/browser.ts'
import { connectLearner } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { cpuSeconds } from './cpu.ts'
import { report, samples } from './measure.ts'

const BUNDLE = `mkdir -p /tmp/bench/rootfs/bin && cd /tmp/bench && cp "$(command -v busybox)" rootfs/bin/ && ln -sf busybox rootfs/bin/sleep && runc spec &&
  jq '.process.terminal = false | .process.args = ["sleep", "100000"] | .linux.resources.memory.limit = 67108864' config.json > new && mv new config.json`
const QUIET = '< /dev/null > /dev/null 2>&1'
const SECONDS = 30

/** Collectors in the sandboxes of this lab, as the host numbers them. */
function collectors(lab: TestLab): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          fs.readFileSync(`/proc/${pid}/comm`, 'utf8') === 'lens\n' &&
          fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(lab.name)
        )
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Percent of one core over half a minute. */
async function share(pids: number[]): Promise<number> {
  const before = cpuSeconds(pids)
  await sleep(SECONDS * 1000)
  return ((cpuSeconds(pids) - before) / SECONDS) * 100
}

export async function benchLens(): Promise<void> {
  await benchLatency()
  await benchCost()
}

/** From the moment before `runc` is started, in the sandbox, to the change in the page that Chromium has drawn. */
async function benchLatency(): Promise<void> {
  const stage = await startStage()
  try {
    const learner = await Learner.arrive(stage)
    const { page } = learner
    await learner.openStep('meet-the-tools')
    await page.getByRole('button', { name: 'Lens' }).click()
    await page.getByText('No container yet').waitFor()
    await learner.inSandbox(BUNDLE)
    const after = async (command: string, id: string, words: string) => {
      // As text: what TypeScript becomes may need helpers that the page has not.
      const seen = page.evaluate<number>(`new Promise((resolve) => {
        const look = () => {
          const rows = [...document.querySelectorAll('[aria-label="Containers"] li')]
          if (!rows.some(({ textContent }) => textContent.includes('${id}') && textContent.includes('${words}'))) return
          requestAnimationFrame(() => resolve(Date.now()))
        }
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
        look()
      })`)
      await learner.inSandbox(`date +%s%3N > /tmp/began; ${command}`)
      const at = await seen
      return at - Number(await learner.inSandbox('cat /tmp/began'))
    }
    const run: number[] = []
    const kill: number[] = []
    const remove: number[] = []
    for (let i = 0; i < 20; i++) {
      const id = `bench-${String(i).padStart(2, '0')}`
      run.push(await after(`cd /tmp/bench && runc run -d ${id} ${QUIET}`, id, 'running'))
      kill.push(await after(`runc kill ${id} KILL`, id, 'stopped'))
      remove.push(await after(`runc delete ${id}`, id, 'deleted'))
    }
    report('lens.run_to_row', 'ms', run, 500)
    report('lens.kill_to_row', 'ms', kill, 500)
    report('lens.delete_to_row', 'ms', remove, 500)
    await learner.leave()
  } finally {
    await stage.stop()
  }
}

/** Of the collector, and of what it adds to the host and web processes. */
async function benchCost(): Promise<void> {
  const lab = await TestLab.start()
  const learner = await connectLearner(lab)
  try {
    const servers = [lab.hostPid, lab.webPid]
    // A new process still compiles what it has just run.
    await share(servers)
    const without = await share(servers)
    const store = new LensStore(learner.client)
    store.setOpen(true)
    const [collector] = await until('the lens looks', () =>
      store.state.view.state === 'live' ? collectors(lab) : null,
    )
    if (!collector) throw new Error('there is no collector')
    const cost = async (name: string, wanted: number) => {
      const gathering: number[] = []
      const all = await samples(2, async () => {
        const [own, theirs] = await Promise.all([share([collector]), share(servers)])
        gathering.push(own)
        return own + Math.max(0, theirs - without)
      })
      report(`lens.cpu_${name}_in_sandbox`, '% of a core', gathering)
      report(`lens.cpu_${name}`, '% of a core', all, wanted)
    }
    await cost('idle', 0.2)
    const [id] = lab.sandboxIds()
    const { file, args } = lab
      .provider()
      .command(id!, ['/bin/bash', '-c', `${BUNDLE}; runc run -d bench ${QUIET}`], { tty: false })
    execFileSync(file, args)
    await until(
      'the container is read',
      () => Object.keys(store.state.readings['/run/runc/bench'] ?? {}).length > 50,
    )
    await cost('looking', 2)
    store.dispose()
  } finally {
    learner.stop()
    await lab.stop()
  }
}
