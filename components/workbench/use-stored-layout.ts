'use client'
/** Remembers how wide and high the panes are, in this browser. */
import { useEffect } from 'react'
import { type Layout, useGroupRef } from 'react-resizable-panels'

/** A pane that has just come is known to its group a little later. */
const FRAMES = 30

const panesOf = (layout: Layout) => Object.keys(layout).sort().join()

/** What is stored, if it is a layout at all: the store is the visitor's, and may hold anything. */
function stored(key: string): Layout | null {
  try {
    const layout: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    const isLayout =
      typeof layout === 'object' && layout !== null && Object.values(layout).every(Number.isFinite)
    return isLayout ? (layout as Layout) : null
  } catch {
    // Blocked or damaged: the default sizes are fine.
    return null
  }
}

/**
 * Props for a group of panes. The page is rendered with the default sizes; those of before come when it is on the
 * screen. A group whose panes come and go has a key for each set of them, and `initial` is what that set begins with.
 */
export function useStoredLayout(key: string, initial?: Layout) {
  const groupRef = useGroupRef()
  useEffect(() => {
    const wanted = [stored(key), initial].filter((layout) => layout !== null && layout !== undefined)
    let frame = 0
    const apply = (left: number) => {
      const panes = panesOf(groupRef.current?.getLayout() ?? {})
      const layout = wanted.find((each) => panesOf(each) === panes)
      if (layout) groupRef.current?.setLayout(layout)
      else if (left > 0 && wanted.length > 0) frame = requestAnimationFrame(() => apply(left - 1))
    }
    apply(FRAMES)
    return () => cancelAnimationFrame(frame)
  }, [groupRef, key, initial])
  const onLayoutChanged = (layout: Layout, { isUserInteraction }: { isUserInteraction: boolean }) => {
    if (!isUserInteraction) return
    try {
      localStorage.setItem(key, JSON.stringify(layout))
    } catch {
      // Storage is blocked: the sizes last as long as the page.
    }
  }
  return { groupRef, onLayoutChanged }
}
