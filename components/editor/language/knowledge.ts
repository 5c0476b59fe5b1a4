/** Keeps what the linter says about each open config.json up to date: its text, its bundle and the machine looked at. */

import type { HostAnswer } from '../../../server/protocol/index.ts'
import { type BundleFacts, type Diagnostic, type HostFacts, lint } from '../../../spec/lint/index.ts'
import type { LabClient } from '../../session/lab-client.ts'
import type { FileDocument } from '../file-document.ts'
import { bundleQuestion } from './bundle-question.ts'

/** After the last key. */
const PAUSE_MS = 120
/** Between a sign of change in the sandbox and the look at it; what makes a rootfs takes its time. */
const LOOK_MS = 300

interface Watched {
  document: FileDocument
  diagnostics: readonly Diagnostic[]
  /** The version of the text that they are of. */
  version: number
  bundle: BundleFacts | null
  asked: string
  lintTimer: ReturnType<typeof setTimeout> | null
  lookTimer: ReturnType<typeof setTimeout> | null
  stop: () => void
}

const NONE: readonly Diagnostic[] = []

/** Files that the linter knows all about. */
export const isConfig = (document: FileDocument) => document.path.endsWith('/config.json')

export class Knowledge {
  readonly #client: LabClient
  readonly #watched = new Map<FileDocument, Watched>()
  readonly #listeners = new Set<(document: FileDocument) => void>()
  #host: HostAnswer | null = null
  #hostFacts: HostFacts | null = null
  #hostAsked: Promise<void> | null = null

  constructor(client: LabClient) {
    this.#client = client
  }

  /** Calls `listener` with each document whose findings are new. */
  subscribe(listener: (document: FileDocument) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What the machine can do; null until it has been asked. */
  get host(): HostAnswer | null {
    return this.#host
  }

  /** In the order of the text. */
  of(document: FileDocument): readonly Diagnostic[] {
    return this.#watched.get(document)?.diagnostics ?? NONE
  }

  /** The findings for the text as it is at this moment. */
  fresh(document: FileDocument): readonly Diagnostic[] {
    const watched = this.#watched.get(document)
    if (watched && watched.version !== document.model.getVersionId()) this.#lint(watched)
    return watched?.diagnostics ?? NONE
  }

  add(document: FileDocument): void {
    if (!document.isJson || this.#watched.has(document)) return
    const changes = document.model.onDidChangeContent(() => this.#schedule(watched))
    const watched: Watched = {
      document,
      diagnostics: NONE,
      version: 0,
      bundle: null,
      asked: '',
      lintTimer: null,
      lookTimer: null,
      stop: () => changes.dispose(),
    }
    this.#watched.set(document, watched)
    this.#schedule(watched)
    this.#askHost()
  }

  remove(document: FileDocument): void {
    const watched = this.#watched.get(document)
    if (!watched) return
    watched.stop()
    if (watched.lintTimer) clearTimeout(watched.lintTimer)
    if (watched.lookTimer) clearTimeout(watched.lookTimer)
    this.#watched.delete(document)
  }

  /** Something happened in the sandbox: bundles may be other ones. */
  poke(): void {
    if (!this.#host) this.#askHost()
    for (const watched of this.#watched.values()) {
      watched.asked = ''
      this.#look(watched)
    }
  }

  dispose(): void {
    for (const document of [...this.#watched.keys()]) this.remove(document)
  }

  #schedule(watched: Watched): void {
    if (watched.lintTimer) clearTimeout(watched.lintTimer)
    watched.lintTimer = setTimeout(() => {
      this.#lint(watched)
      this.#look(watched)
    }, PAUSE_MS)
  }

  #lint(watched: Watched): void {
    if (watched.lintTimer) clearTimeout(watched.lintTimer)
    watched.lintTimer = null
    const { document } = watched
    if (!document.isLoaded || document.model.isDisposed()) return
    const { text } = document
    watched.version = document.model.getVersionId()
    // An empty file is one that somebody is about to write, but for runc's: a command that reads and writes it empties it.
    watched.diagnostics = text === '' && !isConfig(document) ? NONE : this.#judge(watched, text)
    for (const listener of this.#listeners) listener(document)
  }

  #judge({ document, bundle }: Watched, text: string): readonly Diagnostic[] {
    if (isConfig(document)) return lint(text, { bundle, host: this.#hostFacts })
    // Of a file that is not runc's only that it is JSON.
    return lint(text)
      .filter(({ id }) => id.startsWith('json-'))
      .map((found) => ({ ...found, runc: null }))
  }

  /** Asks about the bundle if the file's questions are other ones than before. */
  #look(watched: Watched): void {
    if (watched.lookTimer) clearTimeout(watched.lookTimer)
    watched.lookTimer = setTimeout(() => void this.#ask(watched), LOOK_MS)
  }

  async #ask(watched: Watched): Promise<void> {
    watched.lookTimer = null
    const { document } = watched
    if (document.model.isDisposed() || !isConfig(document)) return
    const question = bundleQuestion(document.text)
    if (!question) return
    const key = JSON.stringify(question)
    if (key === watched.asked) return
    watched.asked = key
    const bundle = document.path.slice(0, document.path.lastIndexOf('/')) || '/'
    const answer = await this.#client.ask({ what: 'bundle', bundle, question })
    if (watched.asked !== key || document.model.isDisposed()) return
    if (answer.what !== 'bundle') {
      watched.asked = ''
      return
    }
    watched.bundle = { path: bundle, ...answer.facts }
    this.#lint(watched)
  }

  #askHost(): void {
    this.#hostAsked ??= this.#client.ask({ what: 'host' }).then((answer) => {
      if (answer.what === 'host') {
        this.#host = answer.facts
        this.#hostFacts = hostFacts(answer.facts)
        for (const watched of this.#watched.values()) this.#lint(watched)
      } else this.#hostAsked = null
    })
  }
}

function hostFacts({ rlimits, sysctls: _, features: __, ...facts }: HostAnswer): HostFacts {
  const limits = Object.entries(rlimits).map(([name, limit]) => [
    name,
    limit === 'unlimited' ? Number.POSITIVE_INFINITY : BigInt(limit),
  ])
  return { ...facts, rlimits: Object.fromEntries(limits), terminal: true }
}
