'use client'
/** How far the learner is: step 3 of 6, a bar, and a dot for each step that leads to it. */
import { Check } from 'lucide-react'
import Link from 'next/link'
import { useEffect } from 'react'
import { markPassed, usePassed } from './progress-store.ts'

export interface StepLink {
  slug: string
  title: string
  /** False for a step without a check, which is done once it has been opened. */
  checked: boolean
}

export function Progress({ lesson, steps, current }: { lesson: string; steps: StepLink[]; current: string }) {
  const passed = usePassed(lesson)
  const index = steps.findIndex(({ slug }) => slug === current)
  const done = steps.filter(({ slug }) => passed.has(slug)).length
  const percent = Math.round((done / steps.length) * 100)
  const onlyRead = steps[index]?.checked === false
  useEffect(() => {
    if (onlyRead) markPassed(lesson, current)
  }, [onlyRead, lesson, current])

  return (
    <nav aria-label="Steps of this lesson">
      <p className="flex justify-between text-sm text-muted">
        <span>
          Step <b className="font-semibold text-ink">{index + 1}</b> of {steps.length}
        </span>
        <span className="needs-js tabular-nums">{percent}% done</span>
      </p>
      <div
        role="progressbar"
        aria-label="Done"
        aria-valuenow={percent}
        className="mt-2 h-1 overflow-hidden rounded-full bg-line"
      >
        <div
          className="h-full rounded-full bg-good transition-[width] duration-500"
          style={{ width: `${percent}%` }}
        />
      </div>
      <ol className="mt-3 flex flex-wrap gap-1.5">
        {steps.map(({ slug, title }, position) => {
          const isDone = passed.has(slug)
          const look =
            slug === current
              ? 'bg-accent text-accent-ink'
              : isDone
                ? 'bg-good-soft text-good hover:brightness-95'
                : 'bg-raised text-muted hover:text-ink'
          const label = `Step ${position + 1}: ${title}${isDone ? ' (done)' : ''}`
          return (
            <li key={slug}>
              <Link
                href={`/lessons/${lesson}/${slug}`}
                title={label}
                aria-label={label}
                aria-current={slug === current ? 'step' : undefined}
                className={`grid size-7 place-items-center rounded-full text-xs font-semibold tabular-nums transition-colors ${look}`}
              >
                {isDone ? <Check className="size-3.5" strokeWidth={3} aria-hidden /> : position + 1}
              </Link>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
