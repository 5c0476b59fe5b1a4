'use client'
/** The button that has the lab carry out the step's solution, after saying what that does. */
import { FastForward } from 'lucide-react'
import { useState } from 'react'
import { useOptionalMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'

export function SolveStep({ lesson, step }: { lesson: string; step: string }) {
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
    <div className="needs-js mt-3 flex flex-wrap items-center gap-3">
      <Button size="small" disabled={!ready} aria-disabled={busy} onClick={() => busy || setAsking(true)}>
        <FastForward className="size-3.5" aria-hidden /> Do this step for me
      </Button>
      <span role="status" className="min-w-0 flex-1 text-sm break-words text-muted">
        {ready ? said : 'Your sandbox is not ready.'}
      </span>
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
    </div>
  )
}
