/** A lesson's own address leads to its first step. */
import { redirect } from 'next/navigation'
import { loadLesson } from '../../../server/lessons/library.ts'

export const dynamic = 'force-dynamic'

export default async function LessonPage({ params }: { params: Promise<{ lesson: string }> }) {
  const { slug, steps } = loadLesson((await params).lesson)
  redirect(`/lessons/${slug}/${steps[0]!.slug}`)
}
