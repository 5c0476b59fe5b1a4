/** An xterm.js terminal as this lab has it: its type, width of characters, links, search and clipboard. */
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Terminal } from '@xterm/xterm'
import { COLUMNS } from '../../server/protocol/columns.ts'
import { MAX_COLUMNS, MAX_ROWS } from '../../server/protocol/screen-size.ts'
import { copyText } from '../ui/clipboard.ts'
import { addLinks } from './links.ts'
import { cleanPaste } from './paste.ts'
import { resize, terminalSettings } from './settings.ts'
import { shortcutOf } from './shortcuts.ts'
import { TERMINAL_FONT, terminalTheme } from './theme.ts'

const SCROLLBACK_LINES = 5000

export interface TerminalEvents {
  onPaste(text: string): void
  onSearch(): void
  onLink(address: string | null): void
}

export interface CreatedTerminal {
  terminal: Terminal
  fit: FitAddon
  search: SearchAddon
}

/**
 * Gives it as many columns and rows as its pane has room for, and a lab takes: wide screens with small type have more. In a
 * hidden pane, whose "100%" the addon would read as 100 pixels, it keeps what it has.
 */
export function fitTerminal(host: HTMLElement, terminal: Terminal, fit: FitAddon): void {
  if (host.clientWidth === 0 || host.clientHeight === 0) return
  const room = fit.proposeDimensions()
  if (!room || (room.cols <= MAX_COLUMNS && room.rows <= MAX_ROWS)) return fit.fit()
  if (room.cols > 0 && room.rows > 0)
    terminal.resize(Math.min(room.cols, MAX_COLUMNS), Math.min(room.rows, MAX_ROWS))
}

/** Draws into `host`. `events.onPaste` gets pasted text; the terminal itself takes none. */
export function createTerminal(host: HTMLElement, label: string, events: TerminalEvents): CreatedTerminal {
  const { fontSize, screenReader } = terminalSettings()
  const terminal = new Terminal({
    fontFamily: TERMINAL_FONT,
    fontSize,
    lineHeight: 1.2,
    scrollback: SCROLLBACK_LINES,
    cursorBlink: true,
    screenReaderMode: screenReader,
    theme: terminalTheme(),
    allowProposedApi: true,
    // Broken sequences are a program's business, not the page's.
    logLevel: 'off',
  })
  const fit = new FitAddon()
  const search = new SearchAddon({ highlightLimit: 1000 })
  terminal.loadAddon(fit)
  terminal.loadAddon(search)
  terminal.unicode.register(COLUMNS)
  terminal.unicode.activeVersion = COLUMNS.version
  addLinks(terminal, events.onLink)
  terminal.open(host)
  terminal.textarea!.setAttribute('aria-label', label)
  fitTerminal(host, terminal, fit)
  keepShortcuts(terminal, events.onSearch)
  // Before xterm.js sees it: it would type the text as it is.
  host.addEventListener(
    'paste',
    (event) => {
      event.preventDefault()
      event.stopPropagation()
      const text = cleanPaste(event.clipboardData?.getData('text/plain') ?? '')
      if (text) events.onPaste(text)
    },
    { capture: true },
  )
  return { terminal, fit, search }
}

function keepShortcuts(terminal: Terminal, onSearch: () => void): void {
  terminal.attachCustomKeyEventHandler((event) => {
    const shortcut = shortcutOf(event)
    if (!shortcut) return true
    // The browser pastes by itself, and is the only one that may without asking.
    if (shortcut === 'paste') return false
    event.preventDefault()
    if (event.type !== 'keydown') return false
    if (shortcut === 'copy') {
      if (terminal.hasSelection()) void copyText(terminal.getSelection())
    } else if (shortcut === 'search') onSearch()
    else resize(shortcut === 'larger' ? 1 : shortcut === 'smaller' ? -1 : 0)
    return false
  })
}
