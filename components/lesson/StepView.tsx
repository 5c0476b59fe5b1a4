/** One page of a lesson as it is read: where one is, the prose, what helps with it, the way back and on, and the live check. */
import { ArrowLeft, Clock } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { FeedbackForm } from './late-parts.tsx'
import { OpenPage } from './OpenPage.tsx'
import { Progress } from './Progress.tsx'
import { ProgressSync } from './ProgressSync.tsx'
import type { LessonLinks } from './page-links.ts'
import { GatedNext, QuizGate } from './QuizGate.tsx'
import { StepCheck } from './StepCheck.tsx'

interface Props {
  lesson: LessonLinks
  /** Position of the page in the lesson. */
  index: number
  /** What one can do after it; empty if not said. */
  goal: string
  /** 0 if not said. */
  minutes: number
  /** Whether something in the sandbox tells that the page is done. */
  hasCheck: boolean
  /** How many questions of its text have to be answered before one goes on. */
  questions: number
  /** Hints, questions and the like. */
  parts: ReactNode
  /** The rendered prose. */
  children: ReactNode
}

export function StepView({ lesson, index, goal, minutes, hasCheck, questions, parts, children }: Props) {
  const page = lesson.pages[index]!
  const before = lesson.pages[index - 1]
  const after = lesson.pages[index + 1]
  const href = (slug: string) => `/lessons/${lesson.slug}/${slug}`
  const next = after
    ? { href: href(after.slug), title: after.title, last: false }
    : { href: '/', title: 'all lessons', last: true }
  const place = { lesson: lesson.slug, page: page.slug, questions }
  const check = hasCheck && <StepCheck key={page.slug} lesson={lesson.slug} step={page.slug} next={next} />
  return (
    <div className="flex min-h-full flex-col bg-surface">
      <ProgressSync lesson={lesson.slug} page={page.slug} />
      <article className="mx-auto w-full max-w-[44rem] flex-1 px-5 pt-6 pb-12 sm:px-8">
        <Progress lesson={lesson} current={page.slug} />
        <header className="mt-6 mb-6">
          <p className="flex flex-wrap items-center gap-x-3 text-sm font-medium text-muted">
            {lesson.title}
            {minutes > 0 && (
              <span className="flex items-center gap-1.5 font-normal">
                <Clock className="size-3.5" aria-hidden /> about {minutes} min
              </span>
            )}
          </p>
          <h1 className="mt-1.5 text-3xl font-semibold tracking-tight text-balance text-ink">{page.title}</h1>
          {goal && <p className="mt-3 text-[1.0625rem] leading-relaxed text-muted">{goal}</p>}
        </header>
        <OpenPage lesson={lesson.slug} page={page.slug} files={lesson.files} />
        <div className="prose">{children}</div>
        {parts}
        <FeedbackForm key={page.slug} lesson={lesson.slug} step={page.slug} />
        <nav
          aria-label="Neighbouring pages"
          className="mt-8 grid grid-cols-2 gap-3 border-t border-line pt-6"
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
          <GatedNext {...place} next={next} />
        </nav>
      </article>
      {questions > 0 ? (
        <QuizGate key={page.slug} {...place} next={next}>
          {check}
        </QuizGate>
      ) : (
        check
      )}
    </div>
  )
}
