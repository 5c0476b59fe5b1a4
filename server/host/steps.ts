/** Named moments in the life of a sandbox at which a test can have a process killed, as a power cut would. */

export const STEPS = [
  'create.recorded',
  'create.limited',
  'create.started',
  'assign.before',
  'assign.after',
  'destroy.before',
  'destroy.killed',
  'destroy.state-gone',
  'adopt.found',
  'wait.begun',
  'reset.begun',
  'restore.before',
  'restore.half',
  'restore.after',
  'keep.before',
  'keep.half',
  'keep.whole',
  'keep.after',
] as const
export type Step = (typeof STEPS)[number]

/** Harmless: whoever can set root's environment can kill root's process. */
let stopAt = process.env.RUNCLAB_STOP_AT
/** The process that is killed: another one, such as the web process, or this one. */
const victim = Number(process.env.RUNCLAB_STOP_PID ?? process.pid)

export function step(name: Step): void {
  if (name !== stopAt) return
  // Once: what comes of it is what is looked at.
  stopAt = ''
  process.kill(victim, 'SIGKILL')
}
