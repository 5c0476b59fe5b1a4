/** Which questions of a page's text were answered rightly, in this tab: the page's gate and the questions know each other by it. */
import { useSyncExternalStore } from 'react'

/** A question's place: its page, and which one it is there. */
export interface QuizPlace {
  lesson: string
  page: string
  index: number
}

const answered = new Map<string, ReadonlySet<number>>()
const listeners = new Set<() => void>()
const NONE: ReadonlySet<number> = new Set()

const keyOf = ({ lesson, page }: Omit<QuizPlace, 'index'>) => `${lesson}/${page}`

export function noteRight(place: QuizPlace): void {
  const key = keyOf(place)
  answered.set(key, new Set([...(answered.get(key) ?? NONE), place.index]))
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** How many of the page's questions are answered. */
export const useAnswered = (lesson: string, page: string): number =>
  useSyncExternalStore(
    subscribe,
    () => (answered.get(keyOf({ lesson, page })) ?? NONE).size,
    () => 0,
  )
