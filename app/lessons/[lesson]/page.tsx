/** A lesson's own address leads to its first step. */
import { redirect } from 'next/navigation'
import { listLessons, loadLesson } from '../../../server/lessons/load.ts'

export const dynamicParams = false

export function generateStaticParams() {
  return listLessons().map(({ slug }) => ({ lesson: slug }))
}

export default async function LessonPage({ params }: { params: Promise<{ lesson: string }> }) {
  const { slug, steps } = loadLesson((await params).lesson)
  redirect(`/lessons/${slug}/${steps[0]!.slug}`)
}
