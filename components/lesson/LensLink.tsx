'use client'
/** A word of the lesson that opens the lens: at a field, beside which the lens shows what the kernel has, or at a view. */
import type { ReactNode } from 'react'
import type { LensView } from '../../spec/lens/views.ts'
import { useOptionalMachine } from '../session/SessionProvider.tsx'

interface Props {
  /** The view; for a field, `fields`. */
  view: LensView
  /** Of the field; null for a view as a whole. */
  pointer: string | null
  /** The config.json in the sandbox that the field is in. */
  file: string
  children: ReactNode
}

export function LensLink({ view, pointer, file, children }: Props) {
  const machine = useOptionalMachine()
  if (!machine) return children
  return (
    <button
      type="button"
      className="lens-link"
      title={pointer === null ? `Open the lens: ${view}` : `Open the lens at ${pointer}`}
      onClick={() => {
        // The lens lights up the row of the field that the cursor is in.
        if (pointer !== null) machine.editor.revealPointer(pointer, { file, focus: true, quietly: true })
        machine.lens.open(view)
      }}
    >
      {children}
    </button>
  )
}
