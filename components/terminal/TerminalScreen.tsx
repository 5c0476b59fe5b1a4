'use client'
/** One terminal on the screen: xterm.js, and over it what is asked, searched and chosen. */
import '@xterm/xterm/css/xterm.css'
import { type MouseEvent, type Ref, useCallback, useImperativeHandle, useRef, useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { HeldNotice } from './HeldNotice.tsx'
import { PaneCard } from './PaneCard.tsx'
import { PasteCard } from './PasteCard.tsx'
import { cleanPaste, type PasteQuestion, pasteQuestion } from './paste.ts'
import { ScreenMenu } from './ScreenMenu.tsx'
import { SearchBar } from './SearchBar.tsx'
import { shortcutName } from './shortcuts.ts'
import { TouchKeys } from './TouchKeys.tsx'
import { withCtrl } from './touch-keys.ts'
import { useTerminal } from './use-terminal.ts'

export interface ScreenHandle {
  openSearch(): void
  focus(): void
}

interface Props {
  id: number
  label: string
  active: boolean
  ref: Ref<ScreenHandle>
}

export function TerminalScreen({ id, label, active, ref }: Props) {
  const [question, setQuestion] = useState<PasteQuestion | null>(null)
  const [searching, setSearching] = useState(false)
  const [menuAt, setMenuAt] = useState<{ x: number; y: number } | null>(null)
  const [link, setLink] = useState<string | null>(null)
  const [isRefused, setRefused] = useState(false)
  /** Ctrl of the row of keys, for the next key. */
  const [ctrl, setCtrl] = useState(false)
  const ctrlNow = useRef(false)
  const holdCtrl = (held: boolean) => {
    ctrlNow.current = held
    setCtrl(held)
  }

  const { host, created, stream, waiting } = useTerminal({
    id,
    label,
    active,
    onPaste: paste,
    onSearch: () => setSearching(true),
    onLink: setLink,
    onKey(key) {
      if (!ctrlNow.current || [...key].length !== 1) return key
      holdCtrl(false)
      return withCtrl(key)
    },
  })
  const focus = () => created.current?.terminal.focus()
  useImperativeHandle(ref, () => ({ openSearch: () => setSearching(true), focus }))
  const closeMenu = useCallback(() => setMenuAt(null), [])

  function paste(text: string): void {
    const { terminal } = created.current!
    const asked = pasteQuestion(text, terminal.modes.bracketedPasteMode)
    if (asked) setQuestion(asked)
    else terminal.paste(text)
  }
  const answerPaste = (text: string | null) => {
    setQuestion(null)
    if (text !== null) created.current?.terminal.paste(text)
    focus()
  }
  const pasteFromClipboard = async () => {
    try {
      const text = cleanPaste(await navigator.clipboard.readText())
      if (text) paste(text)
    } catch {
      setRefused(true)
    }
  }
  const openMenu = (event: MouseEvent) => {
    event.preventDefault()
    const { mouseTrackingMode } = created.current!.terminal.modes
    // The program has asked for the mouse; Shift takes it back.
    if (mouseTrackingMode === 'none' || event.shiftKey) setMenuAt({ x: event.clientX, y: event.clientY })
  }

  return (
    <div className="absolute inset-0 flex flex-col bg-term-bg" hidden={!active}>
      <div className="relative min-h-0 flex-1 py-2 pl-3">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the terminal in it is what is used */}
        <div ref={host} className="size-full" data-terminal={label} onContextMenu={openMenu} />
        {searching && created.current && (
          <SearchBar
            search={created.current.search}
            onClose={() => {
              setSearching(false)
              focus()
            }}
          />
        )}
        {link && (
          <div className="pointer-events-none absolute bottom-2 left-2 z-10 max-w-[calc(100%-1rem)] rounded-md border border-line bg-surface px-2 py-1 text-xs text-ink shadow">
            <bdi dir="ltr" className="font-mono break-all">
              {link}
            </bdi>
            <span className="pl-2 text-muted">Ctrl+click opens it</span>
          </div>
        )}
        <HeldNotice
          {...waiting}
          onType={() => {
            stream.current?.typeHeld()
            focus()
          }}
          onDiscard={() => {
            stream.current?.discardHeld()
            focus()
          }}
        />
        {question && (
          <PasteCard
            question={question}
            onPaste={() => answerPaste(question.text)}
            onCancel={() => answerPaste(null)}
          />
        )}
        {isRefused && (
          <PaneCard
            actions={
              <Button
                size="small"
                onClick={() => {
                  setRefused(false)
                  focus()
                }}
              >
                All right
              </Button>
            }
          >
            The browser does not let this page read the clipboard. Press {shortcutName('paste')} in the
            terminal instead.
          </PaneCard>
        )}
      </div>
      <TouchKeys
        ctrl={ctrl}
        onCtrl={holdCtrl}
        onKey={(key) => created.current?.terminal.input(key)}
        isApplication={() => created.current?.terminal.modes.applicationCursorKeysMode ?? false}
      />
      {menuAt && created.current && (
        <ScreenMenu
          created={created.current}
          at={menuAt}
          onPaste={pasteFromClipboard}
          onSearch={() => setSearching(true)}
          onClose={closeMenu}
        />
      )}
    </div>
  )
}
