/** Many learners on one machine: `-- density [--sandboxes=100] [--cycles=2000] [--only=crowd,class,neighbours,cycles] [--pupils=30]`. */
import { benchClass } from './density/class.ts'
import { benchCrowd } from './density/crowd.ts'
import { benchCycles } from './density/cycles.ts'
import { benchNeighbours, NOISES } from './density/neighbours.ts'
import { chosen, option } from './density/options.ts'

/** `--only=` may also name one noise, such as disk-fill. */
const PARTS = ['crowd', 'class', 'neighbours', 'cycles', ...Object.keys(NOISES)]

export async function benchDensity(): Promise<void> {
  const parts = chosen(PARTS)
  const sandboxes = option('sandboxes', 100)
  const pupils = option('pupils', 30)
  const cycles = option('cycles', 2000)
  if (parts.includes('crowd')) await benchCrowd(sandboxes)
  if (parts.includes('class')) await benchClass(pupils)
  const noises = Object.keys(NOISES).filter((name) => parts.includes('neighbours') || parts.includes(name))
  await benchNeighbours(noises)
  if (parts.includes('cycles')) await benchCycles(cycles)
}
