'use client'
/** Into the lesson: at its start or, for someone who has been here before, where they left off. */
import { ArrowRight } from 'lucide-react'
import { ButtonLink } from '../ui/ButtonLink.tsx'
import { useLast, usePassed } from './progress-store.ts'

export function StartButton({ lesson, steps }: { lesson: string; steps: { slug: string }[] }) {
  const passed = usePassed(lesson)
  const last = useLast(lesson)
  const open = steps.findIndex(({ slug }) => !passed.has(slug))
  const visited = steps.findIndex(({ slug }) => slug === last)
  // Where one was, unless that is done: then the first step that is not.
  const at = visited >= 0 && !passed.has(last!) ? visited : Math.max(open, 0)
  const target = steps[at]!
  const isNew = passed.size === 0 && at === 0
  const label = isNew ? 'Start' : open < 0 ? 'Read it again' : `Continue with step ${at + 1}`
  return (
    <ButtonLink look="primary" size="large" href={`/lessons/${lesson}/${target.slug}`}>
      {label} <ArrowRight className="size-5" aria-hidden />
    </ButtonLink>
  )
}
