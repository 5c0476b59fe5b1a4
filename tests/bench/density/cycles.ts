/** Sandboxes come and go, thousands of them: whether anything on this host grows with each. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../../helpers/exec.ts'
import { testProvider } from '../../helpers/lab.ts'
import { residue } from '../../helpers/residue.ts'
import { report, reportOne, timed } from '../measure.ts'
import { progress } from './options.ts'

const MIB = 1024 * 1024
const AT_ONCE = 4
/** No more are begun after so long. */
const MOST_MS = 7 * 60_000
/** The kernel frees cgroups and loop devices in its own time, and other programs of this machine come and go. */
const SETTLE_MS = 20_000

const lines = (text: string) => text.split('\n').filter(Boolean)

/** Everything that could grow with each sandbox that comes and goes, on the whole machine. */
function counts(): Record<string, number> {
  return {
    mounts: lines(fs.readFileSync('/proc/self/mountinfo', 'utf8')).length,
    loops: lines(execFileSync('losetup', ['--list', '--noheadings'], { encoding: 'utf8' })).length,
    cgroups: cgroupFolders('/sys/fs/cgroup'),
    processes: fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
    'net-devices': fs.readdirSync('/sys/class/net').length,
    fds: fs.readdirSync('/proc/self/fd').length,
  }
}

function cgroupFolders(dir: string): number {
  try {
    const folders = fs.readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return folders.reduce((sum, { name }) => sum + cgroupFolders(path.join(dir, name)), folders.length)
  } catch {
    // Gone meanwhile.
    return 0
  }
}

/**
 * Memory cgroups that the kernel has: also those that are gone and still have something charged to them, such as a page of
 * a file that others read, too. Each processor may hold a few for a while, whatever is done.
 */
const memoryCgroups = () =>
  Number(/^memory\t\d+\t(\d+)/m.exec(fs.readFileSync('/proc/cgroups', 'utf8'))?.[1] ?? 0)

/** What the kernel uses for itself and cannot give back, in MiB. */
const kernelMemory = () =>
  Number(/^SUnreclaim:\s+(\d+)/m.exec(fs.readFileSync('/proc/meminfo', 'utf8'))![1]) / 1024

export async function benchCycles(cycles: number): Promise<void> {
  const { provider, config, dispose } = testProvider()
  try {
    const cycle = async () => {
      const id = newId()
      const created = await timed(() => provider.create(id, 'bench'))
      return { created, destroyed: await timed(() => provider.destroy(id)) }
    }
    // The first ones fill caches.
    for (let i = 0; i < 40; i++) await cycle()
    global.gc?.()
    const before = counts()
    const held = memoryCgroups()
    const memory = { rss: process.memoryUsage().rss, kernel: kernelMemory() }
    const began = performance.now()
    const done: { created: number; destroyed: number }[] = []
    let begun = 0
    const lane = async () => {
      while (begun < cycles && performance.now() - began < MOST_MS) {
        begun++
        done.push(await cycle())
        if (done.length % 100 === 0) progress(`${done.length} of ${cycles} came and went`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    reportOne('cycles.done', 'sandboxes', done.length, { atLeast: cycles })
    reportOne('cycles.each', 'ms', (performance.now() - began) / done.length, {})
    report(
      `cycles.create_with_${AT_ONCE}_at_once`,
      'ms',
      done.map(({ created }) => created),
    )
    report(
      `cycles.destroy_with_${AT_ONCE}_at_once`,
      'ms',
      done.map(({ destroyed }) => destroyed),
    )
    const grown = await settled(before)
    for (const [name, count] of Object.entries(grown))
      reportOne(`cycles.growth.${name}`, 'things', count, { atMost: 0 })
    reportOne('cycles.growth.memory_cgroups_the_kernel_holds', 'things', memoryCgroups() - held, {
      atMost: 64,
    })
    global.gc?.()
    reportOne('cycles.growth.memory', 'MiB', (process.memoryUsage().rss - memory.rss) / MIB, { atMost: 64 })
    reportOne('cycles.growth.kernel_memory', 'MiB', kernelMemory() - memory.kernel, { atMost: 64 })
    // The common cgroup of them all is there until the end, once in each hierarchy.
    for (const [what, left] of Object.entries(residue(config.name)))
      if (what !== 'cgroups') reportOne(`cycles.residue.${what}`, 'things', left.length, { atMost: 0 })
  } finally {
    await dispose()
  }
}

/** The least growth of each count within some seconds: what is held for a moment has not grown. */
async function settled(before: Record<string, number>): Promise<Record<string, number>> {
  const least: Record<string, number> = {}
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    for (const [name, count] of Object.entries(counts()))
      least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, count - before[name]!)
    if (Object.values(least).every((growth) => growth <= 0) || performance.now() > deadline) return least
    await sleep(250)
  }
}
