/** What this browser has passed and where it was: kept in localStorage, shared by all its tabs, lost without harm. */
import { useMemo, useSyncExternalStore } from 'react'
import {
  NOTHING,
  parseProgress,
  type Stored,
  serialize,
  withLast,
  without,
  withPassed,
} from './progress-data.ts'

const KEY = 'runclab.progress'
const listeners = new Set<() => void>()

/** The truth while storage is blocked, full, or in the hands of a newer version of this page. */
let memory: Stored | null = null
let cached: { text: string | null; stored: Stored | null } = { text: null, stored: NOTHING }

function read(): Stored | null {
  try {
    const text = localStorage.getItem(KEY)
    if (text !== cached.text) cached = { text, stored: parseProgress(text) }
    return cached.stored
  } catch {
    return null
  }
}

function snapshot(): Stored {
  return memory ?? read() ?? NOTHING
}

export function subscribe(changed: () => void): () => void {
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

function write(next: Stored): void {
  try {
    if (memory || !read()) throw new Error('not ours to write')
    localStorage.setItem(KEY, serialize(next))
  } catch {
    memory = next
  }
  for (const changed of listeners) changed()
}

/** Notes that steps are done. A step once passed stays passed until it is forgotten. */
export function markPassed(lesson: string, ...steps: string[]): void {
  const known = snapshot().passed[lesson] ?? []
  if (steps.every((step) => known.includes(step))) return
  write(withPassed(snapshot(), lesson, steps))
}

/** Notes where the learner is. */
export function markLast(lesson: string, page: string): void {
  if (snapshot().last[lesson] !== page) write(withLast(snapshot(), lesson, page))
}

/** Forgets one step, or with null the whole lesson. */
export function forget(lesson: string, step: string | null): void {
  write(without(snapshot(), lesson, step))
}

/** What is known of a lesson now. */
export function progressOf(lesson: string): { passed: string[]; last: string | null } {
  const { passed, last } = snapshot()
  return { passed: passed[lesson] ?? [], last: last[lesson] ?? null }
}

/** The steps of a lesson that are done. Empty on the server and in the first paint. */
export function usePassed(lesson: string): Set<string> {
  const stored = useSyncExternalStore(subscribe, snapshot, () => NOTHING)
  const steps = stored.passed[lesson]
  return useMemo(() => new Set(steps), [steps])
}

/** The page of a lesson that was looked at last; null on the server, in the first paint, and for who was never there. */
export function useLast(lesson: string): string | null {
  return useSyncExternalStore(subscribe, snapshot, () => NOTHING).last[lesson] ?? null
}
