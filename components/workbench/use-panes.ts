'use client'
/** Which panes of the machine are on the screen: what the lesson begins with, and what the learner made of it. */
import { useCallback, useEffect, useState } from 'react'

export interface Panes {
  editor: boolean
  terminal: boolean
}
export type PaneName = keyof Panes

const keyOf = (lesson: string) => `runclab.panes.${lesson}`

function stored(lesson: string): Panes | null {
  try {
    const { editor, terminal } = JSON.parse(localStorage.getItem(keyOf(lesson)) ?? 'null') ?? {}
    return typeof editor === 'boolean' && typeof terminal === 'boolean' ? { editor, terminal } : null
  } catch {
    // Blocked or damaged: the lesson decides.
    return null
  }
}

/** One of them is always there. A hidden pane goes on living: its shells run, its changes can be undone. */
const without = (panes: Panes, name: PaneName): Panes => {
  const left = { ...panes, [name]: false }
  return left.editor || left.terminal ? left : { editor: name === 'terminal', terminal: name === 'editor' }
}

/** `initial`: as the lesson has it, with which the page is rendered. */
export function usePanes(lesson: string, initial: Panes) {
  const [panes, setPanes] = useState(initial)
  useEffect(() => {
    const own = stored(lesson)
    if (own) setPanes(own)
  }, [lesson])
  /** What happens there is worth seeing; the next visit begins as this one did. */
  const show = useCallback(
    (name: PaneName) => setPanes((now) => (now[name] ? now : { ...now, [name]: true })),
    [],
  )
  const toggle = (name: PaneName) => {
    const next = panes[name] ? without(panes, name) : { ...panes, [name]: true }
    setPanes(next)
    try {
      localStorage.setItem(keyOf(lesson), JSON.stringify(next))
    } catch {
      // Storage is blocked: it lasts as long as the page.
    }
  }
  return { panes, show, toggle }
}
