'use client'
/** This sandbox is a fresh one with the learner's kept files in it: what is back, and what is not. */
import { X } from 'lucide-react'
import { useState } from 'react'
import { useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { BAR } from './bar.ts'

export function RestoredNotice() {
  const { restored, sandbox } = useView()
  const [away, setAway] = useState<number | null>(null)
  if (!restored || sandbox?.state !== 'ready' || away === restored.savedAt) return null
  const when = new Date(restored.savedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <div
      role="status"
      className={BAR.replace('bg-warn-soft', restored.ok ? 'bg-accent-soft' : 'bg-warn-soft')}
    >
      <p className="min-w-0 flex-1 basis-64">
        {restored.ok
          ? `Your earlier sandbox has ended. This is a fresh one with your files as they were kept on ${when}. Shells, containers and Docker’s images are not back.`
          : `Your earlier sandbox has ended, and the files kept on ${when} could not all be put into this fresh one. They are set aside: whoever runs the lab finds them by its log.`}
      </p>
      <Button look="quiet" size="small" aria-label="Dismiss" onClick={() => setAway(restored.savedAt)}>
        <X className="size-3.5" aria-hidden />
      </Button>
    </div>
  )
}
