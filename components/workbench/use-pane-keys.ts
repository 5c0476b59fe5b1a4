'use client'
/** F6 and Shift+F6 go from pane to pane: the way out of a terminal and an editor, which use every other key themselves. */
import { type RefObject, useEffect } from 'react'

export function usePaneKeys(frame: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'F6' || event.ctrlKey || event.altKey || event.metaKey || !frame.current) return
      event.preventDefault()
      event.stopPropagation()
      const panes = [...frame.current.querySelectorAll<HTMLElement>('[data-pane]')].filter(
        (pane) => pane.offsetParent,
      )
      const current = panes.findIndex((pane) => pane.contains(document.activeElement))
      const step = event.shiftKey ? -1 : 1
      const next = panes[(current + step + panes.length) % panes.length]
      // Hidden panes within a pane are passed over: only what is on the screen can be typed into.
      const targets = [
        ...(next?.querySelectorAll<HTMLElement>('textarea, [contenteditable="true"], .native-edit-context') ??
          []),
      ]
      ;(targets.find((target) => target.offsetParent) ?? next)?.focus()
    }
    // Before the terminal and the editor see it.
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [frame])
}
