'use client'
/** A term of the glossary where the text uses it: its explanation opens on the spot, without JavaScript, too. */
import { type ReactNode, useId } from 'react'

export function TermLink({ term, text, children }: { term: string; text: string; children: ReactNode }) {
  const id = useId()
  return (
    <>
      <button type="button" className="term-link" popoverTarget={id}>
        {children}
      </button>
      <span id={id} popover="auto" role="note" className="term-note">
        <b>{term}</b> {text}
      </span>
    </>
  )
}
