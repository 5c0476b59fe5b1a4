/** The files of a sandbox that somebody looks at: followed, and written only over the version that the writer has seen. */
import { createHash } from 'node:crypto'
import type { FileView } from '../protocol/index.ts'
import type { AgentChannel, AgentFile } from './agent/channel.ts'

type Listener = (file: FileView) => void

interface Watched {
  listeners: Set<Listener>
  unwatch: () => void
  /** Null until the agent has looked for the first time. */
  latest: FileView | null
  /** The agent's name for the version of `latest`; null if there is no file. */
  token: string | null
}

export type SaveResult = { saved: true; hash: string } | { saved: false; file: FileView }

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Exact round trip or nothing: bytes that are not UTF-8 would be changed by the next save. */
function toView(path: string, file: AgentFile): FileView {
  if (file.state === 'absent') return { state: 'absent', path }
  if (file.state === 'unreadable') return { state: 'unreadable', path, why: file.why }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.bytes)
    if (!text.includes('\0')) return { state: 'text', path, hash: sha256(file.bytes), text }
  } catch {
    // Not UTF-8.
  }
  return { state: 'unreadable', path, why: 'it is not a text file' }
}

const hashOf = (file: FileView) => (file.state === 'text' ? file.hash : null)
const tokenOf = (file: AgentFile) => (file.state === 'file' ? file.token : null)

export class SandboxFiles {
  readonly #agent: AgentChannel
  readonly #watched = new Map<string, Watched>()

  constructor(agent: AgentChannel) {
    this.#agent = agent
  }

  /** Calls `listener` with the file as it is and again after each change. Returns how to stop. */
  watch(path: string, listener: Listener): () => void {
    let watched = this.#watched.get(path)
    if (!watched) {
      const created: Watched = { listeners: new Set(), latest: null, token: null, unwatch: () => {} }
      created.unwatch = this.#agent.watch(path, (file) => this.#changed(path, created, file))
      this.#watched.set(path, created)
      watched = created
    }
    watched.listeners.add(listener)
    if (watched.latest) listener(watched.latest)
    return () => {
      watched.listeners.delete(listener)
      if (watched.listeners.size > 0 || this.#watched.get(path) !== watched) return
      watched.unwatch()
      this.#watched.delete(path)
    }
  }

  /**
   * Writes `text` if the file's content still is what `base` names (null: there is no file). Everybody who watches it is
   * told, except `writer`, who gets the result. Rejects with an AgentError that says why the file cannot be written.
   */
  async save(path: string, base: string | null, text: string, writer?: Listener): Promise<SaveResult> {
    const bytes = new TextEncoder().encode(text)
    let known = this.#watched.get(path)
    let token = known?.latest ? known.token : undefined
    if (known?.latest && hashOf(known.latest) !== base) return { saved: false, file: known.latest }
    // The token also changes when the content does not (touch): then look at the content and try again.
    for (let attempt = 0; ; attempt++) {
      const result = await this.#agent.save(path, token ?? null, bytes)
      known = this.#watched.get(path)
      if (result.ok) {
        const hash = sha256(bytes)
        if (known) {
          known.token = result.token
          known.latest = { state: 'text', path, hash, text }
          for (const listener of known.listeners) if (listener !== writer) listener(known.latest)
        }
        return { saved: true, hash }
      }
      const current = toView(path, result.current)
      if (known) this.#changed(path, known, result.current, writer)
      if (hashOf(current) !== base || current.state === 'unreadable' || attempt === 5)
        return { saved: false, file: current }
      token = tokenOf(result.current)
    }
  }

  #changed(path: string, watched: Watched, file: AgentFile, except?: Listener): void {
    watched.token = tokenOf(file)
    const view = toView(path, file)
    const same =
      watched.latest?.state === view.state &&
      hashOf(watched.latest) === hashOf(view) &&
      (view.state !== 'unreadable' || (watched.latest as typeof view).why === view.why)
    watched.latest = view
    if (same) return
    for (const listener of watched.listeners) if (listener !== except) listener(view)
  }
}
