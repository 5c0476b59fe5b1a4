/** The version of what the host process keeps on disk: a lab does not touch a state folder that it does not understand. */
import fs from 'node:fs'
import path from 'node:path'

/** Raised when a lab could not use what an earlier one has left; `MIGRATIONS` then gets what turns the old into the new. */
export const STATE_FORMAT = 1
const FILE = 'format.json'

/** From the version of its index to the next one. There has been one version so far. */
const MIGRATIONS: Record<number, (stateDir: string) => void> = {}

/** The state folder is of another version; the message says what to do. */
export class StateFormatError extends Error {}

/** Makes sure that the folder is of this version: marks a new one, brings an older one up to date. Throws StateFormatError. */
export function checkStateFormat(stateDir: string): void {
  fs.mkdirSync(stateDir, { recursive: true })
  const file = path.join(stateDir, FILE)
  let found = read(file)
  if (found === null) return write(file)
  if (found > STATE_FORMAT) {
    throw new StateFormatError(
      `${stateDir} was written by a newer version of the lab (format ${found}; this one knows ${STATE_FORMAT}). ` +
        'Start that version again, or set LAB_STATE_DIR to another folder.',
    )
  }
  if (found === STATE_FORMAT) return
  for (; found < STATE_FORMAT; found++) MIGRATIONS[found]?.(stateDir)
  write(file)
}

function read(file: string): number | null {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch {
    return null
  }
  try {
    const { format } = JSON.parse(text)
    if (Number.isInteger(format) && format > 0) return format
  } catch {}
  throw new StateFormatError(
    `${file} is damaged: it should say {"format":${STATE_FORMAT}}. Correct it if this version of the lab wrote the folder, or delete the folder.`,
  )
}

/** Renamed into place: whole or absent, never half. */
function write(file: string): void {
  // On the disk before it has the name: a power cut must not leave an empty one, which no lab would start with.
  fs.writeFileSync(`${file}.new`, `${JSON.stringify({ format: STATE_FORMAT })}\n`, { flush: true })
  fs.renameSync(`${file}.new`, file)
}
