'use client'
/** For lessons that begin without an editor or without terminals: both can be had, and sent away again. */
import { FileJson2, SquareTerminal } from 'lucide-react'
import { useEffect } from 'react'
import { useMachine } from '../session/SessionProvider.tsx'
import type { PaneName, Panes } from './use-panes.ts'

interface Props {
  panes: Panes
  onShow: (name: PaneName) => void
  onToggle: (name: PaneName) => void
}

const BUTTONS = [
  { name: 'editor', label: 'Editor', Icon: FileJson2 },
  { name: 'terminal', label: 'Terminal', Icon: SquareTerminal },
] as const

export function PaneToggles({ panes, onShow, onToggle }: Props) {
  const machine = useMachine()
  // Whoever runs a command wants to see what comes of it; whoever opens a file, the file.
  useEffect(() => machine.onRun(() => onShow('terminal')), [machine, onShow])
  useEffect(() => machine.editor.onAttention(() => onShow('editor')), [machine, onShow])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div role="group" aria-label="Panes" className="needs-js pane-toggles">
      {BUTTONS.map(({ name, label, Icon }) => (
        <button key={name} type="button" aria-pressed={panes[name]} onClick={() => onToggle(name)}>
          <Icon className="size-3.5" aria-hidden /> {label}
        </button>
      ))}
    </div>
  )
}
