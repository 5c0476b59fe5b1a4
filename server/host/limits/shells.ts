/** Keeps the shells of a sandbox out of the kernel's choice when its memory runs out: what they started goes first. */
import fs from 'node:fs'

/** As all processes of a sandbox have it, and as its shells have it while memory is short. What they start meanwhile inherits it. */
const USUAL = 500
const PROTECTED = 0

/**
 * `pids`: of the programs on this host that hold the shells' terminals. `cgroup`: the sandbox's; a process outside of it
 * is left alone. Whatever has ended meanwhile is passed over.
 */
export function protectShells(pids: number[], cgroup: string, on: boolean): void {
  for (const pid of pids) {
    try {
      const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
      for (const child of children) {
        if (!fs.readFileSync(`/proc/${child}/cgroup`, 'utf8').includes(`:${cgroup}/`)) continue
        fs.writeFileSync(`/proc/${child}/oom_score_adj`, String(on ? PROTECTED : USUAL), { flag: 'r+' })
      }
    } catch {
      // It has ended.
    }
  }
}
