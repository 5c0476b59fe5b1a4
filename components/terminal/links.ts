/** Addresses in terminal output: only those of the web, and only by a deliberate click. */
import { WebLinksAddon } from '@xterm/addon-web-links'
import type { Terminal } from '@xterm/xterm'
import { webAddress } from './addresses.ts'

function open(event: MouseEvent, text: string): void {
  const address = webAddress(text)
  const isTouch = window.matchMedia('(pointer: coarse)').matches
  // A mere click is how one selects text or gets back into the terminal.
  if (!address || !(event.ctrlKey || event.metaKey || isTouch)) return
  window.open(address, '_blank', 'noopener,noreferrer')
}

/** `onHover` gets the address under the pointer, or null. */
export function addLinks(terminal: Terminal, onHover: (address: string | null) => void): void {
  const hover = (_: MouseEvent, text: string) => onHover(webAddress(text))
  const leave = () => onHover(null)
  terminal.loadAddon(new WebLinksAddon(open, { hover, leave }))
  // Links whose text is not their address: OSC 8.
  terminal.options.linkHandler = { activate: open, hover, leave, allowNonHttpProtocols: false }
}
