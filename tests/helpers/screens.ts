/** Terminals as a page has them, without a display, and what is on them in a form that can be compared. */
import serialize from '@xterm/addon-serialize'
import headless, { type Terminal } from '@xterm/headless'
import type { LabClient } from '../../components/session/lab-client.ts'
import type { TerminalStream } from '../../components/session/terminal-stream.ts'
import { COLUMNS } from '../../server/protocol/columns.ts'

export interface Size {
  cols: number
  rows: number
}

export function newScreen(size: Size): Terminal {
  const terminal = new headless.Terminal({ ...size, scrollback: 1000, allowProposedApi: true })
  terminal.unicode.register(COLUMNS)
  terminal.unicode.activeVersion = COLUMNS.version
  return terminal
}

export const draw = (terminal: Terminal, bytes: string | Uint8Array) =>
  new Promise<void>((resolve) => terminal.write(bytes, resolve))

/** Everything that makes a difference to whoever looks or types: both screens, so many lines above, cursor and modes. */
export function describeScreen(terminal: Terminal, scrollback: number) {
  const addon = new serialize.SerializeAddon()
  terminal.loadAddon(addon)
  const core = (terminal as unknown as { _core: Record<string, Record<string, unknown>> })._core
  const { active } = terminal.buffer
  const { scrollTop, scrollBottom } = core.buffer as Record<string, unknown>
  return {
    text: addon.serialize({ scrollback }).split('\r\n'),
    buffer: active.type,
    cursor: [active.cursorX, active.cursorY],
    hidden: core.coreService!.isCursorHidden,
    mouse: core.coreMouseService!.activeEncoding,
    modes: terminal.modes,
    margins: [scrollTop, scrollBottom],
  }
}

/** A tab's terminal on such a screen. */
export class DrawnStream {
  readonly terminal: Terminal
  readonly stream: TerminalStream
  /** How often it has begun afresh. */
  cleared = 0

  constructor(client: LabClient, id: number, size: Size) {
    this.terminal = newScreen(size)
    const screen = {
      write: (bytes: Uint8Array, _history: boolean, done: () => void) => this.terminal.write(bytes, done),
      clear: () => {
        this.cleared++
        this.terminal.reset()
      },
    }
    this.stream = client.openStream(id, screen, size)
  }

  type(text: string): void {
    this.stream.type(Buffer.from(text))
  }

  /** The lines on the screen. */
  get lines(): string[] {
    const { active } = this.terminal.buffer
    return Array.from(
      { length: this.terminal.rows },
      (_, i) =>
        active
          .getLine(active.baseY + i)
          ?.translateToString()
          .trimEnd() ?? '',
    )
  }

  get text(): string {
    return this.lines.join('\n')
  }
}
