'use client'
/** How far the learner is: chapter, step 3 of 20, a bar, and a dot for each page that leads to it. */
import { Check, Flag } from 'lucide-react'
import Link from 'next/link'
import { useEffect } from 'react'
import type { LessonLinks, PageLink } from './page-links.ts'
import { markPassed, usePassed } from './progress-store.ts'

export function Progress({ lesson, current }: { lesson: LessonLinks; current: string }) {
  const passed = usePassed(lesson.slug)
  const steps = lesson.pages.filter(({ isStep }) => isStep)
  const index = steps.findIndex(({ slug }) => slug === current)
  const done = steps.filter(({ slug }) => passed.has(slug)).length
  const percent = steps.length === 0 ? 0 : Math.round((done / steps.length) * 100)
  const onlyRead = lesson.pages.find(({ slug }) => slug === current)?.checked === false
  const chapter = lesson.chapters.findIndex(({ steps }) => steps.includes(current))
  useEffect(() => {
    if (onlyRead) markPassed(lesson.slug, current)
  }, [onlyRead, lesson.slug, current])

  return (
    <nav aria-label="Pages of this lesson">
      <p className="flex justify-between gap-4 text-sm text-muted">
        <span>
          {index >= 0 && (
            <>
              Step <b className="font-semibold text-ink">{index + 1}</b> of {steps.length}
            </>
          )}
          {chapter >= 0 && (
            <span>
              {' '}
              · Chapter {chapter + 1}: {lesson.chapters[chapter]!.title}
            </span>
          )}
        </span>
        <span className="needs-js shrink-0 tabular-nums">{percent}% done</span>
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
        {lesson.pages.map((page) => {
          const ends = lesson.chapters.some(({ steps }) => steps.at(-1) === page.slug)
          return (
            <li key={page.slug} className={ends ? 'mr-2.5' : ''}>
              <Dot
                lesson={lesson.slug}
                page={page}
                number={steps.indexOf(page) + 1}
                isCurrent={page.slug === current}
                isDone={passed.has(page.slug)}
              />
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

interface DotProps {
  lesson: string
  page: PageLink
  /** 0 for a page that is no step. */
  number: number
  isCurrent: boolean
  isDone: boolean
}

function Dot({ lesson, page, number, isCurrent, isDone }: DotProps) {
  const look = isCurrent
    ? 'bg-accent text-accent-ink'
    : isDone
      ? 'bg-good-soft text-good hover:brightness-95'
      : 'bg-raised text-muted hover:text-ink'
  const label = `${number > 0 ? `Step ${number}: ` : ''}${page.title}${isDone ? ' (done)' : ''}`
  return (
    <Link
      href={`/lessons/${lesson}/${page.slug}`}
      title={label}
      aria-label={label}
      aria-current={isCurrent ? (number > 0 ? 'step' : 'page') : undefined}
      className={`grid size-7 place-items-center rounded-full text-xs font-semibold tabular-nums transition-colors ${look}`}
    >
      {isDone ? (
        <Check className="size-3.5" strokeWidth={3} aria-hidden />
      ) : number > 0 ? (
        number
      ) : (
        <Flag className="size-3" aria-hidden />
      )}
    </Link>
  )
}
