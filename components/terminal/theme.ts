/** The colours and type of terminals, from the page's own custom properties. */
import type { ITheme } from '@xterm/xterm'

/** Sixteen colours that are told apart on the terminal's dark background in both themes of the page. */
const ANSI: ITheme = {
  black: '#1f2530',
  red: '#ff7b72',
  green: '#7ee2a0',
  yellow: '#f2cc60',
  blue: '#79b0ff',
  magenta: '#d2a8ff',
  cyan: '#76dbe6',
  white: '#c9d1d9',
  brightBlack: '#7d8899',
  brightRed: '#ffa198',
  brightGreen: '#a5f0bf',
  brightYellow: '#f8e08e',
  brightBlue: '#a5ccff',
  brightMagenta: '#e2c5ff',
  brightCyan: '#a8ecf3',
  brightWhite: '#f4f7fb',
}

export function terminalTheme(): ITheme {
  const style = getComputedStyle(document.documentElement)
  const background = style.getPropertyValue('--term-bg').trim()
  const foreground = style.getPropertyValue('--term-fg').trim()
  return { ...ANSI, background, foreground, cursor: foreground, selectionBackground: '#3b5b8f' }
}

export const TERMINAL_FONT = "'JetBrains Mono Variable', ui-monospace, monospace"
