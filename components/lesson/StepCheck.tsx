'use client'
/** The live check of a step: says what is still missing and, once it is there, leads on. */
import { useEffect, useState } from 'react'
import { useStepCheck } from '../session/commands.ts'
import { markPassed, usePassed } from './progress-store.ts'
import { type NextPage, StepRow } from './StepRow.tsx'

interface Props {
  lesson: string
  step: string
  next: NextPage
}

export function StepCheck({ lesson, step, next }: Props) {
  const check = useStepCheck(lesson, step)
  const isKnown = usePassed(lesson).has(step)
  const [celebrated, setCelebrated] = useState<string | null>(null)
  const isPassed = isKnown || check?.passed === true
  const output = (check?.message ?? '').trim().split('\n').filter(Boolean)
  // A passing check says what it has found; one that fails says its first line beside the mark.
  const more = isPassed ? (check?.passed ? [...output, ...check.seen] : []) : output.length > 1 ? output : []
  useEffect(() => {
    if (!check?.passed || isKnown) return
    setCelebrated(step)
    markPassed(lesson, step)
  }, [check?.passed, isKnown, lesson, step])

  return (
    <section aria-label="Check of this step" className="needs-js step-check" data-passed={isPassed}>
      <div className="step-check-body">
        <StepRow
          isDone={isPassed}
          next={next}
          mark={<span className="step-check-pulse" />}
          title="Checked while you work"
          text={check ? (output[0] ?? 'Not there yet.') : 'The check begins when your machine is ready.'}
          sparks={isPassed && celebrated === step && <Sparks />}
        />
        {more.length > 0 && (
          <details className="step-check-output mx-auto w-full max-w-[44rem] px-5 pb-3 sm:px-8">
            <summary>{isPassed ? 'What was found' : 'What the check printed'}</summary>
            {/* A region that scrolls has to be reached by the keyboard. */}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as said */}
            <section aria-label="Output of the check" tabIndex={0}>
              {more.join('\n')}
            </section>
          </details>
        )}
      </div>
    </section>
  )
}

/** A dozen sparks; the style sheet lets them fly, or not for those who asked for less motion. */
function Sparks() {
  return Array.from({ length: 12 }, (_, index) => (
    <i key={index} className="spark" style={{ '--angle': `${index * 30}deg` } as React.CSSProperties} />
  ))
}
