/** How soon a page that comes back shows its terminal again. */
import type { Learner } from '../../helpers/client.ts'
import type { TestLab } from '../../helpers/lab.ts'
import { draw, newScreen } from '../../helpers/screens.ts'
import { report } from '../measure.ts'
import { closeTerminals, command, LabLink, type Link, settle } from './link.ts'
import { quiet } from './work.ts'

const SIZE = { cols: 80, rows: 24 }

/** From the request for a socket to the last line on the screen, with a mebibyte of output to draw; and with more than is kept. */
export async function benchResume(lab: TestLab, learner: Learner): Promise<void> {
  const lines = (count: number) =>
    `for ((i = 0; i < ${count}; i++)); do printf '\\e[3%dmline\\e[m %060d\\n' $((i % 8)) $i; done`
  for (const [name, count, number] of [
    ['1_mib', 14_000, 1],
    ['beyond_the_log', 40_000, 2],
  ] as const) {
    closeTerminals(learner)
    const first = await LabLink.open(lab, learner.cookie, number)
    await settle(first)
    await command(first, `PS1=; ${lines(count)}; echo E""ND\r`, 'END')
    await first.close()
    await quiet()
    const times: number[] = []
    for (let i = 0; i < 10; i++) {
      const began = performance.now()
      const screen = newScreen(SIZE)
      let bytes = 0
      const link = await drawn(lab, learner.cookie, number, async (link, part) => {
        bytes += part.length
        await draw(screen, part)
        link.shown(part.length)
        const { active } = screen.buffer
        return active.getLine(active.baseY + active.cursorY - 1)?.translateToString(true) === 'END'
      })
      times.push(performance.now() - began)
      await link.close()
      if (bytes < 1_000_000) throw new Error(`only ${bytes} bytes came`)
    }
    report(`terminal.resume.${name}`, 'ms', times, 300)
  }
}

async function drawn(
  lab: TestLab,
  cookie: string,
  number: number,
  draw: (link: Link, part: Uint8Array) => Promise<boolean>,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    void LabLink.open(lab, cookie, number, (link, part) => {
      draw(link, part).then((done) => done && resolve(link), reject)
    }).catch(reject)
  })
}
