/** Namespaces as lanes: which of the machine, the sandbox and the containers are in the same ones. */
import { type Container, NAMESPACE_TYPES, type NamespaceType, type Readings, textOf } from './facts.ts'

export interface Lane {
  type: NamespaceType
  /** One for each participant, in their order. */
  cells: Cell[]
}

export interface Cell {
  /** Empty: not known. */
  inode: string
  /** Names the namespace within its lane: H the machine's, S the sandbox's, A and so on the others; empty: not known. */
  letter: string
  /** A container in the sandbox's own namespace. */
  shared: boolean
}

export interface Participant {
  name: string
  kind: 'host' | 'sandbox' | 'container'
  namespaces: Readonly<Record<string, string>>
}

export function participants(
  containers: readonly Container[],
  host: Readonly<Record<string, string>>,
  readings: Readings,
): Participant[] {
  const sandbox: Record<string, string> = {}
  for (const type of NAMESPACE_TYPES) {
    const inode = /\[(\d+)\]/.exec(textOf(readings, `l /proc/self/ns/${type}`) ?? '')?.[1]
    if (inode) sandbox[type] = inode
  }
  const alive = containers.filter(
    ({ phase, pid }) => pid > 0 && ['created', 'running', 'paused'].includes(phase),
  )
  return [
    { name: 'host', kind: 'host', namespaces: host },
    { name: 'sandbox', kind: 'sandbox', namespaces: sandbox },
    ...alive.map(({ id, namespaces }) => ({ name: id, kind: 'container' as const, namespaces })),
  ]
}

export function lanes(who: readonly Participant[]): Lane[] {
  const sandbox = who.find(({ kind }) => kind === 'sandbox')
  return NAMESPACE_TYPES.map((type) => {
    const own = sandbox?.namespaces[type] ?? ''
    const host = who.find(({ kind }) => kind === 'host')?.namespaces[type] ?? ''
    const letters = new Map<string, string>([
      [host, 'H'],
      [own, 'S'],
      ['', ''],
    ])
    let others = 0
    const cells = who.map(({ kind, namespaces }) => {
      const inode = namespaces[type] ?? ''
      if (!letters.has(inode)) letters.set(inode, String.fromCharCode(65 + (others++ % 7)))
      const shared = kind === 'container' && inode !== '' && inode === own
      return { inode, letter: letters.get(inode) ?? '', shared }
    })
    return { type, cells }
  })
}
