/** Walks through a step as a learner would: types every command of the text in its terminal, and makes every edit. */
import { withText } from '../../components/lesson/file-text.ts'
import type { Action } from '../../server/lessons/dialect/action.ts'
import type { Mark, Placed } from '../../server/lessons/dialect/marks.ts'
import { absolute } from '../../server/lessons/layout.ts'
import type { Lesson, Step } from '../../server/lessons/lesson.ts'
import { readPage } from '../../server/lessons/page.ts'
import { agrees } from './output.ts'
import type { LessonSandbox } from './sandbox.ts'

const COMMAND_MS = 90_000
/** For what was started before: it has to come to its end, or the next command would be typed into it. */
const SETTLE_MS = 8000

/** Something that did not go as the text says. */
export interface Trouble {
  file: string
  line: number
  message: string
}

export interface Walked {
  troubles: Trouble[]
  /** What each output block should hold, by its line. */
  outputs: Map<number, string>
  /** Output blocks that show something else. */
  drifted: Trouble[]
}

type Command = Extract<Mark, { kind: 'command' }> & { action: Action }

/** Steps of before may have left programs at work in the terminals: they stay. */
export async function walkStep(
  sandbox: LessonSandbox,
  lesson: Lesson,
  step: Step,
  cgroups: 'v1' | 'v2',
): Promise<Walked> {
  const troubles: Trouble[] = []
  const drifted: Trouble[] = []
  const outputs = new Map<number, string>()
  const { placed } = readPage(step.markdown)
  placed.sort((a, b) => a.line - b.line)
  let front = 1
  let printed = ''
  const trouble = (line: number, message: string) => troubles.push({ file: step.file, line, message })
  for (const [index, { mark, line }] of placed.entries()) {
    if (mark.kind === 'command' && mark.action.kind === 'run' && mark.action.host === undefined) {
      front = mark.action.terminal ?? front
      const mayStay = staysOpen(placed.slice(index + 1), front)
      const result = await type(sandbox, front, mark as Command, mayStay)
      printed = result.output
      if (result.trouble) trouble(line, result.trouble)
    } else if (mark.kind === 'edit' || mark.kind === 'file') {
      const why = await change(sandbox, lesson, step, mark)
      if (why) trouble(line, why)
    } else if (mark.kind === 'output' && (mark.on === null || mark.on === cgroups)) {
      outputs.set(line, printed)
      const why = agrees(mark.text, printed)
      if (why) drifted.push({ file: step.file, line, message: why })
    }
    // One broken command breaks what follows: the first is worth reading.
    if (troubles.length >= 3) break
  }
  return { troubles, outputs, drifted }
}

/** Whether the next use of this terminal goes to the program that runs there, or there is none in this step. */
function staysOpen(rest: Placed[], terminal: number): boolean {
  let front = terminal
  for (const { mark } of rest) {
    if (mark.kind !== 'command' || mark.action.kind !== 'run') continue
    front = mark.action.terminal ?? front
    if (front === terminal) return Boolean(mark.action.inside || mark.action.interrupt || mark.action.send)
  }
  return true
}

async function type(sandbox: LessonSandbox, terminal: number, { text, action }: Command, mayStay: boolean) {
  const shell = sandbox.shell(terminal)
  const short = text.split('\n')[0]!.slice(0, 80)
  if (action.interrupt) await shell.press('\x03')
  if (action.send !== undefined) return { output: await shell.press(action.send), trouble: null }
  if (action.inside && !(await shell.isFree()))
    return { output: await shell.press(action.newline === false ? text : `${text}\r`), trouble: null }
  if (action.newline === false) return { output: await shell.press(text), trouble: null }
  if (!(await shell.settle(SETTLE_MS))) {
    const trouble = `terminal ${terminal} is busy, so "${short}" would be typed into what runs there; if it should be, say {{exec inside}}`
    return { output: '', trouble }
  }
  const { statuses, output, isBusy } = await shell.run(text, { timeoutMs: COMMAND_MS, mayStay })
  if (isBusy && !mayStay) return { output, trouble: `"${short}" did not end within ${COMMAND_MS / 1000} s` }
  if (isBusy) return { output, trouble: null }
  const failed = statuses.find((status) => status !== 0)
  if (action.fails && failed === undefined) return { output, trouble: `"${short}" should fail and did not` }
  // Ctrl-C and a hang-up end a program in ways that are no failure of the text.
  if (!action.fails && failed !== undefined && failed < 128)
    return {
      output,
      trouble: `"${short}" ended with ${failed}: ${output.split('\n').at(-1)?.slice(0, 200) || 'it said nothing'}`,
    }
  return { output, trouble: null }
}

async function change(
  sandbox: LessonSandbox,
  lesson: Lesson,
  step: Step,
  mark: Extract<Mark, { kind: 'edit' | 'file' }>,
): Promise<string | null> {
  try {
    if (mark.kind === 'file') {
      const { target, text, marker } = mark
      await sandbox.change(absolute(mark.file, lesson.layout.home), (before) => {
        const next = withText(before ?? '', target, text, marker)
        if (next === null) throw new Error(`"${marker}" is not in ${mark.file}`)
        return next
      })
      return null
    }
    const edit = step.edits.find(({ id }) => id === mark.id)
    if (!edit) return `lab.yaml has no edit "${mark.id}"`
    await sandbox.patch(edit.file ?? lesson.file, edit.patch)
    return null
  } catch (error) {
    const name = mark.kind === 'edit' ? `the edit "${mark.id}"` : mark.file
    return `${name} cannot be made: ${(error as Error).message}`
  }
}
