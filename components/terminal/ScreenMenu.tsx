'use client'
/** What a right click in a terminal offers. */
import { copyText } from '../ui/clipboard.ts'
import { Menu } from '../ui/Menu.tsx'
import type { CreatedTerminal } from './create-terminal.ts'
import { shortcutName } from './shortcuts.ts'

interface Props {
  created: CreatedTerminal
  at: { x: number; y: number }
  onPaste: () => void
  onSearch: () => void
  onClose: () => void
}

export function ScreenMenu({ created: { terminal }, at, onPaste, onSearch, onClose }: Props) {
  const items = [
    {
      label: 'Copy',
      keys: shortcutName('copy'),
      disabled: !terminal.hasSelection(),
      onSelect: () => void copyText(terminal.getSelection()),
    },
    { label: 'Paste', keys: shortcutName('paste'), onSelect: onPaste },
    { label: 'Select all', onSelect: () => terminal.selectAll() },
    null,
    { label: 'Clear', onSelect: () => terminal.clear() },
    { label: 'Search', keys: shortcutName('search'), onSelect: onSearch },
  ]
  return (
    <Menu
      label="Terminal"
      at={at}
      items={items}
      onClose={() => {
        onClose()
        terminal.focus()
      }}
    />
  )
}
