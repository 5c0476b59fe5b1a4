/** What only a program in the sandbox can see of its limits: the disk's free space and inodes, pseudo-terminals, open files. */
import type { AgentChannel } from '../agent/channel.ts'

export interface Inside {
  blocks: number
  freeBlocks: number
  inodes: number
  freeInodes: number
  ptys: number
  /** The program that has nearly all the files open that it may, if there is one. */
  opener: string
}

const TIMEOUT_MS = 3000

// FDSize is how large a table the kernel holds for a process: only those that reach far are looked at.
const SCRIPT = `
shopt -s nullglob
stat -f -c '%b %a %c %d' / || exit 1
set -- /dev/pts/[0-9]*; echo $#
limit=$(ulimit -n)
for file in $(grep -lE '^FDSize:[[:space:]]+[0-9]{4,}' /proc/[0-9]*/status 2>/dev/null | head -8); do
  pid=\${file#/proc/} pid=\${pid%/status}
  most=$(sed -n 's/^Max open files *\\([0-9]*\\).*/\\1/p' /proc/$pid/limits 2>/dev/null)
  set -- /proc/$pid/fd/*
  if [ "\${most:-0}" -gt 0 ] && [ $(( $# * 100 )) -ge $(( most * 97 )) ]; then read -r name < /proc/$pid/comm; echo "$name"; break; fi
done 2>/dev/null
`

/** Null if it cannot be found out: at the limit of processes nothing can be started. Rejects with AgentError. */
export async function lookInside(channel: AgentChannel): Promise<Inside | null> {
  const { status, output } = await channel.run(['/bin/bash', '-c', SCRIPT], {
    timeoutMs: TIMEOUT_MS,
    maxOutput: 512,
  })
  const [disk = '', ptys = '', opener = ''] = output.split('\n')
  const [blocks, freeBlocks, inodes, freeInodes] = disk.split(' ').map(Number)
  const numbers = [blocks, freeBlocks, inodes, freeInodes, Number(ptys)]
  if (status !== 0 || numbers.some((each) => !Number.isSafeInteger(each) || each! < 0)) return null
  return {
    ...{ blocks: blocks!, freeBlocks: freeBlocks!, inodes: inodes!, freeInodes: freeInodes! },
    ptys: Number(ptys),
    opener: opener.replace(/[^\x20-\x7e]/g, '?').slice(0, 15),
  }
}
