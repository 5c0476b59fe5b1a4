/** The host process's answer to a learner who takes their files away or brings them back, over HTTP on its socket. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Transform } from 'node:stream'
import { MAX_WORK_BYTES, OWNER_HEADER } from '../../protocol/index.ts'
import type { Registry } from '../registry.ts'

export async function serveWork(
  request: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
): Promise<void> {
  const session = registry.find(String(request.headers[OWNER_HEADER] ?? ''))
  const say = (status: number, text: string) => {
    if (!response.headersSent) response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
    response.end(`${text}\n`)
  }
  if (session?.view.state !== 'ready') return say(409, 'There is no sandbox that is ready.')
  if (request.method === 'POST') {
    let size = 0
    const bounded = new Transform({
      transform(chunk, _encoding, done) {
        size += chunk.length
        done(size > MAX_WORK_BYTES ? new Error('too large') : null, chunk)
      },
    })
    request.on('aborted', () => bounded.destroy(new Error('cut off')))
    try {
      await registry.work.upload(session, request.pipe(bounded))
      return say(200, 'Your files are in the sandbox.')
    } catch (error) {
      return say(422, `The file could not be unpacked: ${(error as Error).message}.`)
    }
  }
  const stream = registry.work.download(session, MAX_WORK_BYTES)
  response.writeHead(200, { 'Content-Type': 'application/gzip' })
  // A download cut short must not look like a whole one.
  stream.on('error', () => response.destroy())
  response.on('close', () => stream.destroy())
  stream.pipe(response)
}
