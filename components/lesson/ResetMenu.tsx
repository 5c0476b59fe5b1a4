'use client'
/** Starting over, as little or as much as one wants: the file, the step, the sandbox, everything. Each says first what is lost. */
import { RotateCcw } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useOptionalMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import type { Choice, Place, StartOver } from './start-over.ts'

const LABELS: Record<Choice, string> = {
  file: 'This file',
  step: 'This step',
  sandbox: 'The sandbox',
  all: 'Everything',
}

export function ResetMenu(place: Place) {
  const machine = useOptionalMachine()
  const router = useRouter()
  const ready = useView().sandbox?.state === 'ready'
  const [asking, setAsking] = useState<(StartOver & { label: string }) | null>(null)
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState('')
  const { file, before, solvable } = place
  const offered = (['file', 'step', 'sandbox', 'all'] as const).filter(
    (choice) => (choice !== 'file' || file) && (choice !== 'step' || (before.length > 0 && solvable)),
  )

  const ask = async (choice: Choice) => {
    try {
      const { startOver } = await import('./start-over.ts')
      setAsking({ ...startOver(choice, place), label: LABELS[choice] })
    } catch {
      setSaid('This could not be loaded. Reload the page.')
    }
  }
  const confirm = async () => {
    setAsking(null)
    setSaid('')
    if (!asking || !machine) return
    setBusy(true)
    await asking.act(machine, setSaid, router.push)
    setBusy(false)
  }

  return (
    <section aria-label="Start over" className="needs-js step-part">
      <div className="flex flex-wrap items-center gap-2">
        <p className="mr-1 flex items-center gap-2 text-sm text-muted">
          <RotateCcw className="size-3.5" aria-hidden /> Start over:
        </p>
        {offered.map((choice) => (
          <Button key={choice} size="small" disabled={!ready || busy} onClick={() => void ask(choice)}>
            {LABELS[choice]}
          </Button>
        ))}
      </div>
      <p role="status" className="mt-2 text-sm text-muted empty:hidden">
        {said}
      </p>
      <ConfirmDialog
        open={asking !== null}
        title={asking ? `Start over: ${asking.label.toLowerCase()}?` : ''}
        confirm="Start over"
        onClose={() => setAsking(null)}
        onConfirm={() => void confirm()}
      >
        {asking?.lost}
      </ConfirmDialog>
    </section>
  )
}
