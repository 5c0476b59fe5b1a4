/** One sandbox misbehaves while somebody types in another: how much longer the echo takes than just before. */
import { setTimeout as sleep } from 'node:timers/promises'
import { stopLearners } from '../../helpers/client.ts'
import { TestLab } from '../../helpers/lab.ts'
import { quantile, reportOne } from '../measure.ts'
import { progress } from './options.ts'
import { Typist } from './typist.ts'

const ECHOES = 150
/** So long it goes on before anybody listens. */
const RAGE_MS = 3000
/** Everything it has written, and all its processes, are gone after so long. */
const CALM_MS = 3000

export const NOISES: Record<string, string> = {
  'fork-bomb': 'f() { f | f & }; f\r',
  'memory-bomb': 'while :; do tail /dev/zero; done\r',
  'disk-fill': 'while :; do head -c 1G /dev/zero > /root/fill; done\r',
  'output-flood': 'yes 0123456789abcdef\r',
}

/** `names`: of NOISES. */
export async function benchNeighbours(names: string[]): Promise<void> {
  if (names.length === 0) return
  const lab = await TestLab.start({ LAB_MEMORY_MIB: '512', LAB_PIDS: '512' })
  const p95 = (echoes: number[]) => quantile(echoes, 0.95)
  try {
    const quiet = await Typist.arrive(lab)
    await quiet.echoes(30)
    for (const name of names) {
      progress(`${name}: echo without it, and with it`)
      const noisy = await Typist.arrive(lab)
      // Just before and just after, not once: what else the machine does is then the same for both.
      const before = await quiet.echoes(ECHOES)
      noisy.type(NOISES[name]!)
      await sleep(RAGE_MS)
      const beside = p95(await quiet.echoes(ECHOES))
      noisy.learner.client.send({ type: 'reset' })
      await sleep(CALM_MS)
      noisy.learner.stop()
      const alone = p95([...before, ...(await quiet.echoes(ECHOES))])
      reportOne(`neighbour.${name}.echo_p95_alone`, 'ms', alone, {})
      reportOne(`neighbour.${name}.echo_p95`, 'ms', beside, {})
      reportOne(`neighbour.${name}.echo_p95_ratio`, 'times', beside / alone, { atMost: 2 })
    }
  } finally {
    stopLearners()
    await lab.stop()
  }
}
