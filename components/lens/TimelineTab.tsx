'use client'
/** What happened to the container, in the order in which it did; the view follows its end. */
import { useLayoutEffect, useRef } from 'react'
import type { Container } from '../../spec/lens/facts.ts'
import type { Sample } from '../../spec/lens/gauges.ts'
import { type Event, type Moment, timeline, troubles } from '../../spec/lens/timeline.ts'
import { Lead, Waiting } from './parts.tsx'
import { plain } from './plain-text.ts'

const LOOKS: Record<Moment['kind'], string> = {
  command: 'border-accent bg-surface',
  state: 'border-accent bg-accent',
  trouble: 'border-warn bg-warn',
  end: 'border-ink bg-ink',
}

interface Props {
  container: Container
  events: readonly Event[]
  samples: readonly Sample[]
}

export function TimelineTab({ container, events, samples }: Props) {
  const moments = [...timeline(events, container.dir), ...troubles(samples)].sort(
    (one, other) => one.at - other.at,
  )
  const list = useRef<HTMLOListElement>(null)
  const height = useRef(0)
  useLayoutEffect(() => {
    const panel = list.current?.closest('[role=tabpanel]')
    if (!panel) return
    // Who has scrolled up to read is left there.
    const atEnd = panel.scrollTop + panel.clientHeight >= height.current - 24
    if (atEnd) panel.scrollTop = panel.scrollHeight
    height.current = panel.scrollHeight
  }, [moments.length])
  if (moments.length === 0)
    return (
      <Waiting>
        Nothing has happened since the lens began to look. Pause it, update it, kill it: it all shows up here.
      </Waiting>
    )
  return (
    <>
      <Lead>
        {container.created && !moments.some(({ title }) => title === 'Created')
          ? `It was created at ${clock(Date.parse(container.created))}, before the lens looked.`
          : 'From its creation on.'}
      </Lead>
      <ol ref={list} aria-label="Timeline" className="px-3 pb-4">
        {moments.map((moment, index) => (
          <li key={moment.key} className="relative grid grid-cols-[4.25rem_0.625rem_1fr] gap-x-2 pb-3">
            <time className="pt-px text-[0.6875rem] text-muted tabular-nums">{clock(moment.at)}</time>
            {index < moments.length - 1 && (
              <span className="absolute top-3 bottom-0 left-[5.03rem] w-px bg-line" aria-hidden />
            )}
            <span
              className={`relative mt-1 size-2.5 rounded-full border-2 ${LOOKS[moment.kind]}`}
              aria-hidden
            />
            <span className="min-w-0">
              <span
                className={`text-[0.8125rem] font-medium ${moment.kind === 'trouble' ? 'text-warn' : 'text-ink'}`}
              >
                {moment.kind === 'command' ? <code>{plain(moment.title)}</code> : plain(moment.title)}
              </span>
              {moment.detail && (
                <span className="block text-xs leading-5 break-words text-muted">
                  {plain(shorten(moment.detail))}
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}

/** Docker's ids, as its own tools show them. */
const shorten = (text: string) => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')

/** To the tenth of a second: much happens in one. */
function clock(at: number): string {
  if (Number.isNaN(at)) return ''
  const time = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${Math.floor(time.getMilliseconds() / 100)}`
}
