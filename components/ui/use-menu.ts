'use client'
/** A menu that belongs to a control: where it is open, and the focus that comes back to the control. */
import { type RefObject, useCallback, useState } from 'react'

/** In the coordinates of the window. */
export interface Point {
  x: number
  y: number
}

export function useMenu(control: RefObject<HTMLElement | null>) {
  const [at, setAt] = useState<Point | null>(null)
  const close = useCallback(
    (chosen: boolean) => {
      setAt(null)
      // What was chosen may have put the focus where it is wanted.
      if (!chosen) control.current?.focus()
    },
    [control],
  )
  return { at, open: setAt, close }
}
