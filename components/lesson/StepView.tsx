/** One step of a lesson as it is read: where one is, the prose, the way back and on, and the live check. */
import { ArrowLeft, ArrowRight } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { OpenPage } from './OpenPage.tsx'
import { Progress, type StepLink } from './Progress.tsx'
import { StepCheck } from './StepCheck.tsx'

interface Props {
  lesson: { slug: string; title: string; steps: StepLink[] }
  /** Position of the step in the lesson. */
  index: number
  /** The rendered prose. */
  children: ReactNode
}

export function StepView({ lesson, index, children }: Props) {
  const step = lesson.steps[index]!
  const before = lesson.steps[index - 1]
  const after = lesson.steps[index + 1]
  const href = (slug: string) => `/lessons/${lesson.slug}/${slug}`
  const next = after
    ? { href: href(after.slug), title: after.title, last: false }
    : { href: '/', title: 'all lessons', last: true }
  return (
    <div className="flex min-h-full flex-col bg-surface">
      <article className="mx-auto w-full max-w-[44rem] flex-1 px-5 pt-6 pb-12 sm:px-8">
        <Progress lesson={lesson.slug} steps={lesson.steps} current={step.slug} />
        <header className="mt-8 mb-6">
          <p className="text-sm font-medium text-muted">{lesson.title}</p>
          <h1 className="mt-1.5 text-3xl font-semibold tracking-tight text-balance text-ink">{step.title}</h1>
        </header>
        <OpenPage lesson={lesson.slug} page={step.slug} />
        <div className="prose">{children}</div>
        <nav
          aria-label="Neighbouring steps"
          className="mt-12 grid grid-cols-2 gap-3 border-t border-line pt-6"
        >
          {before ? (
            <Link href={href(before.slug)} className="step-link">
              <span className="flex items-center gap-1.5 text-xs text-muted">
                <ArrowLeft className="size-3.5" aria-hidden /> Previous
              </span>
              {before.title}
            </Link>
          ) : (
            <span />
          )}
          <Link href={next.href} className="step-link items-end text-right">
            <span className="flex items-center gap-1.5 text-xs text-muted">
              {after ? 'Next' : 'Back to'} <ArrowRight className="size-3.5" aria-hidden />
            </span>
            {after ? after.title : 'All lessons'}
          </Link>
        </nav>
      </article>
      {step.checked && <StepCheck lesson={lesson.slug} step={step.slug} next={next} />}
    </div>
  )
}
