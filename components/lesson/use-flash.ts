/** A word of confirmation that goes away by itself. */
import { useCallback, useEffect, useRef, useState } from 'react'

/** The word shown now, and how to show one. */
export function useFlash<Word extends string>(ms = 1400): [Word | null, (word: Word) => void] {
  const [word, setWord] = useState<Word | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const flash = useCallback(
    (next: Word) => {
      clearTimeout(timer.current)
      setWord(next)
      timer.current = setTimeout(() => setWord(null), ms)
    },
    [ms],
  )
  return [word, flash]
}
