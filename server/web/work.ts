/** Download and upload of a learner's files: passes the bytes between browser and host process, and keeps none. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { MAX_WORK_BYTES, OWNER_HEADER } from '../protocol/index.ts'

/** Whoever asks is known by `owner`; that they may, has been found out before. */
export function passWork(
  request: IncomingMessage,
  response: ServerResponse,
  { socketPath, owner }: { socketPath: string; owner: string },
): void {
  const say = (status: number, text: string) => {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
    response.end(`${text}\n`)
  }
  const size = Number(request.headers['content-length'] ?? Number.NaN)
  if (request.method === 'POST' && !(size <= MAX_WORK_BYTES))
    return say(413, `A file of at most ${MAX_WORK_BYTES / 1024 / 1024} MiB can be put back.`)
  const passed = http.request({
    socketPath,
    path: '/work',
    method: request.method,
    headers: { [OWNER_HEADER]: owner, 'Content-Type': 'application/gzip' },
  })
  passed.on('response', (answer) => {
    response.setHeader('Cache-Control', 'no-store')
    const isFile = request.method === 'GET' && answer.statusCode === 200
    if (isFile) response.setHeader('Content-Disposition', 'attachment; filename="my-container-work.tar.gz"')
    response.writeHead(answer.statusCode ?? 502, { 'Content-Type': answer.headers['content-type'] })
    answer.on('aborted', () => response.destroy())
    answer.pipe(response)
  })
  passed.on('error', () => {
    if (response.headersSent) response.destroy()
    else say(503, 'The process that runs the sandboxes does not answer. Try again in a moment.')
  })
  response.on('close', () => passed.destroy())
  request.on('aborted', () => passed.destroy())
  request.pipe(passed)
}
