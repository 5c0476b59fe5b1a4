/** The usual mistake of a step, as a note in its text. */
import type { Lesson, Step } from '../../server/lessons/lesson.ts'
import { renderMarkdown } from './render.tsx'

export function Mistake({ lesson, step }: { lesson: Lesson; step: Step }) {
  return (
    <blockquote data-kind="mistake">
      <p>
        <strong>Common mistake.</strong>
      </p>
      {renderMarkdown(step.mistake, { lesson, page: step })}
    </blockquote>
  )
}
