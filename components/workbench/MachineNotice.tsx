'use client'
/** Over the machine: what is wrong with it, and what can be done about that. */
import { X } from 'lucide-react'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'

const BAR =
  'flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-warn-soft px-4 py-2.5 text-sm text-ink'

export function MachineNotice() {
  const machine = useMachine()
  const { sandbox, problem, connection } = useView()
  if (sandbox?.state === 'failed' || sandbox?.state === 'ended') {
    const text = sandbox.state === 'failed' ? `${sandbox.message} ${sandbox.hint}` : sandbox.reason
    return (
      <div role="alert" className={BAR}>
        <span>{text}</span>
        <Button look="primary" size="small" onClick={() => machine.reset()}>
          Get a fresh one
        </Button>
      </div>
    )
  }
  // Who is sent away is told why; that the connection is gone then goes without saying.
  if (connection === 'away' && !problem) {
    return (
      <div role="status" className={BAR}>
        The connection is lost. Your machine goes on without it; this page reconnects by itself, and what you
        type meanwhile is kept.
      </div>
    )
  }
  if (!problem) return null
  return (
    <div role="alert" className={BAR}>
      <span>
        {problem.message} {problem.hint}
      </span>
      <Button look="quiet" size="small" aria-label="Dismiss" onClick={() => machine.client.dismissProblem()}>
        <X className="size-3.5" aria-hidden />
      </Button>
    </div>
  )
}
