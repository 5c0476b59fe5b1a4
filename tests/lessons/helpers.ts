/** Folders with lessons, written for one test file and removed after it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'

const scratch = mkdtempSync(path.join(tmpdir(), 'lessons-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** Files by their path; text, bytes, or a value that becomes JSON. */
export type Files = Record<string, string | Uint8Array | object>

/** Writes files into a new folder, or into one that is there, and returns it. */
export function write(files: Files, folder = mkdtempSync(path.join(scratch, 'root-'))): string {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    const raw = typeof content === 'string' || content instanceof Uint8Array
    writeFileSync(file, raw ? content : JSON.stringify(content, null, 2))
  }
  return folder
}

/** An index.json of a title and these steps. */
export const scenario = (...steps: object[]) => ({
  title: 'One',
  details: { steps },
  backend: { imageid: 'ubuntu' },
})
