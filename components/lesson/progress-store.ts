/** Which steps this browser has passed: kept in localStorage, shared by all its tabs, lost without harm. */
import { useMemo, useSyncExternalStore } from 'react'
import { type Progress, parseProgress, serialize, withPassed } from './progress-data.ts'

const KEY = 'runclab.progress'
const listeners = new Set<() => void>()
const NOTHING: Progress = {}

/** The truth while storage is blocked, full, or in the hands of a newer version of this page. */
let memory: Progress | null = null
let cached: { text: string | null; progress: Progress | null } = { text: null, progress: NOTHING }

function stored(): Progress | null {
  try {
    const text = localStorage.getItem(KEY)
    if (text !== cached.text) cached = { text, progress: parseProgress(text) }
    return cached.progress
  } catch {
    return null
  }
}

function snapshot(): Progress {
  return memory ?? stored() ?? NOTHING
}

function subscribe(changed: () => void): () => void {
  const fromAnotherTab = (event: StorageEvent) => {
    if (event.key === KEY || event.key === null) changed()
  }
  listeners.add(changed)
  window.addEventListener('storage', fromAnotherTab)
  return () => {
    listeners.delete(changed)
    window.removeEventListener('storage', fromAnotherTab)
  }
}

/** Notes that a step is done. A step once passed stays passed. */
export function markPassed(lesson: string, step: string): void {
  if (snapshot()[lesson]?.includes(step)) return
  const next = withPassed(snapshot(), lesson, step)
  try {
    if (memory || !stored()) throw new Error('not ours to write')
    localStorage.setItem(KEY, serialize(next))
  } catch {
    memory = next
  }
  for (const changed of listeners) changed()
}

/** The steps of a lesson that are done. Empty on the server and in the first paint. */
export function usePassed(lesson: string): Set<string> {
  const progress = useSyncExternalStore(subscribe, snapshot, () => NOTHING)
  const steps = progress[lesson]
  return useMemo(() => new Set(steps), [steps])
}
