/** One page of a lesson, rendered when it is asked for: its files may have changed since the lab was started. */
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { PageLimits } from '../../../../components/lesson/PageLimits.tsx'
import { StepView } from '../../../../components/lesson/StepView.tsx'
import { TakeHome } from '../../../../components/lesson/TakeHome.tsx'
import { withoutTitle } from '../../../../server/lessons/heading.ts'
import { isChecked, pagesOf, type Step } from '../../../../server/lessons/lesson.ts'
import { lessonAt } from '../../../../server/lessons/library.ts'
import { limitsOf } from '../../../../server/lessons/limits.ts'
import { questionsIn, renderMarkdown } from '../../../lesson-text/render.tsx'
import { StepParts } from '../../../lesson-text/step-parts.tsx'

interface Props {
  params: Promise<{ lesson: string; step: string }>
}

export const dynamic = 'force-dynamic'

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { lesson: slug, step } = await params
  const lesson = lessonAt(slug)
  if (!lesson) return {}
  const page = pagesOf(lesson).find((each) => each.slug === step)
  const number = lesson.steps.indexOf(page as Step) + 1
  return {
    title: `${number > 0 ? `${number}. ` : ''}${page?.title}`,
    description: `${page?.title}: a page of “${lesson.title}”.`,
  }
}

export default async function LessonPage({ params }: Props) {
  const { lesson: slug, step: current } = await params
  const lesson = lessonAt(slug)
  if (!lesson) notFound()
  const pages = pagesOf(lesson)
  const index = pages.findIndex((page) => page.slug === current)
  const page = pages[index]
  if (!page) notFound()
  const { goal, minutes }: Partial<Step> = page
  // The scripts stay on the server: only their existence matters to the page.
  const links = pages.map((each) => ({
    slug: each.slug,
    title: each.title,
    isStep: lesson.steps.some((step) => step === each),
    checked: isChecked(each) || questionsIn(each.markdown) > 0,
  }))
  const { title, chapters, layout } = lesson
  const glossary = lesson.glossary.length > 0
  return (
    <StepView
      lesson={{ slug, title, pages: links, chapters, glossary, files: layout.files }}
      index={index}
      goal={goal ?? ''}
      minutes={minutes ?? 0}
      hasCheck={isChecked(page)}
      questions={questionsIn(page.markdown)}
      parts={<StepParts key={page.slug} lesson={lesson} page={page} />}
    >
      <PageLimits {...limitsOf(lesson, page)} />
      {renderMarkdown(withoutTitle(page.markdown, page.title), { lesson, page })}
      {page === lesson.takeHome && <TakeHome lesson={slug} />}
    </StepView>
  )
}
