'use client'
/** The settings of all terminals, behind one button. */
import { MenuButton } from '../ui/MenuButton.tsx'
import { changeSettings, resize, useTerminalSettings } from './settings.ts'
import { shortcutName } from './shortcuts.ts'

export function TerminalMenu({ onSearch }: { onSearch: () => void }) {
  const { screenReader } = useTerminalSettings()
  return (
    <MenuButton
      label="Terminal settings"
      title="Search, size of type, screen reader"
      items={() => [
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
  )
}
