'use client'
/** Help in stages: one hint at a time, first those that fit what is wrong in the sandbox just now. */
import { Lightbulb } from 'lucide-react'
import { type ReactNode, useState } from 'react'
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
  const conditional = hints.map((hint) => hint.conditional)
  const left = nextHint(conditional, null, shown) !== null

  const reveal = async () => {
    if (!left || busy) return
    setBusy(true)
    const asked = conditional.some(Boolean) ? machine?.learning.fittingHints(lesson, step) : null
    const fits = (await asked) ?? null
    setBusy(false)
    const next = nextHint(conditional, fits, shown)
    if (next !== null) setShown([...shown, next])
  }

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
          <li key={index}>
            {hints[index]!.conditional && <span className="hint-fits">Fits your sandbox now</span>}
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
