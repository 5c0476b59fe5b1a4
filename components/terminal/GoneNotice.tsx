'use client'
/** Tells that shells have ended while the page was away, and leads to new ones. */
import { X } from 'lucide-react'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'

export function GoneNotice() {
  const machine = useMachine()
  const { gone, terminals } = useView()
  if (!gone) return null
  const [first, ...more] = gone.numbers
  const names = more.length > 0 ? `terminals ${gone.numbers.join(', ')}` : `terminal ${first}`
  const missing = gone.numbers.filter(
    (number) => !terminals.some((terminal) => terminal.number === number && terminal.exit === null),
  )
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-warn-soft px-4 py-2 text-sm text-ink"
    >
      <span className="min-w-0 flex-1 basis-64">
        {more.length > 0 ? 'These shells are gone' : 'This shell is gone'}: what ran in {names} ended while
        the connection was away. Your files and containers are still there
        {missing.length < gone.numbers.length ? ', and a new shell is open.' : '.'}
        {gone.keys > 0 && ` The ${gone.keys} ${gone.keys === 1 ? 'key' : 'keys'} you typed went nowhere.`}
      </span>
      <span className="ml-auto flex gap-2">
        {missing.map((number) => (
          <Button key={number} look="primary" size="small" onClick={() => machine.show(number)}>
            New shell in Terminal {number}
          </Button>
        ))}
        <Button look="quiet" size="small" aria-label="Dismiss" onClick={() => machine.client.dismissGone()}>
          <X className="size-3.5" aria-hidden />
        </Button>
      </span>
    </div>
  )
}
