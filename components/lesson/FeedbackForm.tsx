'use client'
/** A thumb and a line about the step, for whoever runs the lab. */
import { ThumbsDown, ThumbsUp } from 'lucide-react'
import { useId, useState } from 'react'
import { useOptionalMachine } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'

const THUMBS = [
  { thumb: 'up', label: 'Good', Icon: ThumbsUp },
  { thumb: 'down', label: 'Not good', Icon: ThumbsDown },
] as const

export function FeedbackForm({ lesson, step }: { lesson: string; step: string }) {
  const machine = useOptionalMachine()
  const [thumb, setThumb] = useState<'up' | 'down' | null>(null)
  const [line, setLine] = useState('')
  const [said, setSaid] = useState('')
  const id = useId()

  const send = async () => {
    if (!thumb || !machine) return
    const kept = await machine.learning.feedback(lesson, step, thumb, line)
    setSaid(kept ? 'Thank you. Whoever runs this lab can read it.' : 'It could not be kept. Try again later.')
    if (!kept) return
    setThumb(null)
    setLine('')
  }

  return (
    <form
      aria-label="Feedback on this step"
      className="needs-js step-part feedback"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <fieldset className="flex items-center gap-2">
        <legend className="float-left mr-2 text-sm text-muted">How was this step?</legend>
        {THUMBS.map(({ thumb: each, label, Icon }) => (
          <Button
            key={each}
            size="small"
            aria-pressed={thumb === each}
            aria-label={label}
            title={label}
            className="aria-pressed:border-accent aria-pressed:text-accent"
            onClick={() => {
              setThumb(each)
              setSaid('')
            }}
          >
            <Icon className="size-3.5" aria-hidden />
          </Button>
        ))}
      </fieldset>
      {thumb && (
        <div className="flex w-full gap-2">
          <label htmlFor={id} className="sr-only">
            A line about it, if you like
          </label>
          <input
            id={id}
            value={line}
            maxLength={500}
            placeholder="A line about it, if you like"
            onChange={(event) => setLine(event.target.value)}
            className="h-7 min-w-0 flex-1 rounded-md border border-muted bg-surface px-2.5 text-[0.8125rem] placeholder:text-muted"
          />
          <Button type="submit" look="primary" size="small">
            Send
          </Button>
        </div>
      )}
      <span role="status" className="text-sm text-muted">
        {said}
      </span>
    </form>
  )
}
