/** Around all steps of a lesson: the machine stays while the prose changes. */
import '../../../components/workbench/workbench.css'
import type { ReactNode } from 'react'
import { Workbench } from '../../../components/workbench/Workbench.tsx'
import { loadLesson } from '../../../server/lessons/library.ts'

interface Props {
  params: Promise<{ lesson: string }>
  children: ReactNode
}

export default async function LessonLayout({ params, children }: Props) {
  const { slug, title, tier } = loadLesson((await params).lesson)
  return <Workbench lesson={{ slug, title, tier }}>{children}</Workbench>
}
