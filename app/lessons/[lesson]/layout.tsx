/** Around all steps of a lesson: the machine stays while the prose changes. */
import '../../../components/workbench/workbench.css'
import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { Preview } from '../../../components/lesson/late-parts.tsx'
import { Workbench } from '../../../components/workbench/Workbench.tsx'
import { lessonAt } from '../../../server/lessons/library.ts'
import { versionOf } from '../../../server/lessons/version.ts'

interface Props {
  params: Promise<{ lesson: string }>
  children: ReactNode
}

export default async function LessonLayout({ params, children }: Props) {
  const lesson = lessonAt((await params).lesson)
  if (!lesson) notFound()
  const { slug, title, tier, layout } = lesson
  const panes = { editor: layout.editor, terminal: layout.terminal }
  return (
    <Workbench lesson={{ slug, title, tier, panes }}>
      {children}
      {process.env.LAB_PREVIEW && <Preview lesson={slug} version={versionOf(lesson)} />}
    </Workbench>
  )
}
