/** Terminals with real programs of this host, and browser tabs that look at them. */
import assert from 'node:assert/strict'
import { afterEach } from 'node:test'
import { OutputShare } from '../../../server/host/terminals/share.ts'
import { Terminal, type Viewer } from '../../../server/host/terminals/terminal.ts'
import { until } from '../../helpers/until.ts'

export const SIZE = { cols: 80, rows: 24 }
export const bytes = (text: string) => new TextEncoder().encode(text)
export const share = new OutputShare(1_000_000_000)
const started: Terminal[] = []
let lastId = 0
afterEach(() => {
  for (const terminal of started.splice(0)) terminal.close()
})

/** A terminal with this program; `exits` counts how often its end was told. */
export function start(file: string, ...args: string[]) {
  const told = { exits: 0, taken: 0 }
  const terminal = new Terminal({ id: ++lastId, number: 1 }, { file, args }, SIZE, share, {
    onExit: () => {
      told.exits++
    },
    onInputTaken: () => {
      told.taken++
    },
    onSign: () => {},
  })
  started.push(terminal)
  return { terminal, told }
}
export const startShell = (script: string) => start('/bin/sh', '-c', script)

/** A browser tab that shows what it gets, and says so if `acks`. */
export class Tab implements Viewer {
  readonly terminal: Terminal
  acks: boolean
  #chunks: Buffer[] = []
  /** Bytes it was sent in all, also those it forgot at a restart. */
  sent = 0
  end = 0
  restarts: { from: number; live: number; dropped: boolean }[] = []

  constructor(terminal: Terminal, { from = 0, acks = true } = {}) {
    this.terminal = terminal
    this.acks = acks
    terminal.attach(this, from)
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.bytes.toString()
  }

  send(offset: number, part: Uint8Array): void {
    assert.equal(offset, this.end, 'no gap and no overlap')
    this.#chunks.push(Buffer.from(part))
    this.sent += part.length
    this.end = offset + part.length
    if (this.acks) setImmediate(() => this.acknowledge())
  }

  restart(from: number, live: number, dropped: boolean): void {
    this.restarts.push({ from, live, dropped })
    this.#chunks = []
    this.end = from
  }

  acknowledge(): void {
    this.terminal.ack(this, this.end)
  }

  until(text: string | RegExp): Promise<boolean> {
    return until(`${text} is printed`, () =>
      typeof text === 'string' ? this.text.includes(text) : text.test(this.text),
    )
  }
}

export const ended = (terminal: Terminal) => until('the program has ended', () => terminal.exit !== null)
