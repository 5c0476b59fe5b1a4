/** Two views of the same processes: as the sandbox numbers them, and as the container does. */
import { type Container, type Process, parseProcesses, type Readings, textOf } from './facts.ts'

export interface TreeNode {
  process: Process
  depth: number
  /** docker, containerd, shim, runc: who has to do with it; container: in its pid namespace. */
  role: 'container' | 'shim' | 'docker' | 'runc' | 'other'
  /** The number that this view gives it. */
  pid: number
}

function roleOf(process: Process, namespace: string): TreeNode['role'] {
  if (namespace && process.namespace === namespace) return 'container'
  const program = process.command.split(' ')[0]?.split('/').at(-1) ?? ''
  if (program.startsWith('containerd-shim')) return 'shim'
  if (program === 'dockerd' || program === 'containerd' || program === 'docker') return 'docker'
  return program === 'runc' ? 'runc' : 'other'
}

function walk(
  processes: readonly Process[],
  keep: (process: Process) => boolean,
  make: (process: Process, depth: number) => TreeNode,
): TreeNode[] {
  const kept = processes.filter(keep)
  const pids = new Set(kept.map(({ pid }) => pid))
  const children = new Map<number, Process[]>()
  for (const process of kept) {
    const parent = pids.has(process.parent) && process.parent !== process.pid ? process.parent : 0
    children.set(parent, [...(children.get(parent) ?? []), process])
  }
  const nodes: TreeNode[] = []
  const visit = (parent: number, depth: number) => {
    for (const process of children.get(parent) ?? []) {
      if (nodes.length >= 300) return
      nodes.push(make(process, depth))
      visit(process.pid, depth + 1)
    }
  }
  visit(0, 0)
  return nodes
}

export function processTrees(
  readings: Readings,
  container: Container,
): { outside: TreeNode[]; inside: TreeNode[] } {
  const processes = parseProcesses(textOf(readings, 'p'))
  const first = processes.find(({ pid }) => pid === container.pid)
  // A container without a pid namespace of its own is told by its first process's descendants.
  const own = first !== undefined && first.nspid.length > 1
  const namespace = own ? first.namespace : ''
  const below = new Set<number>([container.pid])
  for (let grew = true; grew; ) {
    grew = false
    for (const { pid, parent } of processes) {
      if (!below.has(pid) && below.has(parent)) grew = below.add(pid).size > 0
    }
  }
  const isInside = (process: Process) => (own ? process.namespace === namespace : below.has(process.pid))
  const byPid = new Map(processes.map((process) => [process.pid, process]))
  // All that leads to it, and all that belongs to Docker; shells of other terminals only distract.
  const relevant = new Set<number>()
  for (const process of processes) {
    if (!isInside(process) && !['shim', 'docker', 'runc'].includes(roleOf(process, namespace))) continue
    for (let at: Process | undefined = process; at && !relevant.has(at.pid); at = byPid.get(at.parent))
      relevant.add(at.pid)
  }
  const role = (process: Process): TreeNode['role'] =>
    isInside(process) ? 'container' : roleOf(process, namespace)
  return {
    outside: walk(
      processes,
      ({ pid }) => relevant.has(pid),
      (process, depth) => ({ process, depth, role: role(process), pid: process.pid }),
    ),
    inside: walk(processes, isInside, (process, depth) => ({
      process,
      depth,
      role: role(process),
      pid: process.nspid.at(-1) ?? process.pid,
    })),
  }
}
