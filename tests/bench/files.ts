/** How fast a change of a file crosses between the editor's end and the sandbox. */
import { connectLearner } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { report, samples, timed } from './measure.ts'

const PATH = '/tmp/bench.json'
/** About the size of what `runc spec` writes. */
const text = (i: number) => JSON.stringify({ i, filler: 'x'.repeat(2500) })

export async function benchFiles(): Promise<void> {
  const lab = await TestLab.start()
  const { client, stop } = await connectLearner(lab)
  try {
    client.watchFile(PATH)
    await until('the file is watched', () => client.view.files[PATH])

    let base: string | null = null
    const save = await samples(100, (i) =>
      timed(async () => {
        const result = await client.saveFile(PATH, base, text(i))
        if (!result.saved) throw new Error('a save met a conflict')
        base = result.hash
      }),
    )
    report('file.save_to_sandbox', 'ms', save, 100)

    client.send({ type: 'open-terminal', number: 1, cols: 80, rows: 24 })
    const terminal = await until('there is a terminal', () => client.view.terminals[0])
    let printed = ''
    const screen = {
      write(bytes: Uint8Array, _history: boolean, done: () => void) {
        printed += Buffer.from(bytes)
        done()
      },
      clear() {},
    }
    const stream = client.openStream(terminal.id, screen, { cols: 80, rows: 24 })
    await until('there is a prompt', () => printed.includes('# '))
    // From the key that ends the command to the new text, so the shell's own work is in it.
    const follow = await samples(100, async (i) => {
      const line = `echo change-${i} > ${PATH}`
      stream.type(Buffer.from(line))
      await until('the command is typed', () => printed.includes(line))
      const changed = new Promise<number>((resolve) => {
        const unsubscribe = client.subscribe(() => {
          const file = client.view.files[PATH]
          if (file?.state !== 'text' || file.text !== `change-${i}\n`) return
          unsubscribe()
          resolve(performance.now())
        })
      })
      const began = performance.now()
      stream.type(Buffer.from('\r'))
      return (await changed) - began
    })
    report('file.sandbox_to_editor', 'ms', follow, 100)
  } finally {
    stop()
    await lab.stop()
  }
}
