/** Starting over: what each choice loses, in words, and what it does. Comes with the first choice, not with the page. */
import type { PatchOperation } from '../../spec/edit.ts'
import type { Machine } from '../session/machine.ts'
import type { View } from '../session/view.ts'
import { forget } from './progress-store.ts'

/** A fresh sandbox takes a fraction of a second, and longer if the lab is full. */
const READY_MS = 60_000

export type Choice = 'file' | 'step' | 'sandbox' | 'all'

/** Where one is. */
export interface Place {
  lesson: string
  step: string
  /** The steps before this one; `solvable`: there is a solution for each of them. */
  before: { slug: string; title: string }[]
  solvable: boolean
  /** The file that the lesson edits, and its edits up to this step; null if the lesson has none. */
  file: { path: string; patches: PatchOperation[][] } | null
  first: string
}

export interface StartOver {
  lost: string
  /** `say` hears what is being done, and what came of it; `go` opens a page. */
  act: (machine: Machine, say: (text: string) => void, go: (href: string) => void) => Promise<void> | void
}

export function startOver(choice: Choice, place: Place): StartOver {
  const { lesson, step, before, file, first } = place
  switch (choice) {
    case 'file':
      return {
        lost: `${file?.path ?? 'The file'} becomes what it is when this step begins: as runc spec writes it, with the edits of the steps before. Your own changes in it are lost (Ctrl+Z in the editor brings them back). Nothing else changes.`,
        act: (machine, say) => restoreFile(machine, place, say),
      }
    case 'step':
      return {
        lost: `You get a fresh sandbox in which the ${before.length} steps before this one are done for you. All files, containers and shells of the present sandbox are lost, and this step counts as not done.`,
        act: async (machine, say) => {
          forgetBoth(machine, place, step)
          await replay(machine, lesson, before, say)
        },
      }
    case 'sandbox':
      return {
        lost: 'Your sandbox and everything in it is thrown away: files, containers, shells. You get a fresh, empty one. Which steps you have done stays known.',
        act: (machine) => machine.reset(),
      }
    case 'all':
      return {
        lost: 'Your sandbox with everything in it is thrown away, and which steps of this lesson you have done is forgotten. You begin again at the first step.',
        act: (machine, _say, go) => {
          forgetBoth(machine, place, null)
          machine.reset()
          go(`/lessons/${lesson}/${first}`)
        },
      }
  }
}

/** The server first: otherwise it would remind this browser of what it is to forget. */
function forgetBoth(machine: Machine, { lesson }: Place, which: string | null): void {
  machine.client.send({ type: 'forget-progress', lesson, step: which })
  forget(lesson, which)
}

async function restoreFile(machine: Machine, { file }: Place, say: (text: string) => void): Promise<void> {
  if (!file) return
  const answer = await machine.client.ask({ what: 'runc-spec' })
  if (answer.what !== 'runc-spec') return say(answer.what === 'failed' ? answer.why : 'There was no answer.')
  const [{ applyPatch }, { applyEdits }] = await Promise.all([
    import('../../spec/edit.ts'),
    import('../../spec/text.ts'),
  ])
  const text = file.patches.reduce((now, patch) => applyEdits(now, applyPatch(now, patch)), answer.text)
  const result = await machine.editor.applyEdit({ file: file.path, text })
  say(result.applied ? 'The file is as it was when this step began.' : result.why)
}

/** Brings a sandbox to where a step begins: a fresh one, in which the steps before it are done one after the other. */
async function replay(
  machine: Machine,
  lesson: string,
  steps: { slug: string; title: string }[],
  say: (text: string) => void,
): Promise<void> {
  say('Getting a fresh sandbox…')
  const problem = (await freshSandbox(machine)) ?? (await doSteps(machine, lesson, steps, say))
  say(problem ?? 'Your sandbox is where this step begins.')
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
