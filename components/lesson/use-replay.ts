'use client'
/** Brings a sandbox to where a step begins: a fresh one, in which the steps before it are done one after the other. */
import { useState } from 'react'
import type { Machine } from '../session/machine.ts'
import type { View } from '../session/view.ts'

/** A fresh sandbox takes a fraction of a second, and longer if the lab is full. */
const READY_MS = 60_000

export interface Replay {
  busy: boolean
  run: (lesson: string, steps: { slug: string; title: string }[]) => Promise<boolean>
}

/** `say` hears what is being done, and what came of it. */
export function useReplay(machine: Machine | null, say: (text: string) => void): Replay {
  const [busy, setBusy] = useState(false)
  const run: Replay['run'] = async (lesson, steps) => {
    if (!machine) return false
    setBusy(true)
    say('Getting a fresh sandbox…')
    const problem = (await freshSandbox(machine)) ?? (await doSteps(machine, lesson, steps, say))
    setBusy(false)
    say(problem ?? 'Your sandbox is where this step begins.')
    return problem === null
  }
  return { busy, run }
}

/** Null, or why one of them could not be done. */
async function doSteps(
  machine: Machine,
  lesson: string,
  steps: { slug: string; title: string }[],
  say: (text: string) => void,
): Promise<string | null> {
  for (const [index, { slug, title }] of steps.entries()) {
    say(`Step ${index + 1} of ${steps.length}: ${title}…`)
    const { done, output } = await machine.learning.solve(lesson, slug)
    if (!done) return `Step ${index + 1}, “${title}”, could not be done: ${output}`
  }
  return null
}

const readyId = ({ connection, sandbox }: View) =>
  connection === 'open' && sandbox?.state === 'ready' ? sandbox.id : null

/** Null, or why there is none. */
function freshSandbox(machine: Machine): Promise<string | null> {
  const { client } = machine
  const before = readyId(client.view)
  machine.reset()
  return new Promise((resolve) => {
    const finish = (problem: string | null) => {
      clearTimeout(giveUp)
      stop()
      resolve(problem)
    }
    const giveUp = setTimeout(() => finish('There was no fresh sandbox in time. Try again.'), READY_MS)
    const stop = client.subscribe(() => {
      const { sandbox } = client.view
      const id = readyId(client.view)
      if (id !== null && id !== before) finish(null)
      else if (sandbox?.state === 'failed') finish(`${sandbox.message} ${sandbox.hint}`)
    })
  })
}
