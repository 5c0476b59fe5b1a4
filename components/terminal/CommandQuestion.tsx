'use client'
/** Asks before a command of the lesson is typed into something that is not a shell. */
import { useEffect, useRef } from 'react'
import type { Answer, Question } from '../session/command-queue.ts'
import { Button } from '../ui/Button.tsx'
import { Keys, PaneQuestion } from './PaneCard.tsx'

const SHELLS = ['bash', 'sh', 'dash']
const LONGEST = 200

function state({ number, program, interrupted }: Question): string {
  const terminal = `Terminal ${number}`
  if (program === '') return `It cannot be found out what ${terminal} is running.`
  if (interrupted) return `${terminal} is still running ${program}.`
  if (SHELLS.includes(program)) return `${terminal} is running another ${program}: a script, or a container.`
  return `${terminal} is running ${program}.`
}

export function CommandQuestion({
  question,
  onAnswer,
}: {
  question: Question
  onAnswer: (a: Answer) => void
}) {
  const cancel = useRef<HTMLButtonElement>(null)
  useEffect(() => cancel.current?.focus(), [])
  const { command } = question
  // Ctrl-C again would do as little as the first.
  const isContainer = question.interrupted && question.program === 'runc'
  return (
    <PaneQuestion
      label={state(question)}
      onEscape={() => onAnswer('cancel')}
      actions={
        <>
          <Button ref={cancel} size="small" onClick={() => onAnswer('cancel')}>
            Cancel
          </Button>
          <Button size="small" onClick={() => onAnswer('type')}>
            Type it there anyway
          </Button>
          {!isContainer && (
            <Button look="primary" size="small" onClick={() => onAnswer('interrupt')}>
              Interrupt first
            </Button>
          )}
        </>
      }
    >
      <p>
        {state(question)} It would get <Keys>{command.slice(0, LONGEST)}</Keys>
      </p>
      {isContainer && (
        <p className="mt-1 text-muted">
          A container’s first process need not end on Ctrl-C. From another terminal,{' '}
          <Keys>runc delete --force</Keys> and the container’s name end it.
        </p>
      )}
    </PaneQuestion>
  )
}
