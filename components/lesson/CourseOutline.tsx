'use client'
/** The steps of a lesson as a list, by chapter if it has some, with a mark at those that are done. */
import { Check } from 'lucide-react'
import Link from 'next/link'
import { usePassed } from './progress-store.ts'

interface OutlineStep {
  slug: string
  title: string
}

interface Props {
  lesson: string
  steps: OutlineStep[]
  /** With the addresses of their steps; steps of no chapter come first. Empty: one list. */
  chapters: { title: string; about?: string | undefined; steps: string[] }[]
}

export function CourseOutline({ lesson, steps, chapters }: Props) {
  const passed = usePassed(lesson)
  const list = (some: OutlineStep[]) => (
    <ol className="divide-y divide-line">
      {some.map(({ slug, title }) => (
        <li key={slug}>
          <StepLine
            href={`/lessons/${lesson}/${slug}`}
            number={steps.findIndex((step) => step.slug === slug) + 1}
            title={title}
            isDone={passed.has(slug)}
          />
        </li>
      ))}
    </ol>
  )
  const rest = steps.filter(({ slug }) => !chapters.some((chapter) => chapter.steps.includes(slug)))
  return (
    <div className="divide-y divide-line border-t border-line">
      {rest.length > 0 && list(rest)}
      {chapters.map((chapter, index) => {
        const own = steps.filter(({ slug }) => chapter.steps.includes(slug))
        const done = own.filter(({ slug }) => passed.has(slug)).length
        return (
          <section key={chapter.title} aria-label={`Chapter ${index + 1}: ${chapter.title}`}>
            <header className="bg-raised px-5 py-4 sm:px-7">
              <h3 className="flex flex-wrap items-baseline gap-x-3 font-semibold">
                <span className="text-sm font-medium text-muted">Chapter {index + 1}</span>
                <span>{chapter.title}</span>
                {done > 0 && (
                  <span className="ml-auto text-sm font-medium text-good tabular-nums">
                    {done} of {own.length} done
                  </span>
                )}
              </h3>
              {chapter.about && <p className="mt-1 text-sm leading-relaxed text-muted">{chapter.about}</p>}
            </header>
            {list(own)}
          </section>
        )
      })}
    </div>
  )
}

function StepLine({
  href,
  number,
  title,
  isDone,
}: {
  href: string
  number: number
  title: string
  isDone: boolean
}) {
  return (
    <Link
      href={href}
      className="group flex min-h-14 items-center gap-4 px-5 py-3 transition-colors hover:bg-raised sm:px-7"
    >
      <span
        className={`grid size-7 shrink-0 place-items-center rounded-full text-xs font-semibold tabular-nums ${isDone ? 'bg-good-soft text-good' : 'bg-raised text-muted group-hover:bg-surface'}`}
      >
        {isDone ? <Check className="size-3.5" strokeWidth={3} aria-hidden /> : number}
      </span>
      <span className="font-medium">{title}</span>
      {isDone && <span className="ml-auto text-sm text-good">Done</span>}
    </Link>
  )
}
