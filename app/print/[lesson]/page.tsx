/** A whole lesson on one page, for paper: every step with its questions and answers, and the glossary. */
import '../../../components/lesson/print.css'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { PrintButton } from '../../../components/lesson/PrintButton.tsx'
import { ButtonLink } from '../../../components/ui/ButtonLink.tsx'
import type { Lesson, Step } from '../../../server/lessons/lesson.ts'
import { loadLesson } from '../../../server/lessons/library.ts'
import { Mistake } from '../../lesson-text/mistake.tsx'
import { renderCode, renderInline, renderMarkdown } from '../../lesson-text/render.tsx'

interface Props {
  params: Promise<{ lesson: string }>
}

export const dynamic = 'force-dynamic'

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { title } = find((await params).lesson)
  return { title: `${title}, on paper`, description: `All of “${title}” on one page, to be printed.` }
}

function find(slug: string): Lesson {
  try {
    return loadLesson(slug)
  } catch {
    notFound()
  }
}

export default async function PrintPage({ params }: Props) {
  const lesson = find((await params).lesson)
  const chapterOf = (step: Step) => lesson.chapters.findIndex(({ steps }) => steps[0] === step.slug)
  return (
    <main className="print mx-auto max-w-[44rem] bg-surface px-5 py-8 sm:px-8">
      <header>
        <h1 className="text-3xl font-semibold tracking-tight text-balance">{lesson.title}</h1>
        <p className="mt-3 leading-relaxed text-muted">{lesson.description}</p>
        <p className="print-button mt-5 flex flex-wrap items-center gap-3">
          <PrintButton />
          <ButtonLink look="quiet" href={`/lessons/${lesson.slug}`}>
            Back to the lesson
          </ButtonLink>
        </p>
      </header>
      {lesson.steps.map((step, index) => (
        <article key={step.slug} className="print-step">
          {chapterOf(step) >= 0 && (
            <p className="print-chapter">
              Chapter {chapterOf(step) + 1}: {lesson.chapters[chapterOf(step)]!.title}
            </p>
          )}
          <h2 className="text-2xl font-semibold tracking-tight">
            {index + 1}. {step.title}
          </h2>
          {step.goal && <p className="mt-2 mb-4 text-muted">{step.goal}</p>}
          <div className="prose">
            {renderMarkdown(step.markdown, { lesson, page: step })}
            {step.mistake && <Mistake lesson={lesson} step={step} />}
            <Questions step={step} />
            {step.solution && (
              <>
                <h3>Solution</h3>
                <pre className="print-code">{renderCode(step.solution.trim(), 'bash')}</pre>
              </>
            )}
            <Sources step={step} />
          </div>
        </article>
      ))}
      {lesson.challenge && (
        <article className="print-step">
          <h2 className="text-2xl font-semibold tracking-tight">{lesson.challenge.title}</h2>
          <div className="prose mt-4">
            {renderMarkdown(lesson.challenge.markdown, { lesson, page: lesson.challenge })}
          </div>
        </article>
      )}
      {lesson.glossary.length > 0 && <Glossary lesson={lesson} />}
    </main>
  )
}

function Questions({ step }: { step: Step }) {
  return step.questions.map(({ ask, answers, right, because }) => (
    <section key={ask} className="print-question">
      <p>
        <strong>{renderInline(ask)}</strong>
      </p>
      <ul>
        {answers.map((answer) => (
          <li key={answer}>{renderInline(answer)}</li>
        ))}
      </ul>
      <p className="text-muted">
        Answer:{' '}
        {answers
          .filter((_, index) => [right].flat().includes(index))
          .map((answer) => answer.replaceAll('`', ''))
          .join(', ')}
        . {renderInline(because)}
      </p>
    </section>
  ))
}

function Sources({ step }: { step: Step }) {
  if (step.deeper.length === 0) return null
  return (
    <ul className="print-sources">
      {step.deeper.map(({ title, url }) => (
        <li key={url}>
          {title}: <a href={url}>{url}</a>
        </li>
      ))}
    </ul>
  )
}

function Glossary({ lesson }: { lesson: Lesson }) {
  return (
    <article className="print-step">
      <h2 className="text-2xl font-semibold tracking-tight">Glossary</h2>
      <dl className="prose mt-4">
        {lesson.glossary.map(({ id, term, text }) => (
          <div key={id}>
            <dt className="font-semibold">{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </article>
  )
}
