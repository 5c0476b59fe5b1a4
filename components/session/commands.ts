'use client'
/** What lesson prose may ask of the learner's machine: run a command, and tell whether the step is done. */
import { useOptionalMachine, useView } from './SessionProvider.tsx'
import type { Verdict } from './view.ts'

export interface Command {
  text: string
  /** The terminal's number; it is opened if need be. Without it: the one in front. */
  terminal?: number
  /** Ctrl+C first. */
  interrupt?: boolean
  /** Enter afterwards; true if not given. */
  newline?: boolean
  /** Typed instead of the text: a control character, for instance. */
  send?: string
  /** Meant for whatever runs in the terminal, such as a shell in a container: typed without asking. */
  inside?: boolean
}

export function useRunCommand(): (command: Command) => void {
  const machine = useOptionalMachine()
  return (command) => machine?.run(command)
}

/** Opens a file of the sandbox in the editor. */
export function useOpenFile(): (file: string) => void {
  const machine = useOptionalMachine()
  return (file) => machine?.editor.open(file)
}

/** What the step's check says; null until there is a verdict. It runs while the page is open: see OpenPage. */
export function useStepCheck(lesson: string, step: string): Verdict | null {
  return useView().checks[`${lesson}/${step}`] ?? null
}
