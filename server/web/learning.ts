/** Turns what a page asks about a step into scripts and conditions: the host process knows no lessons. */
import { loadLesson } from '../lessons/library.ts'
import type { ClientMessage, HostMessage } from '../protocol/index.ts'

type Asked = Extract<ClientMessage, { type: 'ask-hints' | 'solve-step' }>

/** For a step that is not there: nothing to ask and nothing to do. */
export function forLearning({ type, request, lesson: slug, step: name }: Asked): HostMessage {
  const { lesson, step, challenge } = find(slug, name)
  if (type === 'ask-hints') {
    const conditions = (step?.hints ?? []).map(({ when }) => when ?? null)
    return { type: 'run-hints', request, conditions }
  }
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
