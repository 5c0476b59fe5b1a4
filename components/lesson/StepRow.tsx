'use client'
/** The row at the end of a step: what is still missing, or that it is done and where it goes on. */
import { ArrowRight, Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { ButtonLink } from '../ui/ButtonLink.tsx'

export interface NextPage {
  href: string
  title: string
  /** Of the lesson: then it leads to all lessons. */
  last: boolean
}

interface Props {
  isDone: boolean
  next: NextPage
  /** While it is not done. */
  mark: ReactNode
  /** What is waited for, and how far it is. */
  title: string
  text: string
  /** Over the mark of a step that has just been done. */
  sparks?: ReactNode
}

export function StepRow({ isDone, next, mark, title, text, sparks }: Props) {
  return (
    <div className="mx-auto flex w-full max-w-[44rem] flex-wrap items-center gap-3.5 px-5 py-3 sm:px-8">
      <span className="step-check-mark" aria-hidden="true">
        {isDone ? <Check className="size-4" strokeWidth={3} /> : mark}
        {sparks}
      </span>
      <p role="status" className="min-w-0 flex-[1_1_9rem] text-sm leading-snug">
        <b className="block font-semibold">{isDone ? 'Step done' : title}</b>
        <span className="text-muted">
          {isDone ? (next.last ? 'That was the last step.' : `Next: ${next.title}`) : text}
        </span>
      </p>
      {isDone && (
        <ButtonLink
          look="primary"
          href={next.href}
          aria-label={`${next.last ? 'To' : 'Next:'} ${next.title}`}
        >
          {next.last ? 'Finish' : 'Next'} <ArrowRight className="size-4" aria-hidden />
        </ButtonLink>
      )}
    </div>
  )
}
