'use client'
/** The lab is full: why, the learner's place in the queue, and that waiting is all there is to do. */
import { Hourglass } from 'lucide-react'
import type { SandboxView } from '../../server/protocol/index.ts'
import { BAR } from './bar.ts'

type Waiting = Extract<SandboxView, { state: 'waiting' }>

function reason({ why, limit }: Waiting): string {
  switch (why) {
    case 'address':
      return `${limit === 1 ? 'One sandbox is' : `${limit} sandboxes are`} in use from your network address already, and it may have no more.`
    case 'disk':
      return 'The disk of this lab is nearly full, so it makes no new sandboxes.'
    case 'stopping':
      return 'This lab is being stopped and takes nobody new. Come back later; you can read the lesson meanwhile.'
    case 'full':
      return 'All sandboxes of this lab are in use.'
  }
}

export function WaitingNotice({ waiting }: { waiting: Waiting }) {
  return (
    <div role="status" className={`${BAR} justify-start`}>
      <Hourglass className="mt-0.5 size-4 shrink-0 self-start text-warn" aria-hidden />
      <p className="min-w-0 flex-1 basis-64">
        {reason(waiting)}{' '}
        {waiting.why !== 'stopping' && (
          <>
            <strong className="font-semibold">
              You are number {waiting.place}
              {waiting.place === 1 ? ', the next one' : ''}.
            </strong>{' '}
            Keep this page open: you get your sandbox by yourself as soon as there is room. You can read the
            lesson meanwhile.
          </>
        )}
      </p>
    </div>
  )
}
