/** A sentence over the editor that goes away when it has been read. */
import { X } from 'lucide-react'
import { Button } from '../ui/Button.tsx'

export function Notice({ text, onDismiss }: { text: string; onDismiss: () => void }) {
  return (
    <div
      role="alert"
      className="flex shrink-0 items-center justify-between gap-4 border-b border-line bg-warn-soft px-4 py-2 text-sm"
    >
      <span className="min-w-0 wrap-anywhere">{text}</span>
      <Button look="quiet" size="small" aria-label="Dismiss" onClick={onDismiss}>
        <X className="size-3.5" aria-hidden />
      </Button>
    </div>
  )
}
