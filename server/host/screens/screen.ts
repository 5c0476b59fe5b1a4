/** A terminal's screen without a display, and how to bring another one to the same state. */
import serialize from '@xterm/addon-serialize'
import headless, { type Terminal } from '@xterm/headless'
import { COLUMNS } from '../../protocol/columns.ts'

/** Lines above the screen that a snapshot brings back. */
export const SCROLLBACK = 1000
/** Enough for every sequence but those that carry data. */
const TAIL_BYTES = 4096
const GROUND = 0
const NOTHING: Uint8Array = new Uint8Array(0)
/** What keeps a parser in the state of a sequence whose beginning is lost: that of strings, which are of no account. */
const INTRODUCERS: Record<number, string> = {
  1: '\x1b',
  7: '\x1bX',
  8: '\x1b]',
  9: '\x1bP',
  12: '\x1bP',
  13: '\x1bP',
}
/** Sequences that xterm.js works off once for each unit of their parameter, which may be 2^31. */
const REPEATED = ['S', 'T', 'L', 'M', 'b', 'I', 'Z', '@', 'P', 'X']
/** More than any program means. */
const MAX_REPEAT = 1000

/** Among the bytes, since a screen may still have some of before to draw. */
const RESET = '\x1bc\x1b[?25h'

/** The parts of xterm.js that its types do not name. */
interface Core {
  _writeBuffer: { writeSync(bytes: Uint8Array): void }
  _inputHandler: { _parser: { currentState: number }; _curAttrData: { extended: { urlId: number } } }
  _oscLinkService: { getLinkData(id: number): { uri: string } | undefined }
  _charsetService: { charset: unknown }
  coreService: {
    isCursorHidden: boolean
    decPrivateModes: { origin: boolean; cursorStyle?: string; cursorBlink?: boolean }
  }
  coreMouseService: { activeEncoding: string }
  buffer: { scrollTop: number; scrollBottom: number; savedX: number; savedY: number; ybase: number }
}

export class Screen {
  readonly #terminal: Terminal
  readonly #core: Core
  readonly #serializer = new serialize.SerializeAddon()
  /** The newest bytes, not yet given to the screen: a snapshot must not begin in the midst of a sequence. */
  #tail: Uint8Array = NOTHING
  /** The beginning of a sequence that an earlier snapshot has given to the screen, if it is still unfinished. */
  #torn: Uint8Array = NOTHING

  constructor(cols: number, rows: number) {
    this.#terminal = new headless.Terminal({
      cols,
      rows,
      scrollback: SCROLLBACK,
      allowProposedApi: true,
      // It would write of every broken sequence, and a learner could fill the operator's log.
      logLevel: 'off',
    })
    this.#core = (this.#terminal as unknown as { _core: Core })._core
    this.#terminal.loadAddon(this.#serializer)
    // As the screens of the pages.
    this.#terminal.unicode.register(COLUMNS)
    this.#terminal.unicode.activeVersion = COLUMNS.version
    for (const final of REPEATED) {
      this.#terminal.parser.registerCsiHandler({ final }, ([times = 0]) => Number(times) > MAX_REPEAT)
    }
  }

  feed(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#tail, bytes])
    const cut = wholeCharacters(all.subarray(0, Math.max(0, all.length - TAIL_BYTES)))
    if (cut > 0) {
      this.#write(all.subarray(0, cut))
      this.#torn = NOTHING
    }
    this.#tail = all.subarray(cut)
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows)
  }

  /** What makes any screen of the same size the same as this one, ready for the bytes after those fed. */
  snapshot(notice: string): Uint8Array {
    // Byte by byte, to know where the last whole sequence ends. What begins there is given to the other screen as it is.
    const end = wholeCharacters(this.#tail)
    let whole = this.#state === GROUND ? 0 : -1
    for (let i = 0; i < end; i++) {
      this.#write(this.#tail.subarray(i, i + 1))
      if (this.#state === GROUND) whole = i + 1
    }
    const ground = this.#state === GROUND
    const unfinished = whole < 0 ? Buffer.concat([this.#torn, this.#tail]) : this.#tail.subarray(whole)
    // The beginning is known, or it is too long ago: then only strings can last so long.
    const known = whole >= 0 || (this.#torn.length > 0 && unfinished.length <= TAIL_BYTES)
    const begun = known ? unfinished : Buffer.from(INTRODUCERS[this.#state] ?? '')
    const rest = ground ? this.#tail.subarray(end) : begun
    this.#torn = ground
      ? NOTHING
      : Uint8Array.from(begun.subarray(0, begun.length - (this.#tail.length - end)))
    this.#tail = this.#tail.slice(end)
    // Without lines above the screen there is no room for a notice: everything would stand a line too low.
    const above = this.#terminal.buffer.normal.baseY > 0 ? notice : ''
    // The serializer enters the other screen with the colour of now, which would fill it.
    const screens = this.#serializer.serialize().replace('\x1b[?1049h', '\x1b[m$&')
    return Buffer.concat([Buffer.from(RESET + above + screens + this.#modes()), rest])
  }

  dispose(): void {
    this.#terminal.dispose()
  }

  get #state(): number {
    return this.#core._inputHandler._parser.currentState
  }

  #write(bytes: Uint8Array): void {
    this.#core._writeBuffer.writeSync(bytes)
  }

  /** What the serializer leaves out. */
  #modes(): string {
    const { coreService, coreMouseService, buffer, _charsetService, _inputHandler, _oscLinkService } =
      this.#core
    const { origin, cursorStyle, cursorBlink } = coreService.decPrivateModes
    const { cursorX, cursorY } = this.#terminal.buffer.active
    const { rows, cols } = this.#terminal
    let modes = ''
    if (buffer.savedX > 0 || buffer.savedY > buffer.ybase) {
      const row = Math.max(buffer.savedY - buffer.ybase, 0) + 1
      modes += `${origin ? '\x1b[?6l' : ''}\x1b[${row};${buffer.savedX + 1}H\x1b7${origin ? '\x1b[?6h' : ''}`
    }
    const margins = buffer.scrollTop > 0 || buffer.scrollBottom < rows - 1
    if (margins) modes += `\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`
    if (modes || origin) {
      const row = cursorY + 1 - (origin ? buffer.scrollTop : 0)
      modes += `\x1b[${row};${Math.min(cursorX + 1, cols)}H`
    }
    if (coreService.isCursorHidden) modes += '\x1b[?25l'
    if (coreMouseService.activeEncoding === 'SGR') modes += '\x1b[?1006h'
    if (coreMouseService.activeEncoding === 'SGR_PIXELS') modes += '\x1b[?1016h'
    if (cursorStyle) {
      const style = ['block', 'underline', 'bar'].indexOf(cursorStyle) * 2 + (cursorBlink ? 1 : 2)
      modes += `\x1b[${style} q`
    }
    const link = _oscLinkService.getLinkData(_inputHandler._curAttrData.extended.urlId)
    // The serializer has made an underline of it.
    if (link) modes += `\x1b[24m\x1b]8;;${link.uri}\x1b\\`
    // Line drawing is the only other character set that programs still use.
    if (_charsetService.charset) modes += '\x1b(0'
    return modes
  }
}

/** How many of the bytes are whole UTF-8 characters. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return back < length ? bytes.length - back : bytes.length
    }
  }
  return bytes.length
}
