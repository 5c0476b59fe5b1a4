/** One page of a lesson, rendered when it is asked for: its files may have changed since the lab was started. */
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { StepView } from '../../../../components/lesson/StepView.tsx'
import { loadLesson } from '../../../../server/lessons/library.ts'
import { renderMarkdown } from '../../../../server/lessons/render.tsx'

interface Props {
  params: Promise<{ lesson: string; step: string }>
}

export const dynamic = 'force-dynamic'

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { lesson, step } = await params
  const { title, steps } = loadLesson(lesson)
  const index = steps.findIndex(({ slug }) => slug === step)
  return { title: `${index + 1}. ${steps[index]?.title}`, description: `Step ${index + 1} of “${title}”.` }
}

export default async function StepPage({ params }: Props) {
  const { lesson: slug, step: current } = await params
  const lesson = loadLesson(slug)
  const { title, steps } = lesson
  const index = steps.findIndex((step) => step.slug === current)
  const step = steps[index]
  if (!step) notFound()
  // The scripts stay on the server: only their existence matters to the page.
  const links = steps.map((each) => ({
    slug: each.slug,
    title: each.title,
    checked: each.verifyScript !== null,
  }))
  return (
    <StepView lesson={{ slug, title, steps: links }} index={index}>
      {renderMarkdown(step.markdown, { lesson, page: step })}
    </StepView>
  )
}
