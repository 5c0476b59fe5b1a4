/** Named moments in the life of a sandbox at which a test can have a process killed, as a power cut would. */
import fs from 'node:fs'

export const STEPS = [
  'wait.begun',
  'create.recorded',
  'create.limited',
  'create.started',
  'assign.before',
  'assign.after',
  'restore.before',
  'restore.half',
  'restore.after',
  'keep.before',
  'keep.half',
  'keep.whole',
  'keep.after',
  'reset.begun',
  'destroy.before',
  'destroy.killed',
  'destroy.state-gone',
  'adopt.found',
] as const
export type Step = (typeof STEPS)[number]

/** Harmless: whoever can set root's environment can kill root's process. */
const armed = process.env.RUNCLAB_STOP_FILE

/** The file says at which step, and the process id of whom to kill; without one it is this process. It works once. */
export function step(name: Step): void {
  if (!armed || !fs.existsSync(armed)) return
  const [wanted, victim] = fs.readFileSync(armed, 'utf8').split(' ')
  if (wanted !== name) return
  fs.rmSync(armed)
  process.kill(Number(victim || process.pid), 'SIGKILL')
}
