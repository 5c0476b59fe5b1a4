'use client'
/** A question in the text: answers to choose from, or one to be typed. Works without a machine. */
import { type ReactNode, useId, useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { useHydrated } from '../ui/use-hydrated.ts'
import { isTypedRight } from './quiz-answer.ts'
import { noteRight, type QuizPlace } from './quiz-store.ts'

interface Props {
  ask: ReactNode
  /** `one` or `several` answers are right, or a text is: exactly this one, or any that contains it. */
  kind: 'one' | 'several' | 'exact' | 'contains'
  answers: { text: string; right: boolean; content: ReactNode }[]
  /** Why, shown after the right answer. */
  because?: ReactNode
  /** Of one that has to be answered before one goes on. */
  place?: QuizPlace
}

export function Quiz({ ask, kind, answers, because, place }: Props) {
  const name = useId()
  const isHydrated = useHydrated()
  const [verdict, setVerdict] = useState<boolean | null>(null)
  const isTyped = kind === 'exact' || kind === 'contains'
  // What is in the form counts, not what this code has seen: people answer before it is there.
  const check = (form: HTMLFormElement) => {
    const inputs = [...form.querySelectorAll('input')]
    const isRight = isTyped
      ? isTypedRight(
          kind,
          answers.map(({ text }) => text),
          inputs[0]!.value,
        )
      : answers.every(({ right }, index) => right === inputs[index]!.checked)
    setVerdict(isRight)
    if (isRight && place) noteRight(place)
  }
  return (
    <form
      className="quiz"
      onSubmit={(event) => {
        event.preventDefault()
        check(event.currentTarget)
      }}
      onChange={() => setVerdict(null)}
    >
      <fieldset>
        <legend>{ask}</legend>
        {isTyped ? (
          <input type="text" aria-label="Your answer" autoComplete="off" spellCheck={false} />
        ) : (
          answers.map(({ text, content }, index) => (
            <label key={`${index}-${text}`}>
              <input type={kind === 'several' ? 'checkbox' : 'radio'} name={name} />
              <span>{content}</span>
            </label>
          ))
        )}
      </fieldset>
      <div className="quiz-foot">
        {/* Before, a browser would send the form away, and the answer with it. */}
        <Button type="submit" look="quiet" size="small" className="needs-js" disabled={!isHydrated}>
          Check the answer
        </Button>
        <span role="status" data-right={verdict ?? undefined}>
          {verdict === null ? '' : verdict ? 'Right.' : 'Not right. Try again.'}
        </span>
      </div>
      {because && (
        <div className="quiz-because" aria-live="polite">
          {verdict === true && because}
        </div>
      )}
      {because && (
        <details className="no-js">
          <summary>Answer</summary>
          <p>{answers.flatMap(({ text, right }) => (right ? [text] : [])).join(', ')}</p>
          {because}
        </details>
      )}
    </form>
  )
}
