'use client'
/** The sandbox will soon be cleared away: why, when, and the button that keeps it. */
import { Hourglass } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Ending } from '../../server/protocol/index.ts'
import { useMachine } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { BAR } from './bar.ts'

const REASONS: Record<Ending['why'], string> = {
  idle: 'Nobody has done anything here for a while.',
  hidden: 'This page has been in a background tab for a while.',
  age: 'This sandbox has nearly reached its greatest age.',
  restart:
    'The lab is being started again. Your sandbox, its files and your shells stay; this page goes on by itself.',
  stop: 'This lab will be stopped for a while.',
}

/** Minutes while there are many, seconds at the end. */
function left(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds === 0) return 'now'
  if (seconds >= 120) return `in ${Math.round(seconds / 60)} minutes`
  return `in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
}

const span = (ms: number) =>
  ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1000)} seconds`

/** What to do about an end that cannot be put off. */
function farewell({ why, kept }: Ending): string {
  if (why !== 'stop') return 'It cannot be kept any longer: take with you what you need.'
  return kept
    ? 'Finish what you are at: your files are kept for your next sandbox, but shells, containers and Docker’s images are not.'
    : 'Finish what you are at, and take with you what you need: “My files” downloads it.'
}

/** Milliseconds until then, told every second. */
function useCountdown(ending: Ending): number {
  const [state, setState] = useState({ ending, ms: ending.inMs })
  useEffect(() => {
    const end = performance.now() + ending.inMs
    const tick = () => setState({ ending, ms: end - performance.now() })
    tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [ending])
  return state.ending === ending ? state.ms : ending.inMs
}

/** Who looks at another tab reads the title of this one. */
function useTitle(text: string | null): void {
  useEffect(() => {
    if (!text) return
    const before = document.title
    document.title = `(!) ${text} – ${before}`
    return () => {
      document.title = before
    }
  }, [text])
}

export function EndingNotice({ ending }: { ending: Ending }) {
  const machine = useMachine()
  const ms = useCountdown(ending)
  useTitle(ending.why === 'restart' ? null : 'Sandbox ends soon')
  if (ending.why === 'restart')
    return (
      <div role="status" className={BAR}>
        {REASONS.restart}
      </div>
    )
  return (
    <div role="alert" className={BAR}>
      <Hourglass className="mt-0.5 -mr-1 size-4 shrink-0 self-start text-warn" aria-hidden />
      <p className="min-w-0 flex-1 basis-64">
        {REASONS[ending.why]} Your sandbox is cleared away{' '}
        {/* A screen reader would read every second of it. */}
        <strong className="font-semibold tabular-nums" aria-live="off">
          {left(ms)}
        </strong>
        .{ending.more === 0 && ` ${farewell(ending)}`}
      </p>
      {ending.more > 0 && (
        <Button look="primary" size="small" onClick={() => machine.client.send({ type: 'stay' })}>
          {ending.why === 'age' ? `${span(ending.more)} more` : 'I am still here'}
        </Button>
      )}
    </div>
  )
}
