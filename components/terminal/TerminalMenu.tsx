'use client'
/** The settings of all terminals, behind one button. */
import { Ellipsis } from 'lucide-react'
import { useCallback, useRef, useState } from 'react'
import { Menu } from '../ui/Menu.tsx'
import { changeSettings, resize, useTerminalSettings } from './settings.ts'
import { shortcutName } from './shortcuts.ts'

export function TerminalMenu({ onSearch }: { onSearch: () => void }) {
  const button = useRef<HTMLButtonElement>(null)
  const [at, setAt] = useState<{ x: number; y: number } | null>(null)
  const { screenReader } = useTerminalSettings()
  const close = useCallback((chosen: boolean) => {
    setAt(null)
    // What was chosen may have put the focus where it is wanted.
    if (!chosen) button.current?.focus()
  }, [])
  const open = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    setAt({ x: right, y: bottom + 4 })
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label="Terminal settings"
        aria-haspopup="menu"
        aria-expanded={at !== null}
        title="Search, size of type, screen reader"
        onClick={open}
        className="grid size-7 shrink-0 cursor-pointer place-items-center rounded-md text-muted hover:bg-raised hover:text-ink"
      >
        <Ellipsis className="size-4" aria-hidden />
      </button>
      {at && (
        <Menu
          label="Terminal settings"
          at={at}
          onClose={close}
          items={[
            { label: 'Search', keys: shortcutName('search'), onSelect: onSearch },
            null,
            { label: 'Larger text', keys: shortcutName('larger'), stays: true, onSelect: () => resize(1) },
            { label: 'Smaller text', keys: shortcutName('smaller'), stays: true, onSelect: () => resize(-1) },
            { label: 'Normal size', keys: shortcutName('normal-size'), onSelect: () => resize(0) },
            null,
            {
              label: 'Screen reader support',
              checked: screenReader,
              onSelect: () => changeSettings({ screenReader: !screenReader }),
            },
          ]}
        />
      )}
    </>
  )
}
