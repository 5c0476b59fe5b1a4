'use client'
/** What was typed while there was no connection: that it waits, and after a long break what becomes of it. */
import type { Held } from '../session/held-input.ts'
import { Button } from '../ui/Button.tsx'
import { Keys, PaneQuestion } from './PaneCard.tsx'

const LONGEST = 400

interface Props {
  held: Held
  asks: boolean
  onType: () => void
  onDiscard: () => void
}

export function HeldNotice({ held, asks, onType, onDiscard }: Props) {
  if (held.keys === 0 && !held.full) return null
  const text = held.text.length > LONGEST ? `…${held.text.slice(-LONGEST)}` : held.text
  const full = held.full && (
    <p className="mt-1 text-warn">There was no room for more: what you typed last is not kept.</p>
  )
  if (asks) {
    return (
      <PaneQuestion
        label="Keys typed without a connection"
        actions={
          <>
            <Button size="small" onClick={onDiscard}>
              Discard
            </Button>
            <Button look="primary" size="small" onClick={onType}>
              Type it now
            </Button>
          </>
        }
      >
        <p>
          The connection was away for a while. Meanwhile you typed: <Keys>{text}</Keys>
        </p>
        {full}
      </PaneQuestion>
    )
  }
  return (
    <div
      role="status"
      className="absolute right-3 bottom-3 z-10 max-w-[calc(100%-1.5rem)] rounded-md border border-line bg-surface px-3 py-1.5 text-xs text-muted shadow"
    >
      <p>
        {held.keys} {held.keys === 1 ? 'key is' : 'keys are'} waiting for the connection
      </p>
      {full}
    </div>
  )
}
