'use client'
/** Into the lesson: at its start or, for someone who has been here before, where they left off. */
import { ArrowRight } from 'lucide-react'
import { ButtonLink } from '../ui/Button.tsx'
import { usePassed } from './progress-store.ts'

export function StartButton({ lesson, steps }: { lesson: string; steps: { slug: string }[] }) {
  const passed = usePassed(lesson)
  const open = steps.findIndex(({ slug }) => !passed.has(slug))
  const target = steps[Math.max(open, 0)]!
  const label = passed.size === 0 ? 'Start' : open < 0 ? 'Read it again' : `Continue with step ${open + 1}`
  return (
    <ButtonLink look="primary" size="large" href={`/lessons/${lesson}/${target.slug}`}>
      {label} <ArrowRight className="size-5" aria-hidden />
    </ButtonLink>
  )
}
