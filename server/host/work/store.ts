/** Kept files of learners whose sandboxes have ended: one archive each, that nobody but root can read, bounded and for some days. */
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const SUFFIX = '.tar.gz'
const DAY_MS = 24 * 3_600_000

export interface StoreLimits {
  /** Of one archive, compressed. */
  bytes: number
  totalBytes: number
  days: number
}

export class WorkStore {
  readonly #dir: string
  readonly #limits: StoreLimits

  constructor(stateDir: string, limits: StoreLimits) {
    this.#dir = path.join(stateDir, 'saved')
    this.#limits = limits
    fs.mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    // Half-written by a process that was killed.
    for (const name of fs.readdirSync(this.#dir))
      if (!name.endsWith(SUFFIX)) fs.rmSync(path.join(this.#dir, name), { force: true })
  }

  /** Takes the place of the learner's earlier archive once it is whole. `whole` rejects if it is not. */
  async put(owner: string, archive: Readable, whole: Promise<unknown>): Promise<void> {
    const file = this.#file(owner)
    const fresh = `${file}.${randomBytes(4).toString('hex')}`
    const { bytes } = this.#limits
    // The archive breaks first, and then nobody waits for this any more.
    whole.catch(() => {})
    let size = 0
    async function* bounded(source: Readable) {
      for await (const chunk of source) {
        size += chunk.length
        if (size > bytes) throw new Error('the archive is larger than it may be')
        yield chunk
      }
    }
    try {
      await pipeline(archive, bounded, fs.createWriteStream(fresh, { mode: 0o600 }))
      await whole
      if (size > 0) fs.renameSync(fresh, file)
      this.tidy()
    } finally {
      fs.rmSync(fresh, { force: true })
    }
  }

  /** When it was kept, in milliseconds since 1970; null if there is none. */
  savedAt(owner: string): number | null {
    return fs.statSync(this.#file(owner), { throwIfNoEntry: false })?.mtimeMs ?? null
  }

  open(owner: string): Readable {
    return fs.existsSync(this.#file(owner)) ? fs.createReadStream(this.#file(owner)) : Readable.from([])
  }

  forget(owner: string): void {
    fs.rmSync(this.#file(owner), { force: true })
  }

  /** Deletes what is too old, and then the oldest until the rest fits. */
  tidy(): void {
    const all = fs
      .readdirSync(this.#dir)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => ({ file: path.join(this.#dir, name), stat: fs.statSync(path.join(this.#dir, name)) }))
      .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs)
    let total = 0
    for (const { file, stat } of all) {
      total += stat.size
      const isOld = Date.now() - stat.mtimeMs > this.#limits.days * DAY_MS
      if (isOld || total > this.#limits.totalBytes) fs.rmSync(file, { force: true })
    }
  }

  /** The name says nothing about the learner. */
  #file(owner: string): string {
    const name = createHash('sha256').update(owner).digest('hex').slice(0, 40)
    return path.join(this.#dir, `${name}${SUFFIX}`)
  }
}
