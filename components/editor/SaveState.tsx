/** Whether what stands in the editor is in the sandbox, in a few words. */
import { Check, CircleAlert, LoaderCircle, Lock } from 'lucide-react'
import type { SyncState } from './file-sync.ts'

const STATES = {
  saved: { text: 'Saved in the sandbox', Icon: Check, look: 'text-good' },
  unsaved: { text: 'Saving…', Icon: LoaderCircle, look: 'text-muted' },
  conflict: { text: 'Changed on both sides', Icon: CircleAlert, look: 'text-warn' },
  failed: { text: 'Not saved', Icon: CircleAlert, look: 'text-bad' },
  'read-only': { text: 'Read-only', Icon: Lock, look: 'text-muted' },
}

export function SaveState({ state }: { state: SyncState }) {
  const known = state.kind in STATES ? STATES[state.kind as keyof typeof STATES] : null
  return (
    <span
      role="status"
      className={`ml-auto flex shrink-0 items-center gap-1.5 pl-3 text-xs ${known?.look ?? ''}`}
    >
      {known && <known.Icon className="size-3.5" aria-hidden />}
      <span className="max-sm:sr-only @max-md:sr-only">{known?.text}</span>
    </span>
  )
}
