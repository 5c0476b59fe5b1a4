'use client'
/** Over the machine: this lesson needs more than the sandbox may do that an earlier lesson was given. */
import { suffices, type Tier } from '../../server/protocol/index.ts'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'

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
    <div
      role="alert"
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-warn-soft px-4 py-2.5 text-sm text-ink"
    >
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
