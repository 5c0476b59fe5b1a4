'use client'
/** Remembers how wide and high the panes are, in this browser. */
import { useEffect } from 'react'
import { type Layout, useGroupRef } from 'react-resizable-panels'

/** Props for a group of panes. The page is rendered with the default sizes; those of before come when it is on the screen. */
export function useStoredLayout(key: string) {
  const groupRef = useGroupRef()
  useEffect(() => {
    try {
      const stored = JSON.parse(localStorage.getItem(key) ?? 'null')
      if (stored) groupRef.current?.setLayout(stored)
    } catch {
      // Blocked, damaged, or of other panes: the default sizes are fine.
    }
  }, [groupRef, key])
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
