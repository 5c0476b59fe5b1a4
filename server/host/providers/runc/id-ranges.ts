/** Which host ids each sandbox is mapped to: a range of its own, or one for all where the kernel cannot shift owners. */
import fs from 'node:fs'
import path from 'node:path'
import { CommandError, run } from './run.ts'

/**
 * The owners that the image and the disks have where they are stored, and what a sandbox is mapped to if it has to share.
 * More than 65536 ids, so that user namespaces inside a sandbox find a range of their own.
 */
export const ID_MAP = { hostID: 1_000_000_000, containerID: 0, size: 196_608 }

/** Ranges above the shared one, up to the largest id that programs which count with signs can tell. */
const SLOTS = Math.floor((2 ** 31 - ID_MAP.hostID) / ID_MAP.size) - 1

const baseOf = (slot: number) => ID_MAP.hostID + (slot + 1) * ID_MAP.size
const slotOf = (base: number) => (base - ID_MAP.hostID) / ID_MAP.size - 1

/** What has to be known to try whether this host can shift owners. */
interface Probe {
  /** The program of sandbox/host/idmap.c. */
  idmap: string
  rootfs: string
  /** A folder to mount on, out of everybody's sight. */
  scratch: string
}

/**
 * Tries an overlay on an idmapped mount for real: kernel 5.19 or later, and a file system below that takes part. Returns
 * null if it works, otherwise the reason.
 */
export async function whyNotShiftable({ idmap, rootfs, scratch }: Probe): Promise<string | null> {
  const [from, to, size] = [ID_MAP.hostID, baseOf(0), ID_MAP.size].map(String)
  try {
    await run(idmap, ['--probe', from!, to!, size!, rootfs, scratch])
    return null
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
}

/**
 * Hands out ranges. All labs of this machine share `claims`, a folder with one symbolic link for each range in use, named
 * by its slot and leading to the sandbox's folder: making a link is atomic, so no range is ever given out twice, and what
 * is in use is still known after the host process was killed. A link is removed by the lab that made it and by no other.
 */
export class IdRanges {
  readonly #claims: string
  readonly #ours = new Map<string, number>()
  /** Where to look next: at random first, for labs that do not see each other's folder, then round and round. */
  #next = Math.floor(Math.random() * SLOTS)

  /** `claims`: the same for all labs of one machine, emptied by its restart. */
  constructor(claims = '/run/runclab-id-ranges') {
    this.#claims = claims
  }

  /** The first host id of a range that nobody else has. Throws if there is none. */
  claim(folder: string): number {
    fs.mkdirSync(this.#claims, { recursive: true, mode: 0o700 })
    const ours = new Set(this.#ours.values())
    for (let tried = 0; tried < SLOTS; tried++) {
      const slot = this.#next
      this.#next = (slot + 1) % SLOTS
      // Ours may have no link any more: somebody may have emptied the folder.
      if (ours.has(slot) || !this.#link(slot, folder)) continue
      this.#ours.set(folder, slot)
      return baseOf(slot)
    }
    throw new CommandError(`all ${SLOTS} ranges of user ids are in use, as ${this.#claims} says`)
  }

  /** Takes over a range that the sandbox has already, from an earlier host process. */
  keep(folder: string, base: number): void {
    if (base === ID_MAP.hostID) return
    fs.mkdirSync(this.#claims, { recursive: true, mode: 0o700 })
    this.#link(slotOf(base), folder)
    this.#ours.set(folder, slotOf(base))
  }

  /** Gives a sandbox's range back, once nothing of it runs any more. Harmless if it has none. */
  release(folder: string): void {
    const slot = this.#ours.get(folder)
    const slots = slot === undefined ? this.#claimedBy((owner) => owner === folder) : [String(slot)]
    for (const each of slots) if (this.#owner(each) === folder) fs.rmSync(path.join(this.#claims, each))
    this.#ours.delete(folder)
  }

  /** Gives back what sandboxes under `parent` have claimed that are not among `whole`. Only before the first claim. */
  releaseAllBut(parent: string, whole: ReadonlySet<string>): void {
    const stale = this.#claimedBy((owner) => path.dirname(owner) === parent && !whole.has(owner))
    for (const slot of stale) fs.rmSync(path.join(this.#claims, slot), { force: true })
  }

  #claimedBy(matches: (owner: string) => boolean): string[] {
    if (!fs.existsSync(this.#claims)) return []
    return fs.readdirSync(this.#claims).filter((slot) => matches(this.#owner(slot)))
  }

  #owner(slot: string): string {
    try {
      return fs.readlinkSync(path.join(this.#claims, slot))
    } catch {
      return ''
    }
  }

  #link(slot: number, folder: string): boolean {
    try {
      fs.symlinkSync(folder, path.join(this.#claims, String(slot)))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }
}
