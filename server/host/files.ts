/** The files of a sandbox that somebody looks at: followed, and written only over the version that the writer has seen. */
import { createHash } from 'node:crypto'
import type { FileView } from '../protocol/index.ts'
import { type AgentChannel, AgentError, type AgentFile } from './agent/channel.ts'

type Listener = (file: FileView) => void

interface Watched {
  listeners: Set<Listener>
  unwatch: () => void
  /** Null until the agent has looked for the first time. */
  latest: FileView | null
  /** The agent's name for the version of `latest`; null if there is no file. */
  token: string | null
  /** Null until it has been found out, for which there has to be a file. */
  readOnly: boolean | null
}

const CAN_WRITE = ['/bin/sh', '-c', '[ -w "$1" ]', 'can-write']
const CAN_WRITE_MS = 2000
const READ_MS = 5000

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
  readonly #connect: () => Promise<AgentChannel>
  readonly #watched = new Map<string, Watched>()
  /** The agent that answered last; on one that is gone, watching does nothing. */
  #agent: AgentChannel | null = null

  /** `connect` finds the sandbox's agent; call `connected` for each one that answers. */
  constructor(connect: () => Promise<AgentChannel>) {
    this.#connect = connect
  }

  /** Calls `listener` with the file as it is, as soon as that is known, and again after each change. Returns how to stop. */
  watch(path: string, listener: Listener): () => void {
    let watched = this.#watched.get(path)
    if (!watched) {
      watched = { listeners: new Set(), latest: null, token: null, readOnly: null, unwatch: () => {} }
      this.#watched.set(path, watched)
      this.#follow(path, watched)
    }
    const { listeners } = watched
    listeners.add(listener)
    if (watched.latest) listener(watched.latest)
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#watched.get(path)?.listeners !== listeners) return
      this.#watched.get(path)!.unwatch()
      this.#watched.delete(path)
    }
  }

  /**
   * The file as it is at this moment, which those who watch it may not have been told yet. Rejects with AgentError, also
   * if there is no answer in time.
   */
  async read(path: string): Promise<FileView> {
    const agent = await this.#connect()
    const file = await new Promise<AgentFile>((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer)
        stop()
        settle()
      }
      const late = () => reject(new AgentError(`${path} could not be read in time.`))
      const timer = setTimeout(() => end(late), READ_MS)
      const stop = agent.watch(path, (found) => end(() => resolve(found)))
    })
    const watched = this.#watched.get(path)
    if (watched) this.#changed(path, watched, file)
    return watched?.latest ?? toView(path, file)
  }

  /** A new agent answers: it follows what its predecessor followed. */
  connected(channel: AgentChannel): void {
    this.#agent = channel
    for (const [path, watched] of this.#watched) {
      watched.unwatch = channel.watch(path, (file) => this.#changed(path, watched, file))
    }
  }

  #follow(path: string, watched: Watched): void {
    const known = this.#agent
    if (known) watched.unwatch = known.watch(path, (file) => this.#changed(path, watched, file))
    // Without an agent `connected` does it, as soon as there is one.
    else this.#connect().catch(() => {})
  }

  /**
   * Writes `text` if the file's content still is what `base` names (null: there is no file). Everybody who watches it is
   * told, except `writer`, who gets the result. Rejects with an AgentError that says why the file cannot be written.
   */
  async save(path: string, base: string | null, text: string, writer?: Listener): Promise<SaveResult> {
    const agent = await this.#connect()
    const bytes = new TextEncoder().encode(text)
    let known = this.#watched.get(path)
    let token = known?.latest ? known.token : undefined
    if (known?.latest && hashOf(known.latest) !== base) return { saved: false, file: known.latest }
    // The token also changes when the content does not (touch): then look at the content and try again.
    for (let attempt = 0; ; attempt++) {
      const result = await agent.save(path, token ?? null, bytes)
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
    const view = this.#view(path, watched, file)
    const same =
      watched.latest?.state === view.state &&
      hashOf(watched.latest) === hashOf(view) &&
      (view.state !== 'unreadable' || (watched.latest as typeof view).why === view.why)
    watched.latest = view
    if (same) return
    for (const listener of watched.listeners) if (listener !== except) listener(view)
  }

  #view(path: string, watched: Watched, file: AgentFile): FileView {
    const view = toView(path, file)
    if (view.state !== 'text') return view
    if (watched.readOnly === null) void this.#findOut(path, watched)
    return watched.readOnly ? { ...view, readOnly: true } : view
  }

  /** Only a read-only mount, or an owner that the sandbox does not know, keeps its root from writing. */
  async #findOut(path: string, watched: Watched): Promise<void> {
    watched.readOnly = false
    try {
      const agent = await this.#connect()
      const { status } = await agent.run([...CAN_WRITE, path], { timeoutMs: CAN_WRITE_MS, maxOutput: 0 })
      if (status !== 1 || watched.latest?.state !== 'text') return
      watched.readOnly = true
      watched.latest = { ...watched.latest, readOnly: true }
      for (const listener of watched.listeners) listener(watched.latest)
    } catch (error) {
      // A save will tell.
      if (!(error instanceof AgentError)) throw error
    }
  }
}
