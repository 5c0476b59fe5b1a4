/** A learner at a terminal: pastes, presses Enter, and reads what is on the screen. */
import type { LabClient } from '../../components/session/lab-client.ts'
import type { TerminalStream } from '../../components/session/terminal-stream.ts'
import { plainText } from './plain-text.ts'
import { until } from './until.ts'

/** Of bash in the sandbox. */
export const PROMPT = /root@lab:[^\s]*[#$] $/

const encoder = new TextEncoder()

export class Shell {
  #text = ''
  #mark = 0
  readonly stream: TerminalStream

  private constructor(client: LabClient, id: number) {
    const decoder = new TextDecoder()
    const screen = {
      write: (bytes: Uint8Array, _history: boolean, done: () => void) => {
        this.#text += decoder.decode(bytes, { stream: true })
        done()
      },
      clear: () => {
        this.#text = ''
      },
    }
    this.stream = client.openStream(id, screen, { cols: 120, rows: 30 })
  }

  /** Opens terminal `number` and waits for its prompt. */
  static async open(client: LabClient, number = 1): Promise<Shell> {
    client.send({ type: 'open-terminal', number, cols: 120, rows: 30 })
    const terminal = await until(`terminal ${number} is open`, () =>
      client.view.terminals.find((each) => each.number === number && each.exit === null),
    )
    const shell = new Shell(client, terminal.id)
    await shell.until(PROMPT)
    return shell
  }

  /** Shows a terminal that is there, as a further tab does. */
  static follow(client: LabClient, id: number): Shell {
    return new Shell(client, id)
  }

  get id(): number {
    return this.stream.id
  }

  /** Without colours and carriage returns. */
  get screen(): string {
    return plainText(this.#text)
  }

  /** Exactly these keys. */
  type(keys: string): void {
    this.#mark = this.screen.length
    this.stream.type(encoder.encode(keys))
  }

  /** Waits until what has been printed since the last keys matches. Returns it. */
  async until(expected: RegExp, timeoutMs = 20_000): Promise<string> {
    try {
      await until(
        `${expected} is on the screen`,
        () => expected.test(this.screen.slice(this.#mark)),
        timeoutMs,
      )
    } catch (error) {
      throw new Error(`${(error as Error).message}; there is: ${this.screen.slice(this.#mark).slice(-2000)}`)
    }
    return this.screen.slice(this.#mark)
  }

  /** Pastes a command as a browser does, presses Enter, and waits for the prompt after its output. Returns the output. */
  async paste(command: string, { prompt = PROMPT, timeoutMs = 20_000 } = {}): Promise<string> {
    const bracketed = this.#text.lastIndexOf('\x1b[?2004h') > this.#text.lastIndexOf('\x1b[?2004l')
    this.type(`${bracketed ? `\x1b[200~${command}\x1b[201~` : command}\r`)
    // The prompt that is there already must not count: behind the echo comes a new line.
    const text = await this.until(new RegExp(`\\n[^]*${prompt.source}`), timeoutMs)
    return text.slice(text.indexOf('\n') + 1, text.search(prompt))
  }

  /** The status of the command before. */
  async status(): Promise<number> {
    return Number(await this.paste('echo $?'))
  }
}
