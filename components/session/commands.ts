'use client'
/** What lesson prose may ask of the learner's machine: run a command, and tell whether the step is done. */
import type { Command } from './command.ts'
import { useOptionalMachine, useView } from './SessionProvider.tsx'
import type { Verdict } from './view.ts'

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
