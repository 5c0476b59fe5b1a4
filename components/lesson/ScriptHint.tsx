'use client'
/** A hint that the lesson's own script prints, asked again as time goes by: Katacoda's challenges help in this way. */
import { Lightbulb } from 'lucide-react'
import { Fragment, useEffect, useState } from 'react'
import { useOptionalMachine, useView } from '../session/SessionProvider.tsx'
import { usePassed } from './progress-store.ts'

/** The script may do anything, so it is asked seldom, and only by a page that somebody sees. */
const EVERY_MS = 5000

interface Props {
  lesson: string
  step: string
  /** Something tells that the step is done, and then nobody needs a hint. */
  ends: boolean
}

export function ScriptHint({ lesson, step, ends }: Props) {
  const machine = useOptionalMachine()
  const isReady = useView().sandbox?.state === 'ready'
  const isPassed = usePassed(lesson).has(step) && ends
  const [hint, setHint] = useState('')
  useEffect(() => {
    if (!machine || !isReady || isPassed) return setHint('')
    const began = performance.now()
    let isBusy = false
    const ask = async () => {
      if (isBusy || document.visibilityState === 'hidden') return
      isBusy = true
      const seconds = Math.floor((performance.now() - began) / 1000)
      const text = await machine.learning.scriptHint(lesson, step, seconds)
      isBusy = false
      if (text !== null) setHint(text)
    }
    void ask()
    const timer = setInterval(() => void ask(), EVERY_MS)
    return () => clearInterval(timer)
  }, [machine, isReady, isPassed, lesson, step])

  return (
    <section aria-label="Hint of this lesson" aria-live="polite" className="needs-js">
      {hint && (
        <div className="step-part hints">
          <p className="flex items-center gap-2 font-semibold">
            <Lightbulb className="size-4 text-warn" aria-hidden /> Hint
          </p>
          <div className="prose mt-1.5">
            {hint.split(/\n\s*\n/).map((paragraph, index) => (
              <p key={`${index}-${paragraph}`}>{inline(paragraph)}</p>
            ))}
          </div>
        </div>
      )}
    </section>
  )
}

/** What a script prints comes from the sandbox: text, with emphasis and code as in Markdown, and nothing else. */
function inline(text: string) {
  return text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map((part, index) => {
    const key = `${index}-${part}`
    if (/^`.+`$/.test(part)) return <code key={key}>{part.slice(1, -1)}</code>
    if (/^\*\*.+\*\*$/.test(part)) return <strong key={key}>{part.slice(2, -2)}</strong>
    return <Fragment key={key}>{part}</Fragment>
  })
}
