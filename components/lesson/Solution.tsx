'use client'
/** The step's solution: to be read, or to be carried out by the lab, after saying what that does. */
import { FastForward } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useOptionalMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'

interface Props {
  lesson: string
  step: string
  /** How many edits it makes. */
  edits: number
  /** The script, in colour. */
  children: ReactNode
}

export function Solution({ lesson, step, edits, children }: Props) {
  const machine = useOptionalMachine()
  const ready = useView().sandbox?.state === 'ready'
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState('')

  const solve = async () => {
    setAsking(false)
    if (!machine) return
    setBusy(true)
    setSaid('Working on it…')
    const { done, output } = await machine.learning.solve(lesson, step)
    setBusy(false)
    setSaid(done ? 'Done. Look at what has changed before you go on.' : output)
  }

  return (
    <section aria-label="Solution" className="step-part">
      <details>
        <summary>Show the solution</summary>
        <div className="mt-3 grid gap-3">
          {edits > 0 && (
            <p className="text-sm text-muted">
              First {edits === 1 ? 'the edit' : `the ${edits} edits`} of this step, then:
            </p>
          )}
          {children}
        </div>
      </details>
      <div className="needs-js mt-3 flex flex-wrap items-center gap-3">
        <Button size="small" disabled={!ready} aria-disabled={busy} onClick={() => busy || setAsking(true)}>
          <FastForward className="size-3.5" aria-hidden /> Do this step for me
        </Button>
        <span role="status" className="min-w-0 flex-1 text-sm break-words text-muted">
          {ready ? said : 'Your sandbox is not ready.'}
        </span>
      </div>
      <ConfirmDialog
        open={asking}
        title="Do this step for you?"
        confirm="Do it"
        onConfirm={() => void solve()}
        onClose={() => setAsking(false)}
      >
        The lab makes the edits of this step and runs its solution in your sandbox. Containers that are in the
        way are deleted; other changes of yours to the same lines are overwritten.
      </ConfirmDialog>
    </section>
  )
}
