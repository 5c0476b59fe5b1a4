/** Looks at paths of a sandbox, many at once, through its agent; and walks paths inside a rootfs as the kernel would after chroot. */
import path from 'node:path'
import type { PathFact } from '../../protocol/index.ts'
import type { AgentChannel } from '../agent/channel.ts'

const TIMEOUT_MS = 3000
const MAX_OUTPUT = 256 * 1024
/** As the kernel has it. */
const MAX_LINKS = 40
/** Paths for one program, whose arguments have a limit. */
const AT_ONCE = 64

interface Entry {
  type: string
  mode: number
  uid: number
  gid: number
  target: string
}

// Names may hold any byte but NUL; errors about missing paths are the answer by themselves.
const LOOK = `exec find "$@" -maxdepth 0 -printf '%p\\0%y\\0%m\\0%U\\0%G\\0%l\\0' 2>/dev/null`
const KINDS: Record<string, PathFact['kind']> = { f: 'file', d: 'directory', l: 'symlink' }

const MISSING: PathFact = { kind: 'missing' }

/** One look at one moment: what has been seen is not looked at again. Rejects with AgentError. */
export class Look {
  readonly #channel: AgentChannel
  readonly #seen = new Map<string, Entry | null>()

  constructor(channel: AgentChannel) {
    this.#channel = channel
  }

  /** What the paths lead to, links followed, as a process of the sandbox sees them. */
  async outside(paths: readonly string[]): Promise<Record<string, PathFact>> {
    const found = await this.#walkAll('', paths)
    return Object.fromEntries(paths.map((each, i) => [each, found[i]!.fact]))
  }

  /** What the paths lead to for a process whose root is `root`; `real`: where that is, seen from the sandbox. */
  inside(root: string, paths: readonly string[]): Promise<{ fact: PathFact; real: string }[]> {
    return this.#walkAll(root === '/' ? '' : root, paths)
  }

  /** The path itself: a link is a link. */
  async itself(file: string): Promise<PathFact & { target?: string }> {
    await this.#fetch([file])
    const entry = this.#seen.get(file)
    return entry ? { ...factOf(entry), ...(entry.type === 'l' && { target: entry.target }) } : MISSING
  }

  /** All paths together, so that a step of each of them costs one program. */
  async #walkAll(root: string, paths: readonly string[]): Promise<{ fact: PathFact; real: string }[]> {
    const walks = paths.map((each) => ({ rest: parts(each), at: '', links: 0, isGone: false }))
    for (;;) {
      const next = walks.filter((walk) => !walk.isGone && walk.rest.length > 0)
      if (next.length === 0) break
      await this.#fetch(next.map((walk) => `${root}${walk.at}/${walk.rest[0]}`))
      for (const walk of next) {
        const name = walk.rest.shift()!
        if (name === '..') {
          walk.at = walk.at.slice(0, Math.max(walk.at.lastIndexOf('/'), 0))
          continue
        }
        const entry = this.#seen.get(`${root}${walk.at}/${name}`)
        if (!entry || (walk.rest.length > 0 && !'dl'.includes(entry.type)) || walk.links > MAX_LINKS)
          walk.isGone = true
        else if (entry.type !== 'l') walk.at += `/${name}`
        else {
          walk.links++
          walk.rest.unshift(...parts(entry.target))
          if (entry.target.startsWith('/')) walk.at = ''
        }
      }
    }
    await this.#fetch(walks.flatMap((walk) => (walk.isGone ? [] : [`${root}${walk.at}` || '/'])))
    return walks.map(({ isGone, at }) => {
      const real = `${root}${at}` || '/'
      const entry = isGone ? null : this.#seen.get(real)
      return { real, fact: entry ? factOf(entry) : MISSING }
    })
  }

  async #fetch(files: readonly string[]): Promise<void> {
    const fresh = [...new Set(files)].filter((file) => !this.#seen.has(file) && !file.endsWith('/..'))
    for (let i = 0; i < fresh.length; i += AT_ONCE) {
      const some = fresh.slice(i, i + AT_ONCE)
      const { output } = await this.#channel.run(['/bin/bash', '-c', LOOK, 'look', ...some], {
        timeoutMs: TIMEOUT_MS,
        maxOutput: MAX_OUTPUT,
      })
      for (const file of some) this.#seen.set(file, null)
      const fields = output.split('\0')
      for (let at = 0; at + 5 < fields.length; at += 6) {
        const [file = '', type = '', mode = '', uid = '', gid = '', target = ''] = fields.slice(at, at + 6)
        if (!this.#seen.has(file)) continue
        this.#seen.set(file, {
          type,
          mode: Number.parseInt(mode, 8),
          uid: Number(uid),
          gid: Number(gid),
          target,
        })
      }
    }
  }
}

const parts = (file: string) => path.posix.join('/', file).split('/').filter(Boolean)

function factOf({ type, mode, uid, gid }: Entry): PathFact {
  const kind = KINDS[type] ?? 'other'
  // A sandbox may answer with anything.
  if (![mode, uid, gid].every(Number.isSafeInteger)) return { kind }
  return { kind, mode, uid, gid }
}
