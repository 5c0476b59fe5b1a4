'use client'
/** Over the machine: what is wrong with it, and what can be done about that. */
import { X } from 'lucide-react'
import type { Tier } from '../../server/protocol/index.ts'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { BAR } from './bar.ts'
import { EndingNotice } from './EndingNotice.tsx'
import { LimitNotices } from './LimitNotices.tsx'
import { RestoredNotice } from './RestoredNotice.tsx'
import { TierNotice } from './TierNotice.tsx'
import { WaitingNotice } from './WaitingNotice.tsx'

export function MachineNotice({ needs }: { needs: Tier }) {
  return (
    <>
      <StateNotice />
      <RestoredNotice />
      <LimitNotices />
      <TierNotice needs={needs} />
    </>
  )
}

function StateNotice() {
  const machine = useMachine()
  const { sandbox, problem, connection, ending } = useView()
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
  if (sandbox?.state === 'waiting') return <WaitingNotice waiting={sandbox} />
  if (ending && !problem) return <EndingNotice ending={ending} />
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
