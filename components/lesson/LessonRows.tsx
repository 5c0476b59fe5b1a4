'use client'
/** Lessons beside the first one, a line each, by course: there may be a thousand of them. */
import { ArrowRight } from 'lucide-react'
import Link from 'next/link'
import { usePassed } from './progress-store.ts'

export interface LessonRow {
  slug: string
  title: string
  description: string
  /** Difficulty, time and the like. */
  facts: string[]
  /** The addresses of its steps. */
  steps: string[]
  /** It needs a machine that is not here. */
  readOnly: boolean
}

/** More lessons than this are folded away by course. */
const MANY = 12

export function LessonRows({ courses }: { courses: { title: string; lessons: LessonRow[] }[] }) {
  const count = courses.reduce((sum, { lessons }) => sum + lessons.length, 0)
  return courses.map(({ title, lessons }) =>
    count > MANY && courses.length > 1 ? (
      <details key={title} className="overflow-hidden rounded-2xl border border-line bg-surface">
        <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 px-5 py-4 font-semibold hover:bg-raised sm:px-7">
          {title || 'More lessons'}
          <span className="text-sm font-normal text-muted">
            {lessons.length} {lessons.length === 1 ? 'lesson' : 'lessons'}
          </span>
        </summary>
        <Rows lessons={lessons} />
      </details>
    ) : (
      <section
        key={title}
        aria-label={title || 'More lessons'}
        className="overflow-hidden rounded-2xl border border-line bg-surface"
      >
        {title && <h2 className="px-5 pt-5 pb-4 font-semibold sm:px-7">{title}</h2>}
        <Rows lessons={lessons} first={!title} />
      </section>
    ),
  )
}

function Rows({ lessons, first = false }: { lessons: LessonRow[]; first?: boolean }) {
  return (
    <ul className={`divide-y divide-line ${first ? '' : 'border-t border-line'}`}>
      {lessons.map((lesson) => (
        <li key={lesson.slug}>
          <Row lesson={lesson} />
        </li>
      ))}
    </ul>
  )
}

function Row({ lesson }: { lesson: LessonRow }) {
  const { slug, title, description, facts, steps, readOnly } = lesson
  const passed = usePassed(slug)
  const done = steps.filter((step) => passed.has(step)).length
  return (
    <Link
      href={`/lessons/${slug}`}
      prefetch={false}
      className="group flex items-center gap-4 px-5 py-4 transition-colors hover:bg-raised sm:px-7"
    >
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{title}</span>
        {description && (
          <span className="mt-0.5 line-clamp-2 text-sm leading-relaxed text-muted">{description}</span>
        )}
        <span className="mt-1 block text-sm text-muted">
          {[...facts, ...(readOnly ? ['to be read only: needs another machine'] : [])].join(' · ')}
          {done > 0 && (
            <span className="text-good">
              {' '}
              · {done === steps.length ? 'Done' : `${done} of ${steps.length} done`}
            </span>
          )}
        </span>
      </span>
      <ArrowRight className="size-4 shrink-0 text-muted" aria-hidden />
    </Link>
  )
}
