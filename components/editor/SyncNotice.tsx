/** What stands between the editor and its file, in words, with the ways out of it. */
import { Button } from '../ui/Button.tsx'
import type { SyncState } from './file-sync.ts'

interface Props {
  state: SyncState
  comparing: boolean
  onResolve: (winner: 'mine' | 'theirs') => void
  onCompare: () => void
  onRetry: () => void
}

const BAR =
  'flex shrink-0 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-warn-soft px-4 py-2 text-sm'

export function SyncNotice({ state, comparing, onResolve, onCompare, onRetry }: Props) {
  if (state.kind === 'failed') {
    return (
      <div role="alert" className={BAR}>
        <span className="min-w-0 wrap-anywhere">Not saved: {state.why}. What you typed is still here.</span>
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      </div>
    )
  }
  if (state.kind === 'read-only') {
    return (
      <div role="status" className={BAR}>
        This file cannot be written, not even by root in this sandbox. You can read it here.
      </div>
    )
  }
  if (state.kind !== 'conflict') return null
  const removed = state.theirs === null
  return (
    <div role="alert" className={BAR}>
      <span>
        {removed
          ? 'The file was removed in the sandbox while you were typing here.'
          : 'The file was changed in the sandbox while you were typing here. Which one stays?'}
      </span>
      <span className="flex flex-wrap gap-2">
        {!removed && (
          <Button size="small" look="quiet" aria-pressed={comparing} onClick={onCompare}>
            {comparing ? 'Back to mine' : 'Compare and merge'}
          </Button>
        )}
        <Button size="small" onClick={() => onResolve('theirs')}>
          {removed ? 'Let it go' : "Take the sandbox's"}
        </Button>
        <Button size="small" look="primary" onClick={() => onResolve('mine')}>
          {removed ? 'Write it again' : comparing ? 'Keep the right side' : 'Keep mine'}
        </Button>
      </span>
    </div>
  )
}
