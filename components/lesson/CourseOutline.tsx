'use client'
/** The steps of a lesson as a list, with a mark at those that are done. */
import { Check } from 'lucide-react'
import Link from 'next/link'
import { usePassed } from './progress-store.ts'

interface Props {
  lesson: string
  steps: { slug: string; title: string }[]
}

export function CourseOutline({ lesson, steps }: Props) {
  const passed = usePassed(lesson)
  return (
    <ol className="divide-y divide-line border-t border-line">
      {steps.map(({ slug, title }, index) => {
        const isDone = passed.has(slug)
        return (
          <li key={slug}>
            <Link
              href={`/lessons/${lesson}/${slug}`}
              className="group flex min-h-14 items-center gap-4 px-5 py-3 transition-colors hover:bg-raised sm:px-7"
            >
              <span
                className={`grid size-7 shrink-0 place-items-center rounded-full text-xs font-semibold tabular-nums ${isDone ? 'bg-good-soft text-good' : 'bg-raised text-muted group-hover:bg-surface'}`}
              >
                {isDone ? <Check className="size-3.5" strokeWidth={3} aria-hidden /> : index + 1}
              </span>
              <span className="font-medium">{title}</span>
              {isDone && <span className="ml-auto text-sm text-good">Done</span>}
            </Link>
          </li>
        )
      })}
    </ol>
  )
}
