/** For authors who preview a lesson: tells the page whenever a file of it has changed, and what is wrong with it now. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { examine } from '../lessons/examine/index.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { loadLesson } from '../lessons/library.ts'
import { levelOf } from '../lessons/problems.ts'
import { versionOf } from '../lessons/version.ts'

export const LESSON_CHANGES = '/api/lesson-changes'

const LOOK_MS = 400

/** `?lesson=<address>`: server-sent events, one now and one after each change. */
export function lessonChanges(request: IncomingMessage, response: ServerResponse, address: string): void {
  const slug = new URL(address, 'http://lab').searchParams.get('lesson') ?? ''
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  let known: Lesson | null | undefined
  const look = () => {
    const lesson = find(slug)
    // The library gives out the same object until a file has changed.
    if (lesson === known) return
    known = lesson
    const told = lesson ? { version: versionOf(lesson), problems: problemsOf(lesson) } : { problems: null }
    response.write(`data: ${JSON.stringify(told)}\n\n`)
  }
  look()
  const timer = setInterval(look, LOOK_MS)
  request.on('close', () => clearInterval(timer))
}

function find(slug: string): Lesson | null {
  try {
    return loadLesson(slug)
  } catch {
    return null
  }
}

const problemsOf = (lesson: Lesson) =>
  examine(lesson).map((problem) => ({ ...problem, isMistake: levelOf(problem) !== 'note' }))
