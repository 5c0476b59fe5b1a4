/** The kernel's log, for the one thing that only it says: which process was killed when memory ran out. */
import fs from 'node:fs'

const RECORD_BYTES = 8192
/** One look takes at most so many records: a flood of them must not hold up the host process. */
const MAX_RECORDS = 20_000

export interface OomKill {
  /** Path of the cgroup whose limit it was, such as `/runclab/<id>`. */
  cgroup: string
  /** What the kernel calls the program, in at most 15 printable characters; its user chose it. */
  program: string
}

/** A line like `oom-kill:constraint=…,oom_memcg=/a/b,task_memcg=/a/b/c,task=tail,pid=7,uid=0`; null for others. */
export function parseOomKill(line: string): OomKill | null {
  const found =
    /oom-kill:constraint=CONSTRAINT_MEMCG,.*?,oom_memcg=([^,]*),task_memcg=.*,task=([^\n]*),pid=\d+,uid=\d+/.exec(
      line,
    )
  if (!found) return null
  const program = found[2]!.replace(/[^\x20-\x7e]/g, '?').slice(0, 15)
  return { cgroup: found[1]!, program }
}

export class KernelLog {
  readonly #fd: number | null

  constructor(file = '/dev/kmsg') {
    this.#fd = open(file)
    // What is in there already is no news.
    this.kills()
  }

  /** Those since the last call, oldest first; none where this host does not let us read its log. */
  kills(): OomKill[] {
    if (this.#fd === null) return []
    const found: OomKill[] = []
    const record = Buffer.alloc(RECORD_BYTES)
    for (let i = 0; i < MAX_RECORDS; i++) {
      try {
        const size = fs.readSync(this.#fd, record)
        if (size === 0) break
        const kill = parseOomKill(record.toString('latin1', 0, size))
        if (kill) found.push(kill)
      } catch (error) {
        // EPIPE: records were overwritten before they were read. EAGAIN: there is no more.
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') break
      }
    }
    return found
  }

  close(): void {
    if (this.#fd !== null) fs.closeSync(this.#fd)
  }
}

function open(file: string): number | null {
  try {
    return fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  } catch {
    // A container may not have it: then nobody is named.
    return null
  }
}
