'use client'
/** Tells the machine which page of the lesson is open, so that its files and scripts are there; says how far that is. */
import { useEffect, useState } from 'react'
import type { Opening } from '../../server/protocol/index.ts'
import { useOptionalMachine } from '../session/SessionProvider.tsx'

interface Props {
  lesson: string
  page: string
  /** Opened in the editor when the lesson is first opened. */
  files?: string[]
}

export function OpenPage({ lesson, page, files }: Props) {
  const machine = useOptionalMachine()
  const [opening, setOpening] = useState<Opening | null>(null)
  useEffect(() => {
    if (!machine) return
    const { client } = machine
    const stop = client.onMessage((message) => {
      if (message.type === 'opening' && message.lesson === lesson && message.page === page)
        setOpening(message)
    })
    client.watchStep(lesson, page)
    return stop
  }, [machine, lesson, page])
  useEffect(() => {
    // Once for each lesson in a tab: whoever closes a file has closed it.
    const key = `runclab.opened.${lesson}`
    if (!machine || !files?.length || seen(key)) return
    for (const file of files) machine.editor.open(file)
  }, [machine, lesson, files])

  return (
    <p role="status" className="open-page" data-state={opening?.state}>
      {opening?.state === 'copying' && 'Copying this lesson’s files into your sandbox …'}
      {opening?.state === 'failed' && opening.message}
    </p>
  )
}

function seen(key: string): boolean {
  try {
    if (sessionStorage.getItem(key)) return true
    sessionStorage.setItem(key, '1')
  } catch {
    // Storage is blocked: then they are opened again with every page.
  }
  return false
}
