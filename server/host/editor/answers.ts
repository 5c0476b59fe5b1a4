/** Answers what a tab's editor asks about its sandbox. Everything is read inside of it, bounded in time and size. */
import type { Answer, Ask, FolderEntry } from '../../protocol/index.ts'
import { type AgentChannel, AgentError } from '../agent/channel.ts'
import { bundleFacts } from './bundle-facts.ts'
import { hostFacts } from './host-facts.ts'

const TIMEOUT_MS = 4000
const MAX_ENTRIES = 1000
/** Questions of one tab under way; the agent has more hands than this, for others too. */
const AT_ONCE = 3
const MAX_WAITING = 16

// The slash makes a link to a folder the folder.
const FOLDER = `[ -d "$1/" ] || exit 44
exec find "$1/" -mindepth 1 -maxdepth 1 -printf '%Y%f\\0' 2>/dev/null`
const FILE = `[ -f "$1" ] || exit 44
[ "$(stat -Lc %s -- "$1")" -le 1048576 ] || exit 45
exec cat -- "$1"`
// In a folder of its own, for runc writes only where no config.json is.
const RUNC_SPEC = `dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" && runc spec >&2 && cat config.json`

export class EditorAnswers {
  readonly #connect: () => Promise<AgentChannel>
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(connect: () => Promise<AgentChannel>) {
    this.#connect = connect
  }

  /** Never rejects: what cannot be answered is `failed`, with a sentence. */
  async answer(ask: Ask): Promise<Answer> {
    if (this.#waiting.length >= MAX_WAITING) return { what: 'failed', why: 'Too many questions at once.' }
    if (this.#running >= AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go))
    this.#running++
    try {
      return await answer(await this.#connect(), ask)
    } catch (error) {
      if (error instanceof AgentError || error instanceof RangeError)
        return { what: 'failed', why: error.message }
      throw error
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}

async function answer(channel: AgentChannel, ask: Ask): Promise<Answer> {
  switch (ask.what) {
    case 'folder':
      return { what: 'folder', ...(await folder(channel, ask.path)) }
    case 'file':
      return { what: 'file', text: await file(channel, ask.path) }
    case 'bundle':
      return { what: 'bundle', facts: await bundleFacts(channel, ask.bundle, ask.question) }
    case 'host':
      return { what: 'host', facts: await hostFacts(channel) }
    case 'runc-spec':
      return runcSpec(channel)
  }
}

async function folder(
  channel: AgentChannel,
  path: string,
): Promise<{ entries: FolderEntry[] | null; isCut: boolean }> {
  const { status, output, truncated } = await channel.run(['/bin/bash', '-c', FOLDER, 'folder', path], {
    timeoutMs: TIMEOUT_MS,
    maxOutput: 128 * 1024,
  })
  if (status === 44) return { entries: null, isCut: false }
  const all = output.split('\0').slice(0, -1)
  const entries = all
    .map((entry) => ({ name: entry.slice(1), isFolder: entry.startsWith('d') }))
    .sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1))
  return { entries: entries.slice(0, MAX_ENTRIES), isCut: truncated || entries.length > MAX_ENTRIES }
}

async function file(channel: AgentChannel, path: string): Promise<string | null> {
  const { status, output, truncated } = await channel.run(['/bin/bash', '-c', FILE, 'file', path], {
    timeoutMs: TIMEOUT_MS,
    maxOutput: 1024 * 1024,
  })
  // Bytes that are no text come as replacement characters.
  return status === 0 && !truncated && !/[\0\ufffd]/.test(output) ? output : null
}

async function runcSpec(channel: AgentChannel): Promise<Answer> {
  const { status, output } = await channel.run(['/bin/bash', '-c', RUNC_SPEC], {
    timeoutMs: TIMEOUT_MS,
    maxOutput: 64 * 1024,
  })
  if (status === 0) return { what: 'runc-spec', text: output }
  const [line = ''] = output.trim().split('\n').slice(-1)
  return {
    what: 'failed',
    why: `“runc spec” does not work in this sandbox now: ${line || `exit code ${status}`}`,
  }
}
