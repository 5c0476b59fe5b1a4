/** The operator's door to a running host process: a Unix socket that only root may open. For now it drains the lab. */
import fs from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'

/** How far a drain is. `leftMs`: null while there is none. */
export interface DrainState {
  leftMs: number | null
  /** Learners who have a sandbox, and those who wait for one. */
  learners: number
  waiting: number
}

export interface Controlled {
  drain(ms: number): void
  cancelDrain(): void
  drainState: DrainState
}

const MOST_MINUTES = 7 * 24 * 60

/**
 * Resolves when it answers, in JSON: GET /drain says how far it is, POST /drain?minutes=15 begins, DELETE /drain cancels.
 * `minutes`: how long a drain takes if nobody says so.
 */
export async function listenForControl(
  runDir: string,
  controlled: Controlled,
  minutes: number,
): Promise<http.Server> {
  const file = path.join(runDir, 'control.sock')
  fs.rmSync(file, { force: true })
  const server = http.createServer((request, response) => {
    request.resume()
    answer(request, response, controlled, minutes)
  })
  // Made closed and not closed afterwards: there is no moment in which somebody else could open it.
  const mask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(file, resolve)
    })
  } finally {
    process.umask(mask)
  }
  return server
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  controlled: Controlled,
  standard: number,
): void {
  const say = (status: number, body: unknown) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control')
  if (pathname !== '/drain') return void say(404, { error: 'There is only /drain.' })
  if (request.method === 'POST') {
    const minutes = Number(searchParams.get('minutes') ?? standard)
    if (!(minutes >= 0 && minutes <= MOST_MINUTES))
      return void say(400, { error: `minutes must be a number from 0 to ${MOST_MINUTES}.` })
    controlled.drain(minutes * 60_000)
  } else if (request.method === 'DELETE') controlled.cancelDrain()
  else if (request.method !== 'GET') return void say(405, { error: 'Only GET, POST and DELETE.' })
  say(200, controlled.drainState)
}
