'use client'
/** The end of a page with questions in its text: as on Katacoda, the way on opens when all of them are answered rightly. */
import { ArrowRight, CircleHelp } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useEffect } from 'react'
import { markPassed, usePassed } from './progress-store.ts'
import { useAnswered } from './quiz-store.ts'
import { type NextPage, StepRow } from './StepRow.tsx'

interface Props {
  lesson: string
  page: string
  /** How many questions can be answered; 0 opens the gate. */
  questions: number
}

function useQuizzes({ lesson, page, questions }: Props) {
  const right = useAnswered(lesson, page)
  // Who has done the step once is not asked again.
  const isPassed = usePassed(lesson).has(page)
  return { right, isOpen: isPassed || right >= questions }
}

interface NextProps extends Props {
  next: NextPage
}

/** The link to the next page, or what stands before it. Without scripts nobody can answer: then it is a link. */
export function GatedNext({ next, ...place }: NextProps) {
  const { isOpen } = useQuizzes(place)
  const name = next.last ? 'All lessons' : next.title
  const link = (
    <Link href={next.href} className="step-link items-end text-right">
      <span className="flex items-center gap-1.5 text-xs text-muted">
        {next.last ? 'Back to' : 'Next'} <ArrowRight className="size-3.5" aria-hidden />
      </span>
      {name}
    </Link>
  )
  if (isOpen) return link
  return (
    <>
      <p className="needs-js step-link items-end border-dashed text-right text-muted">
        <span className="text-xs">Answer the questions first</span>
        {name}
      </p>
      <div className="no-js grid">{link}</div>
    </>
  )
}

/** Says how many are missing. `children`: the machine's check, which is the last word where there is one. */
export function QuizGate({ next, children, ...place }: NextProps & { children: ReactNode }) {
  const { lesson, page, questions } = place
  const { right, isOpen } = useQuizzes(place)
  const isDone = isOpen && !children
  useEffect(() => {
    if (isDone) markPassed(lesson, page)
  }, [isDone, lesson, page])
  if (isOpen && children) return children
  return (
    <section aria-label="Questions of this step" className="needs-js step-check" data-passed={isOpen}>
      <StepRow
        isDone={isOpen}
        next={next}
        mark={<CircleHelp className="size-4" />}
        title="Questions to answer"
        text={`${right} of ${questions} answered. The way on opens with the last one.`}
      />
    </section>
  )
}
