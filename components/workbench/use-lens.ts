'use client'
/** Whether the lens is open, remembered in this browser, and whether one sees it: nothing is gathered for one that is not seen. */
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'

const KEY = 'runclab.lens'
const NARROW = '(max-width: 767px)'

function useMatches(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => window.matchMedia(query).matches,
    () => false,
  )
}

function useVisiblePage(): boolean {
  return useSyncExternalStore(
    (changed) => {
      document.addEventListener('visibilitychange', changed)
      return () => document.removeEventListener('visibilitychange', changed)
    },
    () => document.visibilityState === 'visible',
    () => false,
  )
}

export function useLens(shown: string) {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    try {
      // After hydration: the page on the server knows nothing of this browser.
      setOpen(localStorage.getItem(KEY) === 'open')
    } catch {
      // Storage is blocked: it begins closed.
    }
  }, [])
  const show = useCallback((next: boolean) => {
    setOpen(next)
    try {
      localStorage.setItem(KEY, next ? 'open' : 'closed')
    } catch {
      // It lasts as long as the page.
    }
  }, [])
  const narrow = useMatches(NARROW)
  const visiblePage = useVisiblePage()
  const there = narrow ? shown === 'lens' : open
  return { open: there, visible: there && visiblePage, narrow, show }
}
