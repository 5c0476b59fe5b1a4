/** The terms of a lesson on one page, by alphabet, each with the step that explains it first. */
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import type { Lesson } from '../../../server/lessons/lesson.ts'
import { pagesOf } from '../../../server/lessons/lesson.ts'
import { lessonAt } from '../../../server/lessons/library.ts'

interface Props {
  params: Promise<{ lesson: string }>
}

export const dynamic = 'force-dynamic'

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const lesson = lessonAt((await params).lesson)
  if (!lesson) return {}
  return { title: `Glossary of ${lesson.title}`, description: `The terms that “${lesson.title}” explains.` }
}

export default async function GlossaryPage({ params }: Props) {
  const lesson = lessonAt((await params).lesson)
  if (!lesson || lesson.glossary.length === 0) notFound()
  const terms = [...lesson.glossary].sort((one, other) => one.term.localeCompare(other.term, 'en'))
  return (
    <main className="mx-auto max-w-[44rem] px-5 py-10 sm:px-8">
      <p className="text-sm font-medium text-muted">
        <Link href={`/lessons/${lesson.slug}`} className="underline underline-offset-4 hover:text-ink">
          {lesson.title}
        </Link>
      </p>
      <h1 className="mt-1.5 text-3xl font-semibold tracking-tight">Glossary</h1>
      <dl className="mt-8 grid gap-7">
        {terms.map(({ id, term, text }) => (
          <div key={id} id={id} className="scroll-mt-6">
            <dt className="text-lg font-semibold">{term}</dt>
            <dd className="mt-1 leading-relaxed text-pretty">{text}</dd>
            <First lesson={lesson} id={id} />
          </div>
        ))}
      </dl>
    </main>
  )
}

function First({ lesson, id }: { lesson: Lesson; id: string }) {
  const page = pagesOf(lesson).find(({ markdown }) => markdown.includes(`](term:${id})`))
  if (!page) return null
  return (
    <dd className="mt-1 text-sm text-muted">
      First met in{' '}
      <Link
        href={`/lessons/${lesson.slug}/${page.slug}`}
        className="underline underline-offset-4 hover:text-ink"
      >
        {page.title}
      </Link>
    </dd>
  )
}
