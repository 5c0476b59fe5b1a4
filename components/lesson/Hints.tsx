'use client'
/** Help in stages: one hint at a time, first those that fit what is wrong in the sandbox just now. */
import { Lightbulb } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useStepCheck } from '../session/commands.ts'
import { useOptionalMachine } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { nextHint } from './next-hint.ts'

export interface HintView {
  /** It looks at the sandbox to know whether it fits. */
  conditional: boolean
  content: ReactNode
}

interface Props {
  lesson: string
  step: string
  hints: HintView[]
}

export function Hints({ lesson, step, hints }: Props) {
  const machine = useOptionalMachine()
  const [shown, setShown] = useState<number[]>([])
  const [busy, setBusy] = useState(false)
  // Of each hint, whether it fits the sandbox as it is; null if nobody can tell.
  const [fits, setFits] = useState<readonly boolean[] | null>(null)
  const check = useStepCheck(lesson, step)
  const conditional = hints.map((hint) => hint.conditional)
  const left = nextHint(conditional, null, shown) !== null

  const reveal = async () => {
    if (!left || busy) return
    setBusy(true)
    const asked = conditional.some(Boolean) ? machine?.learning.fittingHints(lesson, step) : null
    const fitting = (await asked) ?? null
    setBusy(false)
    setFits(fitting)
    const next = nextHint(conditional, fitting, shown)
    if (next !== null) setShown([...shown, next])
  }

  // What the check says has changed, so a hint that fitted may fit no longer. Asked only for hints that are on the screen.
  const asks = shown.some((index) => conditional[index])
  useEffect(() => {
    if (!asks || !machine) return
    let current = true
    void machine.learning.fittingHints(lesson, step).then((fitting) => {
      if (current && fitting) setFits(fitting)
    })
    return () => {
      current = false
    }
  }, [asks, check?.message, check?.passed, lesson, step, machine])

  const isPast = (index: number) => conditional[index] === true && fits?.[index] === false

  return (
    <section aria-label="Hints" className="step-part hints">
      <div className="needs-js flex flex-wrap items-center justify-between gap-3">
        <p className="flex items-center gap-2 font-semibold">
          <Lightbulb className="size-4 text-warn" aria-hidden /> Stuck?
        </p>
        <Button size="small" aria-disabled={!left || busy} onClick={() => void reveal()}>
          {shown.length === 0 ? 'Give me a hint' : left ? 'Another hint' : 'That was the last hint'}
        </Button>
      </div>
      <ol aria-live="polite" className="hint-list">
        {shown.map((index) => (
          <li key={index} data-past={isPast(index) || undefined}>
            {hints[index]!.conditional && (
              <span className="hint-fits">
                {isPast(index) ? 'Fitted before, not any more' : 'Fits your sandbox now'}
              </span>
            )}
            {hints[index]!.content}
          </li>
        ))}
      </ol>
      <details className="no-js">
        <summary>Hints</summary>
        <ol className="hint-list">
          {hints.map(({ content }, index) => (
            <li key={index}>{content}</li>
          ))}
        </ol>
      </details>
    </section>
  )
}
