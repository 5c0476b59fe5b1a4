/** The file that says what a sandbox is and whose, and that outlives the host process. */
import fs from 'node:fs'
import { z } from 'zod'
import { TierName } from '../../../protocol/ids.ts'

const SandboxRecord = z.object({
  id: z.string(),
  owner: z.string(),
  createdAt: z.number(),
  bornAt: z.number(),
  tier: TierName,
  /** The first of the host ids it is mapped to. */
  idBase: z.number(),
  /** The image it stands on. */
  image: z.string(),
  /** The boot it was made in: nothing of it runs in another. */
  boot: z.string(),
  /** Files of its learner are still to be put into it: it must not be taken over as it is. */
  unsettled: z.boolean().optional(),
})
export type SandboxRecord = z.infer<typeof SandboxRecord>

/** Whole or not at all, whenever this process is killed or the disk is full. Not flushed: no sandbox survives a power cut. */
export function writeRecord(file: string, record: SandboxRecord): void {
  fs.writeFileSync(`${file}.new`, JSON.stringify(record))
  fs.renameSync(`${file}.new`, file)
}

/** Null if there is none, or none that can be understood. */
export function readRecord(file: string): SandboxRecord | null {
  try {
    return SandboxRecord.parse(JSON.parse(fs.readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}
