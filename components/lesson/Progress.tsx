'use client'
/** How far the learner is, in one row: step 3 of 20, which opens the list of pages, a dot for each of the chapter, a bar. */
import { Check, ChevronDown, ExternalLink, Flag } from 'lucide-react'
import Link from 'next/link'
import { useEffect } from 'react'
import { withBase } from '../ui/base-path.ts'
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

  /** Above the first page of a chapter, and above what follows the last one. */
  const headingOf = (slug: string) => {
    const index = lesson.chapters.findIndex(({ steps }) => steps[0] === slug)
    if (index >= 0) return `Chapter ${index + 1}: ${lesson.chapters[index]!.title}`
    const before = lesson.pages[lesson.pages.findIndex((page) => page.slug === slug) - 1]
    return before && before.slug === lesson.chapters.at(-1)?.steps.at(-1) ? 'And then' : null
  }

  const near = chapter >= 0 ? lesson.chapters[chapter]!.steps : lesson.chapters.length > 0 ? [current] : null

  return (
    <nav aria-label="Pages of this lesson">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <details className="min-w-[12rem] flex-1 text-sm text-muted">
          <summary className="flex min-h-7 cursor-pointer items-center gap-1.5 rounded-md hover:text-ink">
            <ChevronDown className="size-4 shrink-0" aria-hidden />
            <span className="min-w-0">
              {index >= 0 ? (
                <>
                  Step <b className="font-semibold text-ink">{index + 1}</b> of {steps.length}
                </>
              ) : (
                'All pages'
              )}
              {chapter >= 0 && <span> · {lesson.chapters[chapter]!.title}</span>}
              <span className="needs-js tabular-nums"> · {percent}% done</span>
            </span>
          </summary>
          <ol className="my-2 grid">
            {lesson.pages.map((page) => (
              <li key={page.slug}>
                {headingOf(page.slug) && (
                  <p className="mt-3 mb-1 px-2 text-xs font-semibold text-muted">{headingOf(page.slug)}</p>
                )}
                <Link
                  href={`/lessons/${lesson.slug}/${page.slug}`}
                  aria-current={page.slug === current ? 'page' : undefined}
                  className="flex min-h-8 items-center gap-2 rounded-md px-2 text-ink hover:bg-raised aria-[current]:font-semibold"
                >
                  <span className="w-5 shrink-0 text-right text-muted tabular-nums">
                    {page.isStep ? steps.indexOf(page) + 1 : ''}
                  </span>
                  <span className="min-w-0 flex-1">{page.title}</span>
                  {passed.has(page.slug) && <Check className="size-4 text-good" aria-label="done" />}
                </Link>
              </li>
            ))}
            {lesson.glossary && (
              <li className="mt-3 border-t border-line pt-2">
                {/* Beside the lab, not instead of it. */}
                <a
                  href={withBase(`/glossary/${lesson.slug}`)}
                  target="_blank"
                  rel="noopener"
                  className="flex min-h-8 items-center gap-2 rounded-md px-2 text-ink hover:bg-raised"
                >
                  <span className="w-5" />
                  Glossary <ExternalLink className="size-3.5 text-muted" aria-label="(opens in a new tab)" />
                </a>
              </li>
            )}
          </ol>
        </details>
        <ol className="flex flex-wrap gap-1.5">
          {lesson.pages
            .filter(({ slug }) => near === null || near.includes(slug))
            .map((page) => (
              <li key={page.slug}>
                <Dot
                  lesson={lesson.slug}
                  page={page}
                  number={steps.indexOf(page) + 1}
                  isCurrent={page.slug === current}
                  isDone={passed.has(page.slug)}
                />
              </li>
            ))}
        </ol>
      </div>
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
