'use client'
/** A word of the lesson that leads to a line of config.json: the editor shows it, the lens follows. */
import type { ReactNode } from 'react'
import { useOptionalMachine } from '../session/SessionProvider.tsx'

/** `pointer`: a JSON pointer, such as `/process/args`. */
export function FieldLink({ pointer, children }: { pointer: string; children: ReactNode }) {
  const machine = useOptionalMachine()
  if (!machine) return <code title={pointer}>{children}</code>
  return (
    <button
      type="button"
      className="field-link"
      title={`Show ${pointer} in config.json`}
      onClick={() => machine.editor.revealPointer(pointer, { focus: true })}
    >
      {children}
    </button>
  )
}
