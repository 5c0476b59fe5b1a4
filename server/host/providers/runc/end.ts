/** Ends all processes of a sandbox and removes its cgroups, against whatever its learner has moved where. */
import { setTimeout as sleep } from 'node:timers/promises'
import { now } from '../../life/clock.ts'
import type { SandboxCgroups } from './cgroups.ts'
import { type FirstProcess, isRunning, killFirst } from './first-process.ts'
import { CommandError } from './run.ts'

const PATIENCE_MS = 15_000

/**
 * Resolves when no process is left. Its cgroups lead to all of them, unless somebody has moved them out: then all but
 * end with the first one. Rejects if that takes too long.
 */
export async function endProcesses(
  id: string,
  cgroups: SandboxCgroups,
  first: FirstProcess | null,
): Promise<void> {
  const deadline = now() + PATIENCE_MS
  for (let wait = 1; ; wait = Math.min(wait * 2, 20)) {
    cgroups.kill(id)
    if (first) killFirst(first)
    if (cgroups.processes(id).length === 0 && !(first && isRunning(first))) {
      try {
        return cgroups.remove(id)
      } catch (error) {
        // The kernel takes a moment to let go of a cgroup whose last process has ended. Or somebody has moved from a
        // cgroup not yet looked at into one that was empty: kill again.
        if (now() > deadline) throw error
      }
    }
    if (now() > deadline) throw new CommandError(`processes of sandbox ${id} do not end`)
    await sleep(wait)
  }
}
