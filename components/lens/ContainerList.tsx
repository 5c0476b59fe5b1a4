'use client'
/** Everything that runc keeps in the sandbox, as it is now; one of them is in front. */
import { useEffect, useState } from 'react'
import type { Container } from '../../spec/lens/facts.ts'
import { readExit } from '../../spec/lens/timeline.ts'
import { duration, PHASE_LIGHTS, PHASE_WORDS } from './phases.ts'
import { plain } from './plain-text.ts'

interface Props {
  containers: readonly Container[]
  current: Container | null
  /** Beyond those that are followed. */
  more: number
  skewMs: number
  onChoose: (dir: string) => void
}

export function ContainerList({ containers, current, more, skewMs, onChoose }: Props) {
  const now = useSeconds() + skewMs
  const sorted = [...containers].sort(
    (one, other) =>
      Number(one.phase === 'gone') - Number(other.phase === 'gone') || (one.created < other.created ? 1 : -1),
  )
  return (
    <div className="max-h-[26%] shrink-0 overflow-y-auto border-b border-line">
      <ul aria-label="Containers" className="p-1.5">
        {sorted.map((each) => (
          <li key={each.dir}>
            <button
              type="button"
              aria-pressed={each.dir === current?.dir}
              onClick={() => onChoose(each.dir)}
              title={plain(each.dir)}
              className="flex h-8 w-full cursor-pointer items-center gap-2 rounded-md px-2 text-left text-[0.8125rem] hover:bg-raised aria-pressed:bg-accent-soft pointer-coarse:h-10"
            >
              <span className={`size-2 shrink-0 rounded-full ${PHASE_LIGHTS[each.phase]}`} aria-hidden />
              <span
                className={`min-w-0 truncate font-medium ${each.phase === 'gone' ? 'text-muted line-through' : 'text-ink'}`}
              >
                {shortId(each)}
              </span>
              {each.owner !== 'runc' && (
                <span className="shrink-0 rounded bg-raised px-1 text-[0.6875rem] text-muted">
                  {each.owner === 'docker' ? 'Docker’s' : 'containerd’s'}
                </span>
              )}
              <span className="ml-auto shrink-0 text-xs text-muted">{summary(each, now)}</span>
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className="px-4 pb-2 text-xs text-muted">And {more} more, which the lens does not follow.</p>
      )}
    </div>
  )
}

/** Docker's ids are long; twelve digits are what its own tools show. */
export const shortId = ({ id, owner }: Container) =>
  plain(owner === 'docker' && /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id)

function summary(each: Container, now: number): string {
  const words = PHASE_WORDS[each.phase]
  if (each.phase === 'stopped' || each.phase === 'gone')
    return each.exit === null ? words : `${words}, exit ${readExit(each.exit).code}`
  const since = Date.parse(each.created)
  const pid = each.pid > 0 ? ` · pid ${each.pid}` : ''
  return Number.isNaN(since) ? words : `${words} · ${duration(now - since)}${pid}`
}

/** The page's clock, anew every second. */
function useSeconds(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
