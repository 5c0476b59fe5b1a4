'use client'
/** On a narrow screen: the lesson, the machine or the lens. */
import { BookOpen, ScanSearch, SquareTerminal } from 'lucide-react'
import { useEffect } from 'react'
import { useMachine } from '../session/SessionProvider.tsx'

export type Shown = 'prose' | 'machine' | 'lens'

interface Props {
  shown: Shown
  onShow: (shown: Shown) => void
  /** A lesson leads to the lens. */
  onLens: () => void
}

const TABS = [
  { id: 'prose', label: 'Lesson', Icon: BookOpen },
  { id: 'machine', label: 'Machine', Icon: SquareTerminal },
  { id: 'lens', label: 'Lens', Icon: ScanSearch },
] as const

export function PhoneTabs({ shown, onShow, onLens }: Props) {
  const machine = useMachine()
  // Whoever runs a command wants to see what comes of it.
  useEffect(() => machine.onRun(() => onShow('machine')), [machine, onShow])
  // So does whoever follows a link to a field.
  useEffect(() => machine.editor.onAttention(() => onShow('machine')), [machine, onShow])
  // And whoever follows one to the lens; beside the lesson it opens by itself.
  useEffect(() => machine.lens.onOpen(() => onLens()), [machine, onLens])
  return (
    <div
      role="tablist"
      aria-label="Lesson, machine or lens"
      className="phone-tabs needs-js grid grid-cols-3 border-t border-line bg-surface"
    >
      {TABS.map(({ id, label, Icon }) => (
        <button
          key={id}
          type="button"
          role="tab"
          aria-selected={shown === id}
          onClick={() => onShow(id)}
          className="flex h-12 items-center justify-center gap-2 text-sm text-muted aria-selected:font-medium aria-selected:text-accent"
        >
          <Icon className="size-4" aria-hidden /> {label}
        </button>
      ))}
    </div>
  )
}
