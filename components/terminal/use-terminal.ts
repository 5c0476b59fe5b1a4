'use client'
/** A terminal's life on the page: made with its element, fed by its stream, following the page's theme and settings. */
import { type RefObject, useEffect, useRef, useState } from 'react'
import { type Held, NOTHING_HELD } from '../session/held-input.ts'
import { useMachine } from '../session/SessionProvider.tsx'
import type { TerminalStream } from '../session/terminal-stream.ts'
import { useShownTheme } from '../ui/theme-store.ts'
import { type CreatedTerminal, createTerminal, fitTerminal, type TerminalEvents } from './create-terminal.ts'
import { terminalSettings, useTerminalSettings } from './settings.ts'
import { silence } from './silence.ts'
import { TERMINAL_FONT, terminalTheme } from './theme.ts'
import { drawByHardware } from './webgl.ts'

interface Options extends TerminalEvents {
  id: number
  label: string
  active: boolean
  /** The last word on every key, before it is sent. */
  onKey(key: string): string
}

export interface UsedTerminal {
  /** For the element that the terminal is drawn into. */
  host: RefObject<HTMLDivElement | null>
  /** Null before it is drawn. */
  created: RefObject<CreatedTerminal | null>
  stream: RefObject<TerminalStream | null>
  /** What was typed without a connection, and whether the learner has to say what becomes of it. */
  waiting: { held: Held; asks: boolean }
}

export function useTerminal({ id, label, active, ...events }: Options): UsedTerminal {
  const machine = useMachine()
  const host = useRef<HTMLDivElement>(null)
  const created = useRef<CreatedTerminal>(null)
  const stream = useRef<TerminalStream>(null)
  const [waiting, setWaiting] = useState({ held: NOTHING_HELD, asks: false })
  const latest = useRef(events)
  useEffect(() => {
    latest.current = events
  })

  useEffect(() => {
    const made = createTerminal(host.current!, label, {
      onPaste: (text) => latest.current.onPaste(text),
      onSearch: () => latest.current.onSearch(),
      onLink: (address) => latest.current.onLink(address),
    })
    const { terminal, fit } = made
    created.current = made

    // Writes of history that are not on the screen yet.
    let history = 0
    silence(terminal, () => history > 0)
    const [opened, close] = machine.openScreen(
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
        changed: () => {
          if (stream.current) setWaiting({ held: stream.current.held, asks: stream.current.asks })
        },
      },
      { cols: terminal.cols, rows: terminal.rows },
    )
    stream.current = opened
    const encoder = new TextEncoder()
    terminal.onData((data) => opened.type(encoder.encode(latest.current.onKey(data))))
    // Mouse reports in old encodings are bytes, not text.
    terminal.onBinary((data) => opened.type(Uint8Array.from(data, (c) => c.charCodeAt(0))))
    terminal.onResize(({ cols, rows }) => opened.resize(cols, rows))

    const refit = () => {
      if (host.current) fitTerminal(host.current, terminal, fit)
    }
    const observer = new ResizeObserver(refit)
    observer.observe(host.current!)
    // Cells are measured with whatever font is there at first.
    void document.fonts.load(`${terminalSettings().fontSize}px ${TERMINAL_FONT}`).then(() => {
      terminal.options.fontFamily = `${TERMINAL_FONT} `
      refit()
    })
    return () => {
      observer.disconnect()
      close()
      terminal.dispose()
      created.current = null
      stream.current = null
    }
  }, [machine, id, label])

  const theme = useShownTheme()
  // The colours come from the document, which has this theme now.
  useEffect(() => {
    if (created.current) created.current.terminal.options.theme = terminalTheme()
  }, [theme])

  const { fontSize, screenReader } = useTerminalSettings()
  useEffect(() => {
    if (!created.current) return
    const { terminal, fit } = created.current
    terminal.options.screenReaderMode = screenReader
    if (terminal.options.fontSize === fontSize) return
    terminal.options.fontSize = fontSize
    if (host.current) fitTerminal(host.current, terminal, fit)
  }, [fontSize, screenReader])

  useEffect(() => {
    if (!active || !created.current) return
    created.current.terminal.focus()
    return drawByHardware(created.current.terminal)
  }, [active])

  return { host, created, stream, waiting }
}
