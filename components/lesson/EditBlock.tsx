'use client'
/** A change of config.json as a diff, to be applied by one click. */
import { Check, PencilLine } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { PatchOperation } from '../../spec/edit.ts'
import { useOptionalMachine } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'

interface Props {
  id: string
  /** Undefined if lab.yaml has no such edit: then it is a diff to read. */
  edit?: { title: string; file?: string; patch: readonly PatchOperation[] }
  lesson?: string
  /** The diff, in colour. */
  children: ReactNode
}

export function EditBlock({ edit, children }: Props) {
  const machine = useOptionalMachine()
  const [said, say] = useState('')
  const apply = async () => {
    if (!machine || !edit) return
    const result = await machine.editor.applyEdit({ file: edit.file, patch: edit.patch })
    say(result.applied ? (result.changed ? 'Applied and saved.' : 'The file has it already.') : result.why)
  }
  return (
    <figure className="edit-block">
      <figcaption>
        <PencilLine className="size-4 shrink-0" aria-hidden />
        <span className="min-w-0 flex-1">{edit?.title ?? 'A change of the file'}</span>
        {edit && (
          <Button look="primary" size="small" className="needs-js" onClick={() => void apply()}>
            {said === 'Applied and saved.' && <Check className="size-3.5" aria-hidden />} Apply
          </Button>
        )}
      </figcaption>
      <pre>
        <code>{children}</code>
      </pre>
      <p role="status" className="edit-block-said">
        {said}
      </p>
    </figure>
  )
}
