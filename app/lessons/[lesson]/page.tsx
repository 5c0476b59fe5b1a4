/** A lesson's own address leads to its first page. */
import { notFound, redirect } from 'next/navigation'
import { pagesOf } from '../../../server/lessons/lesson.ts'
import { lessonAt } from '../../../server/lessons/library.ts'

export const dynamic = 'force-dynamic'

export default async function LessonPage({ params }: { params: Promise<{ lesson: string }> }) {
  const lesson = lessonAt((await params).lesson)
  if (!lesson) notFound()
  redirect(`/lessons/${lesson.slug}/${pagesOf(lesson)[0]!.slug}`)
}
