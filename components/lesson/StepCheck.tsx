'use client'
/** The live check of a step: says what is still missing and, once it is there, leads on. */
import { ArrowRight, Check } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStepCheck } from '../session/commands.ts'
import { ButtonLink } from '../ui/Button.tsx'
import { markPassed, usePassed } from './progress-store.ts'

interface Props {
  lesson: string
  step: string
  next: { href: string; title: string; last: boolean }
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
        <div className="mx-auto flex w-full max-w-[44rem] flex-wrap items-center gap-3.5 px-5 py-3 sm:px-8">
          <span className="step-check-mark" aria-hidden="true">
            {isPassed ? <Check className="size-4" strokeWidth={3} /> : <span className="step-check-pulse" />}
            {isPassed && celebrated === step && <Sparks />}
          </span>
          <p role="status" className="min-w-0 flex-[1_1_9rem] text-sm leading-snug">
            <b className="block font-semibold">{isPassed ? 'Step done' : 'Checked while you work'}</b>
            <span className="text-muted">
              {sentence(isPassed, check ? (output[0] ?? 'Not there yet.') : undefined, next)}
            </span>
          </p>
          {isPassed && (
            <ButtonLink
              look="primary"
              href={next.href}
              aria-label={`${next.last ? 'To' : 'Next:'} ${next.title}`}
            >
              {next.last ? 'Finish' : 'Next'} <ArrowRight className="size-4" aria-hidden />
            </ButtonLink>
          )}
        </div>
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

function sentence(isPassed: boolean, message: string | undefined, next: Props['next']): string {
  if (isPassed) return next.last ? 'That was the last step.' : `Next: ${next.title}`
  if (message === undefined) return 'The check begins when your machine is ready.'
  return message
}

/** A dozen sparks; the style sheet lets them fly, or not for those who asked for less motion. */
function Sparks() {
  return Array.from({ length: 12 }, (_, index) => (
    <i key={index} className="spark" style={{ '--angle': `${index * 30}deg` } as React.CSSProperties} />
  ))
}
