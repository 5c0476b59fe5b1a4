/** Named moments in the life of a sandbox at which a test can have this process killed, as a power cut would. */

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
] as const
export type Step = (typeof STEPS)[number]

/** Harmless: whoever can set root's environment can kill root's process. */
const stopAt = process.env.RUNCLAB_STOP_AT

export function step(name: Step): void {
  if (name === stopAt) process.kill(process.pid, 'SIGKILL')
}
