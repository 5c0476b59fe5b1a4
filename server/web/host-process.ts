/** The host process as the web process sees it: there or not, and whether both speak the same version of the contract. */
import http from 'node:http'
import { NOTES_HEADER, PROTOCOL_VERSION, VERSION_HEADER } from '../protocol/index.ts'

const PATIENCE_MS = 2000

const NOTES: Record<string, string> = {
  draining: 'draining: nobody new is let in, and the lab stops when its learners have finished',
  disk: 'disk nearly full: no new sandboxes are made (LAB_DISK_RESERVE_MIB)',
}

export interface HostHealth {
  /** What keeps this web process from working with the host process, in a sentence that says what to do; null if nothing. */
  problem: string | null
  /** What works and yet needs the operator, a line each. */
  notes: string[]
}

export function hostHealth(socketPath: string): Promise<HostHealth> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/', agent: false, timeout: PATIENCE_MS }, (response) => {
      const { headers } = response
      const notes = String(headers[NOTES_HEADER] ?? '').split(',')
      resolve({
        problem: versionProblem(headers[VERSION_HEADER]),
        notes: notes.flatMap((note) => NOTES[note] ?? []),
      })
      response.destroy()
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve({ problem: 'The host process does not answer.', notes: [] }))
  })
}

/** The sentence about a host process that gives this version in its answer; null if both agree. */
export function versionProblem(answered: string | string[] | undefined): string | null {
  const theirs = Number(answered ?? 0)
  if (theirs === PROTOCOL_VERSION) return null
  const [older, newer] = theirs < PROTOCOL_VERSION ? ['host', 'web'] : ['web', 'host']
  return (
    `The ${older} process is of an older version (${Math.min(theirs, PROTOCOL_VERSION)}) than the ${newer} process (${Math.max(theirs, PROTOCOL_VERSION)}): ` +
    `restart the ${older} process. ` +
    (older === 'host'
      ? 'kill -USR1 the process of npm start: learners keep their sandboxes and shells.'
      : 'Learners’ sandboxes and shells are not affected.')
  )
}
