'use client'
/** One terminal on the screen: xterm.js and nothing else. */
import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import { useEffect, useRef } from 'react'
import { useMachine } from '../session/SessionProvider.tsx'
import { copyText } from '../ui/clipboard.ts'
import { useShownTheme } from '../ui/theme-store.ts'
import { silence } from './silence.ts'
import { TERMINAL_FONT, terminalTheme } from './theme.ts'

const SCROLLBACK_LINES = 5000

export function TerminalScreen({ id, label, active }: { id: number; label: string; active: boolean }) {
  const machine = useMachine()
  const host = useRef<HTMLDivElement>(null)
  const terminalRef = useRef<Terminal>(null)

  useEffect(() => {
    const terminal = new Terminal({
      fontFamily: TERMINAL_FONT,
      fontSize: 13.5,
      lineHeight: 1.2,
      scrollback: SCROLLBACK_LINES,
      cursorBlink: true,
      theme: terminalTheme(),
      allowProposedApi: true,
    })
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    terminal.loadAddon(new WebLinksAddon())
    terminal.open(host.current!)
    terminal.textarea!.setAttribute('aria-label', label)
    terminalRef.current = terminal
    fit.fit()

    // Writes of history that are not on the screen yet.
    let history = 0
    silence(terminal, () => history > 0)
    const [stream, close] = machine.openScreen(
      id,
      {
        write(bytes, isHistory, done) {
          if (isHistory) history++
          terminal.write(bytes, () => {
            if (isHistory) history--
            done()
          })
        },
        clear: () => terminal.reset(),
      },
      { cols: terminal.cols, rows: terminal.rows },
    )
    const encoder = new TextEncoder()
    terminal.onData((data) => stream.type(encoder.encode(data)))
    // Mouse reports in old encodings are bytes, not text.
    terminal.onBinary((data) => stream.type(Uint8Array.from(data, (c) => c.charCodeAt(0))))
    terminal.onResize(({ cols, rows }) => stream.resize(cols, rows))
    terminal.attachCustomKeyEventHandler((event) => {
      const isCopy = event.code === 'KeyC' && ((event.ctrlKey && event.shiftKey) || event.metaKey)
      if (!isCopy || !terminal.hasSelection()) return true
      event.preventDefault()
      if (event.type === 'keydown') void copyText(terminal.getSelection())
      return false
    })

    const refit = () => {
      // A hidden pane has no size; a terminal in it keeps its own.
      if (host.current && host.current.clientWidth > 0 && host.current.clientHeight > 0) fit.fit()
    }
    const observer = new ResizeObserver(refit)
    observer.observe(host.current!)
    // Cells are measured with whatever font is there at first.
    void document.fonts.load(`13.5px ${TERMINAL_FONT}`).then(() => {
      terminal.options.fontFamily = `${TERMINAL_FONT} `
      refit()
    })
    return () => {
      observer.disconnect()
      close()
      terminal.dispose()
      terminalRef.current = null
    }
  }, [machine, id, label])

  const theme = useShownTheme()
  // The colours come from the document, which has this theme now.
  useEffect(() => {
    if (terminalRef.current) terminalRef.current.options.theme = terminalTheme()
  }, [theme])

  useEffect(() => {
    if (active) terminalRef.current?.focus()
  }, [active])

  return (
    <div className="absolute inset-0 bg-term-bg py-2 pl-3" hidden={!active}>
      <div ref={host} className="size-full" data-terminal={label} />
    </div>
  )
}
