/** Keeps a screen from answering questions that were asked, and answered, before it was there. */
import type { Terminal } from '@xterm/xterm'

/**
 * Programs ask a terminal who it is or where its cursor stands, and it answers as if it typed. While old output is shown
 * again nobody waits for that answer: it would end up on the shell's command line.
 */
export function silence(terminal: Terminal, isSilent: () => boolean): void {
  const { parser } = terminal
  const swallow = () => isSilent()
  for (const id of [
    { final: 'c' }, // DA1: who are you
    { prefix: '>', final: 'c' }, // DA2
    { prefix: '=', final: 'c' }, // DA3
    { final: 'n' }, // DSR: where is the cursor
    { prefix: '?', final: 'n' },
    { prefix: '>', final: 'q' }, // XTVERSION
    { intermediates: '$', final: 'p' }, // DECRQM: which modes are set
    { prefix: '?', intermediates: '$', final: 'p' },
    { final: 't' }, // window size and the like
  ]) {
    parser.registerCsiHandler(id, swallow)
  }
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, swallow)
  for (const colour of [4, 10, 11, 12]) {
    parser.registerOscHandler(colour, (data) => isSilent() && data.includes('?'))
  }
}
