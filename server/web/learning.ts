/** Turns what a page asks about a step into scripts and conditions: the host process knows no lessons. */
import { loadLesson } from '../lessons/library.ts'
import type { ClientMessage, HostMessage } from '../protocol/index.ts'

type Asked = Extract<ClientMessage, { type: 'ask-hints' | 'ask-script-hint' | 'solve-step' }>

export const isForLearning = (message: ClientMessage): message is Asked =>
  ['ask-hints', 'ask-script-hint', 'solve-step'].includes(message.type)

/** For a step that is not there: nothing to ask and nothing to do. */
export function forLearning(asked: Asked): HostMessage {
  const { type, request, lesson: slug, step: name } = asked
  const { lesson, step, challenge } = find(slug, name)
  if (type === 'ask-hints') {
    const conditions = (step?.hints ?? []).map(({ when }) => when ?? null)
    return { type: 'run-hints', request, conditions }
  }
  if (type === 'ask-script-hint')
    return { type: 'run-script-hint', request, script: step?.hintScript ?? null, seconds: asked.seconds }
  const edits = (step?.edits ?? []).map(({ file, patch }) => ({ file: file ?? lesson!.file, patch }))
  const solution = step?.solution ?? challenge?.solution ?? null
  return { type: 'run-solution', request, prepare: step?.prepare ?? null, edits, solution }
}

function find(slug: string, name: string) {
  try {
    const lesson = loadLesson(slug)
    return {
      lesson,
      step: lesson.steps.find((each) => each.slug === name),
      challenge: name === 'challenge' ? lesson.challenge : null,
    }
  } catch {
    return {}
  }
}
