'use client'
/** A question in the text: answers to choose from, or one to be typed. Works without a machine. */
import { type ReactNode, useId, useState } from 'react'
import { Button } from '../ui/Button.tsx'
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
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [typed, setTyped] = useState('')
  const [verdict, setVerdict] = useState<boolean | null>(null)
  const isTyped = kind === 'exact' || kind === 'contains'
  const choose = (index: number, on: boolean) => {
    const next = new Set(kind === 'several' ? chosen : [])
    if (on) next.add(index)
    else next.delete(index)
    setChosen(next)
    setVerdict(null)
  }
  const check = () => {
    const wanted = answers.map(({ text }) => text)
    const isRight =
      kind === 'one' || kind === 'several'
        ? answers.every(({ right }, index) => right === chosen.has(index))
        : isTypedRight(kind, wanted, typed)
    setVerdict(isRight)
    if (isRight && place) noteRight(place)
  }
  return (
    <form
      className="quiz"
      onSubmit={(event) => {
        event.preventDefault()
        check()
      }}
    >
      <fieldset>
        <legend>{ask}</legend>
        {isTyped ? (
          <input
            type="text"
            aria-label="Your answer"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value)
              setVerdict(null)
            }}
          />
        ) : (
          answers.map(({ text, content }, index) => (
            <label key={`${index}-${text}`}>
              <input
                type={kind === 'several' ? 'checkbox' : 'radio'}
                name={name}
                checked={chosen.has(index)}
                onChange={(event) => choose(index, event.target.checked)}
              />
              <span>{content}</span>
            </label>
          ))
        )}
      </fieldset>
      <div className="quiz-foot">
        <Button type="submit" look="quiet" size="small" className="needs-js">
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
