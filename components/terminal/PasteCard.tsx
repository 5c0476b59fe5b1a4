'use client'
/** Asks before several lines are pasted into a program that would run each as it comes. */
import { useEffect, useRef } from 'react'
import { Button } from '../ui/Button.tsx'
import { PaneQuestion } from './PaneCard.tsx'
import type { PasteQuestion } from './paste.ts'

interface Props {
  question: PasteQuestion
  onPaste: () => void
  onCancel: () => void
}

export function PasteCard({ question: { lines, preview }, onPaste, onCancel }: Props) {
  const cancel = useRef<HTMLButtonElement>(null)
  useEffect(() => cancel.current?.focus(), [])
  const title = lines === 1 ? 'Paste a line with Enter behind it?' : `Paste ${lines} lines?`
  return (
    <PaneQuestion
      label={title}
      onEscape={onCancel}
      actions={
        <>
          <Button ref={cancel} size="small" onClick={onCancel}>
            Cancel
          </Button>
          <Button look="primary" size="small" onClick={onPaste}>
            Paste
          </Button>
        </>
      }
    >
      <p className="font-medium">{title}</p>
      <p className="text-muted">The program in this terminal takes each line as if you had pressed Enter.</p>
      <pre
        dir="ltr"
        className="mt-2 max-h-32 overflow-auto rounded bg-raised px-2 py-1 font-mono text-xs leading-5"
      >
        {preview.join('\n')}
        {lines > preview.length && `\n… and ${lines - preview.length} more`}
      </pre>
    </PaneQuestion>
  )
}
