/** A screen that only records: every byte of a terminal as the product's client hands it out. */
import type { LabClient } from '../../components/session/lab-client.ts'
import type { TerminalStream } from '../../components/session/terminal-stream.ts'
import { until } from './until.ts'

export class Tape {
  #stream!: TerminalStream
  /** How often older output was lost. */
  cleared = 0
  text = ''
  readonly #decoder = new TextDecoder()

  /** Of terminal `number`, which is opened if need be. */
  static async open(client: LabClient, number: number, size = { cols: 80, rows: 30 }): Promise<Tape> {
    const find = () => client.view.terminals.find((each) => each.number === number && each.exit === null)
    const ask = () => client.send({ type: 'open-terminal', number, ...size })
    // On a bad network the question may get lost.
    const terminal = await until(`terminal ${number} is open`, () => {
      const found = find()
      if (!found) ask()
      return found
    })
    const tape = new Tape()
    tape.#stream = client.openStream(terminal.id, tape, size)
    return tape
  }

  get stream(): TerminalStream {
    return this.#stream
  }

  write(bytes: Uint8Array, _history: boolean, done: () => void): void {
    this.text += this.#decoder.decode(bytes, { stream: true })
    done()
  }

  clear(): void {
    this.cleared++
  }
}
