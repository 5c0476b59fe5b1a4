/** What stands below a step's text: the usual mistake, questions, hints, the solution, sources. */
import { ExternalLink } from 'lucide-react'
import type { ReactElement } from 'react'
import { Hints } from '../../components/lesson/Hints.tsx'
import { ResetMenu, ScriptHint } from '../../components/lesson/late-parts.tsx'
import { Quiz } from '../../components/lesson/Quiz.tsx'
import { Solution } from '../../components/lesson/Solution.tsx'
import { isChecked, type Lesson, type Page, type Step } from '../../server/lessons/lesson.ts'
import { Mistake } from './mistake.tsx'
import { questionsIn, renderCode, renderInline, renderMarkdown } from './render.tsx'

/** The parts that a step has; for other pages only what a page can have. */
export function StepParts({ lesson, page }: { lesson: Lesson; page: Page }): ReactElement {
  const step = lesson.steps.find((each) => each === page) ?? null
  const solution = step?.solution ?? (page === lesson.challenge ? lesson.challenge.solution : null)
  const edits = step?.edits ?? []
  return (
    <div className="step-parts">
      {step?.mistake && (
        <section aria-label="Common mistake" className="prose">
          <Mistake lesson={lesson} step={step} />
        </section>
      )}
      {step && step.questions.length > 0 && <Questions step={step} />}
      {step && step.hints.length > 0 && (
        <Hints
          lesson={lesson.slug}
          step={step.slug}
          hints={step.hints.map(({ text, when }) => ({
            conditional: when !== undefined,
            content: <div className="prose">{renderMarkdown(text, { lesson, page })}</div>,
          }))}
        />
      )}
      {step?.hintScript && (
        <ScriptHint
          lesson={lesson.slug}
          step={step.slug}
          ends={isChecked(step) || questionsIn(step.markdown) > 0}
        />
      )}
      {(solution !== null || edits.length > 0) && (
        <Solution lesson={lesson.slug} step={page.slug} edits={edits.length}>
          {solution !== null && (
            <div className="prose">
              <div className="command">
                <pre>
                  <code>{renderCode(withoutHead(solution), 'bash')}</code>
                </pre>
              </div>
            </div>
          )}
        </Solution>
      )}
      {step && step.deeper.length > 0 && <Deeper step={step} />}
      {step && <Reset lesson={lesson} step={step} />}
    </div>
  )
}

function Questions({ step }: { step: Step }) {
  return (
    <section aria-label="Questions" className="prose grid gap-3">
      {step.questions.map(({ ask, answers, right, because }) => (
        <Quiz
          key={ask}
          ask={renderInline(ask)}
          kind={Array.isArray(right) ? 'several' : 'one'}
          answers={answers.map((text, index) => ({
            text,
            right: [right].flat().includes(index),
            content: renderInline(text),
          }))}
          because={<p>{renderInline(because)}</p>}
        />
      ))}
    </section>
  )
}

function Deeper({ step }: { step: Step }) {
  return (
    <section aria-label="Go deeper" className="step-part">
      <h2 className="font-semibold">Go deeper</h2>
      <ul className="mt-1.5 grid gap-1">
        {step.deeper.map(({ title, url }) => (
          <li key={url}>
            <a
              href={url}
              target="_blank"
              rel="noopener noreferrer"
              className="inline-flex min-h-6 items-center gap-1.5 text-accent underline underline-offset-4"
            >
              {title} <ExternalLink className="size-3.5 shrink-0" aria-label="(opens in a new tab)" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Reset({ lesson, step }: { lesson: Lesson; step: Step }) {
  const index = lesson.steps.indexOf(step)
  const before = lesson.steps.slice(0, index)
  const patches = before
    .flatMap(({ edits }) => edits)
    .filter(({ file }) => (file ?? lesson.file) === lesson.file)
    .map(({ patch }) => patch)
  return (
    <ResetMenu
      lesson={lesson.slug}
      step={step.slug}
      before={before.map(({ slug, title }) => ({ slug, title }))}
      solvable={before.every(({ solution }) => solution !== null)}
      file={lesson.starts[lesson.file] === undefined ? null : { path: lesson.file, patches }}
      first={lesson.steps[0]!.slug}
    />
  )
}

/** Without the line that names the interpreter. */
const withoutHead = (script: string) => script.replace(/^#!.*\n/, '').trim()
