/** How a learner's keys fare while others' programs print all they can: each of them has a page in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import readline from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Learner } from '../../helpers/client.ts'
import { ROOT, type TestLab } from '../../helpers/lab.ts'
import { quantile, report, reportOne } from '../measure.ts'
import { closeTerminals, LabLink, settle } from './link.ts'
import { echoes, quiet } from './work.ts'

const ROUNDS = 4
const KEYS = 250

class Drain {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#lines = readline.createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  }

  static async start(lab: TestLab, cookie: string, number: number): Promise<Drain> {
    const args = ['--import', 'tsx', 'tests/bench/terminal/drain.ts', lab.url, cookie, String(number)]
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] })
    const drain = new Drain(child)
    await drain.#lines.next()
    return drain
  }

  /** Returns how many bytes have come altogether. */
  async type(line: string): Promise<number> {
    this.#child.stdin!.write(`${line}\n`)
    return Number((await this.#lines.next()).value)
  }

  stop(): void {
    this.#child.kill()
  }
}

export async function benchNeighbours(lab: TestLab, flooding: Learner, typing: Learner): Promise<void> {
  closeTerminals(flooding)
  const drain = await Drain.start(lab, flooding.cookie, 3)
  const keys = await LabLink.open(lab, typing.cookie, 1)
  await settle(keys)
  const alone: number[] = []
  const beside: number[] = []
  const rates: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await quiet()
      alone.push(...(await echoes(keys, KEYS)))
      const before = await drain.type('yes')
      const began = performance.now()
      await sleep(500)
      beside.push(...(await echoes(keys, KEYS)))
      const bytes = (await drain.type('^C')) - before
      rates.push(bytes / (performance.now() - began) / 1000)
      await sleep(500)
    }
  } finally {
    drain.stop()
    await keys.close()
  }
  report('terminal.echo.alone', 'ms', alone)
  report('terminal.echo.beside_a_flood', 'ms', beside)
  report('terminal.echo.flood_meanwhile', 'MB/s', rates)
  for (const [name, share] of [
    ['p50', 0.5],
    ['p95', 0.95],
  ] as const) {
    const ratio = quantile(beside, share) / quantile(alone, share)
    reportOne(`terminal.echo.beside_a_flood.${name}.to_alone`, 'ratio', ratio, { atMost: 2 })
  }
}
