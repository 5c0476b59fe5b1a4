/** Kept files of learners, as they lie on the lab's disk: found, made and damaged by tests. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { WORK_PATH } from '../../../server/protocol/index.ts'
import type { Learner } from '../../helpers/client.ts'
import type { TestLab } from '../../helpers/lab.ts'

/** The owner that a learner's cookie names. */
export const ownerOf = (cookie: string): string => cookie.split('=')[1]!.split('.')[0]!

export function archiveOf(lab: TestLab, owner: string): string {
  const name = createHash('sha256').update(owner).digest('hex').slice(0, 40)
  return path.join(lab.env.LAB_STATE_DIR!, 'saved', `${name}.tar.gz`)
}

/** What a learner has changed, as one file. */
export async function workOf(lab: TestLab, { cookie }: Learner): Promise<Buffer> {
  const headers = { Cookie: cookie, Origin: new URL(lab.url).origin }
  const response = await fetch(`${lab.url}${WORK_PATH}`, { headers })
  if (response.status !== 200) throw new Error(`no work: ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}

/** These are the files that were kept of an earlier sandbox of this learner. */
export const keepFor = (lab: TestLab, owner: string, archive: Uint8Array): void =>
  fs.writeFileSync(archiveOf(lab, owner), archive, { mode: 0o600 })
