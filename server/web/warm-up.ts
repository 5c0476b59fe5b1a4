/** Asks the site for a page of each kind before anybody else does: the first one of a kind takes ten times as long. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { listLessons } from '../lessons/library.ts'

/** Resolves when the pages are made, or cannot be. */
export async function warmUp(server: http.Server, basePath: string): Promise<void> {
  const { address, port } = server.address() as AddressInfo
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address
  const ask = (path: string) =>
    new Promise<void>((resolve) => {
      http
        // By its own name, which every lab lets in, whatever its settings.
        .get({ host, port, path: `${basePath}${path}`, headers: { Host: 'localhost' } }, (response) => {
          response.resume()
          response.on('close', resolve)
        })
        .on('error', () => resolve())
    })
  await ask('/')
  const [lesson] = listLessons()
  if (lesson) await ask(`/lessons/${lesson.slug}/${lesson.steps[0]!.slug}`)
}
