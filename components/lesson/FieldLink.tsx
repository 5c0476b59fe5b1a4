'use client'
/** A word of the lesson that leads to a line of config.json: the editor shows it, the lens follows. */
import type { ReactNode } from 'react'
import { useOptionalMachine } from '../session/SessionProvider.tsx'

interface Props {
  /** A JSON pointer, such as `/process/args`. */
  pointer: string
  /** The file in the sandbox; the editor's own choice if not given. */
  file?: string
  children: ReactNode
}

export function FieldLink({ pointer, file, children }: Props) {
  const machine = useOptionalMachine()
  if (!machine) return <code title={pointer}>{children}</code>
  return (
    <button
      type="button"
      className="field-link"
      title={`Show ${pointer} in ${file?.split('/').at(-1) ?? 'config.json'}`}
      onClick={() => machine.editor.revealPointer(pointer, { file, focus: true })}
    >
      {children}
    </button>
  )
}
