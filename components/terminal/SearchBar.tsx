'use client'
/** Looks for text in what a terminal has shown. */
import type { SearchAddon } from '@xterm/addon-search'
import { ArrowDown, ArrowUp, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'

const OPTIONS = {
  decorations: {
    matchBackground: '#5c4a16',
    matchOverviewRuler: '#f2cc60',
    activeMatchBackground: '#a8741a',
    activeMatchColorOverviewRuler: '#f2cc60',
  },
}
const BUTTON =
  'grid size-7 shrink-0 cursor-pointer place-items-center rounded-md text-muted hover:bg-raised hover:text-ink'

function count(text: string, found: { at: number; of: number }): string {
  if (text === '') return ''
  if (found.of === 0) return 'Not found'
  return found.at < 0 ? `${found.of}+` : `${found.at + 1} of ${found.of}`
}

export function SearchBar({ search, onClose }: { search: SearchAddon; onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [found, setFound] = useState({ at: -1, of: 0 })

  useEffect(() => {
    input.current?.focus()
    const results = search.onDidChangeResults(({ resultIndex, resultCount }) =>
      setFound({ at: resultIndex, of: resultCount }),
    )
    return () => {
      results.dispose()
      search.clearDecorations()
    }
  }, [search])

  const change = (text: string) => {
    setText(text)
    // The newest first: it is the lines just printed that one looks for.
    if (text) search.findPrevious(text, { ...OPTIONS, incremental: true })
    else search.clearDecorations()
  }
  const next = () => text && search.findNext(text, OPTIONS)
  const previous = () => text && search.findPrevious(text, OPTIONS)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose()
    else if (event.key === 'Enter') (event.shiftKey ? next : previous)()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <search
      onKeyDown={onKeyDown}
      className="absolute top-2 right-4 z-10 flex max-w-[calc(100%-2rem)] items-center gap-1 rounded-lg border border-line bg-surface p-1 text-ink shadow-lg"
    >
      <input
        ref={input}
        value={text}
        onChange={(event) => change(event.target.value)}
        aria-label="Search in the terminal"
        placeholder="Search"
        spellCheck={false}
        className="h-7 w-44 min-w-0 rounded-md bg-raised px-2 text-[0.8125rem] placeholder:text-muted"
      />
      <span role="status" className="min-w-16 px-1 text-center text-xs whitespace-nowrap text-muted">
        {count(text, found)}
      </span>
      <button
        type="button"
        aria-label="Older match"
        title="Older (Enter)"
        onClick={previous}
        className={BUTTON}
      >
        <ArrowUp className="size-4" aria-hidden />
      </button>
      <button
        type="button"
        aria-label="Newer match"
        title="Newer (Shift+Enter)"
        onClick={next}
        className={BUTTON}
      >
        <ArrowDown className="size-4" aria-hidden />
      </button>
      <button
        type="button"
        aria-label="Close search"
        title="Close (Esc)"
        onClick={onClose}
        className={BUTTON}
      >
        <X className="size-4" aria-hidden />
      </button>
    </search>
  )
}
