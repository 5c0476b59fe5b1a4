'use client'
/** Which limits the sandbox has run into, what that means, and what to do; each can be put away until it happens again. */
import { Gauge, X } from 'lucide-react'
import { useState } from 'react'
import type { LimitNotice } from '../../server/protocol/index.ts'
import { useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'

const NAMES: Record<LimitNotice['limit'], string> = {
  memory: 'Memory',
  processes: 'Processes',
  disk: 'Disk',
  'disk-speed': 'Speed of the disk',
  inodes: 'Number of files',
  terminals: 'Terminals',
  'open-files': 'Open files',
  output: 'Terminal output',
  cpu: 'Processors',
  'lab-disk': 'Disk of the lab',
}

/** What is said of one that is reached, and of one that is near. */
const REACHED: Partial<Record<LimitNotice['limit'], string>> = { 'lab-disk': ': your sandbox is paused.' }
const NEAR: Partial<Record<LimitNotice['limit'], string>> = {
  cpu: ': all in use.',
  'disk-speed': ': all in use.',
  output: ': slowed down.',
}

const keyOf = ({ limit, level, count }: LimitNotice) => `${limit} ${level} ${count}`

/** A command stays in one piece, or goes to a line of its own. */
const withCode = (hint: string) =>
  hint.split('`').map((part, i) =>
    i % 2 === 1 ? (
      <code key={i} className="inline-block max-w-full font-mono text-[0.93em] text-ink">
        {part}
      </code>
    ) : (
      part
    ),
  )

export function LimitNotices() {
  const { limits } = useView()
  const [away, setAway] = useState<readonly string[]>([])
  const shown = limits.filter((notice) => !away.includes(keyOf(notice)))
  if (shown.length === 0) return null
  return (
    <ul aria-label="Limits of your sandbox" className="border-b border-line bg-surface text-sm text-ink">
      {shown.map((notice) => (
        <li
          key={keyOf(notice)}
          className={`flex items-start gap-3 px-4 py-2 ${notice.level === 'reached' ? 'bg-warn-soft' : 'bg-raised'}`}
        >
          <Gauge
            className={`mt-0.5 size-4 shrink-0 ${notice.level === 'reached' ? 'text-warn' : 'text-muted'}`}
            aria-hidden
          />
          <p role={notice.level === 'reached' ? 'alert' : 'status'} className="min-w-0 flex-1 wrap-anywhere">
            <strong className="font-semibold">
              {NAMES[notice.limit]}
              {notice.level === 'reached'
                ? (REACHED[notice.limit] ?? ': limit reached.')
                : (NEAR[notice.limit] ?? ': nearly full.')}
            </strong>{' '}
            {notice.what} <span className="text-muted">{withCode(notice.hint)}</span>
          </p>
          <Button
            look="quiet"
            size="small"
            aria-label={`Put away: ${NAMES[notice.limit]}`}
            onClick={() => setAway([...away.slice(-50), keyOf(notice)])}
          >
            <X className="size-3.5" aria-hidden />
          </Button>
        </li>
      ))}
    </ul>
  )
}
