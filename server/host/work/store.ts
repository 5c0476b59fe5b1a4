/** Kept files of learners whose sandboxes have ended: one archive each, that nobody but root can read, bounded and for some days. */
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { SteadyDate } from '../life/clock.ts'
import { quarantine } from '../quarantine.ts'
import { step } from '../steps.ts'

const SUFFIX = '.tar.gz'
const DAY_MS = 24 * 3_600_000

export interface StoreLimits {
  /** Of one archive, compressed. */
  bytes: number
  totalBytes: number
  days: number
}

export class WorkStore {
  readonly #stateDir: string
  readonly #dir: string
  readonly #limits: StoreLimits
  readonly #date: SteadyDate

  constructor(stateDir: string, limits: StoreLimits, date = new SteadyDate()) {
    this.#stateDir = stateDir
    this.#date = date
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
    const handle = await fs.promises.open(fresh, 'w', 0o600)
    try {
      try {
        for await (const chunk of archive) {
          size += chunk.length
          if (size > bytes) throw new Error('the archive is larger than it may be')
          await handle.writeFile(chunk)
          step('keep.half')
        }
        await whole
        // On the disk before it has the name: after a power cut there is the earlier one or this one, and no empty one.
        await handle.sync()
      } finally {
        await handle.close()
      }
      step('keep.whole')
      if (size > 0) fs.renameSync(fresh, file)
      step('keep.after')
      this.tidy(file)
    } finally {
      fs.rmSync(fresh, { force: true })
    }
  }

  /** The archive could not be put back: out of the way of the next one. Returns where it is; null if that failed. */
  setAside(owner: string): string | null {
    return quarantine(this.#stateDir, this.#file(owner))
  }

  /** When it was kept, in milliseconds since 1970; null if there is none. */
  savedAt(owner: string): number | null {
    return fs.statSync(this.#file(owner), { throwIfNoEntry: false })?.mtimeMs ?? null
  }

  open(owner: string): Readable {
    const file = this.#file(owner)
    if (!fs.existsSync(file)) return Readable.from([])
    return fs.createReadStream(file).once('data', () => step('restore.half'))
  }

  forget(owner: string): void {
    fs.rmSync(this.#file(owner), { force: true })
  }

  /** Deletes what is too old, and then the oldest until the rest fits, but never `spared`: the date may have been set back. */
  tidy(spared = ''): void {
    const all = fs
      .readdirSync(this.#dir)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => ({ file: path.join(this.#dir, name), stat: fs.statSync(path.join(this.#dir, name)) }))
      .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs)
    let total = 0
    for (const { file, stat } of all) {
      total += stat.size
      const isOld = this.#date.isSteady && Date.now() - stat.mtimeMs > this.#limits.days * DAY_MS
      if (file !== spared && (isOld || total > this.#limits.totalBytes)) fs.rmSync(file, { force: true })
    }
  }

  /** The name says nothing about the learner. */
  #file(owner: string): string {
    const name = createHash('sha256').update(owner).digest('hex').slice(0, 40)
    return path.join(this.#dir, `${name}${SUFFIX}`)
  }
}
