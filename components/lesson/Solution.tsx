/** The step's solution: to be read, or to be carried out by the lab. */
import type { ReactNode } from 'react'
import { SolveStep } from './late-parts.tsx'

interface Props {
  lesson: string
  step: string
  /** How many edits it makes. */
  edits: number
  /** The script, in colour. */
  children: ReactNode
}

export function Solution({ lesson, step, edits, children }: Props) {
  return (
    <section aria-label="Solution" className="step-part">
      <details>
        <summary>Show the solution</summary>
        <div className="mt-3 grid gap-3">
          {edits > 0 && (
            <p className="text-sm text-muted">
              First {edits === 1 ? 'the edit' : `the ${edits} edits`} of this step, then:
            </p>
          )}
          {children}
        </div>
      </details>
      <SolveStep lesson={lesson} step={step} />
    </section>
  )
}
