/** The first process of a sandbox, as the runtime's state names it: whether it runs, and its end where no cgroup leads to it. */
import fs from 'node:fs'
import path from 'node:path'

export interface FirstProcess {
  pid: number
  /** When it began, in the kernel's ticks: a number can be given to another process later, with another beginning. */
  start: number
}

/** Null if the runtime knows none, or its state cannot be understood. */
export function firstProcess(runcRoot: string, id: string): FirstProcess | null {
  try {
    const state = JSON.parse(fs.readFileSync(path.join(runcRoot, id, 'state.json'), 'utf8'))
    const { init_process_pid: pid, init_process_start: start } = state
    return Number.isInteger(pid) && pid > 1 && Number.isInteger(start) ? { pid, start } : null
  } catch {
    return null
  }
}

export function isRunning(first: FirstProcess): boolean {
  const stat = statOf(first)
  return stat !== null && stat.state !== 'Z'
}

/** It is being killed or has ended; its cgroups are no longer its own then. */
export function isEnding(first: FirstProcess): boolean {
  const PF_EXITING = 4
  const stat = statOf(first)
  return stat === null || stat.state === 'Z' || (stat.flags & PF_EXITING) !== 0
}

function statOf({ pid, start }: FirstProcess): { state: string; flags: number } | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the command's closing bracket: state is the first word, the flags the seventh, the start time the twentieth.
    const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(words[19]) === start ? { state: words[0]!, flags: Number(words[6]) } : null
  } catch {
    return null
  }
}

/** Everything in its pid namespace ends with it, wherever somebody has moved it to. */
export function killFirst(first: FirstProcess): void {
  try {
    if (isRunning(first)) process.kill(first.pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
