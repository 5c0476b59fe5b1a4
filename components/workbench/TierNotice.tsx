'use client'
/** Over the machine: this lesson needs more than the sandbox may do that an earlier lesson was given. */
import { suffices, type Tier } from '../../server/protocol/tier.ts'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { BAR } from './bar.ts'

const LACKS: Record<Tier, string> = {
  plain: '',
  unshare: 'new namespaces, mounts and runc',
  docker: 'Docker',
}

export function TierNotice({ needs }: { needs: Tier }) {
  const machine = useMachine()
  const { sandbox } = useView()
  if (sandbox?.state !== 'ready' || suffices(sandbox.tier, needs)) return null
  return (
    <div role="alert" className={BAR}>
      <span>
        This lesson needs {LACKS[needs]}, and your sandbox was made for a lesson without. A fresh one has it;
        what you made in this one is then gone.
      </span>
      <Button look="primary" size="small" onClick={() => machine.reset()}>
        Get a fresh one
      </Button>
    </div>
  )
}
