'use client'
/** Keeps progress in two places, this browser and the session on the server, and remembers the page one is on. */
import { useEffect } from 'react'
import { useOptionalMachine } from '../session/SessionProvider.tsx'
import { markLast, markPassed, progressOf, subscribe } from './progress-store.ts'

export function ProgressSync({ lesson, page }: { lesson: string; page: string }) {
  const client = useOptionalMachine()?.client
  useEffect(() => markLast(lesson, page), [lesson, page])
  useEffect(() => {
    if (!client) return
    let told = ''
    const tell = () => {
      const progress = progressOf(lesson)
      const text = JSON.stringify(progress)
      if (text === told) return
      if (client.send({ type: 'note-progress', lesson, ...progress })) told = text
    }
    const stops = [
      client.onReady(() => {
        told = ''
        tell()
      }),
      subscribe(tell),
      client.onMessage((message) => {
        if (message.type === 'learned' && message.lesson === lesson) markPassed(lesson, ...message.passed)
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [client, lesson])
  return null
}
