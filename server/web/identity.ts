/** Who a browser is: a random learner id in a signed cookie. No name, no password; losing it means a fresh sandbox. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const MAX_AGE_SECONDS = 30 * 24 * 3600

export class Identity {
  readonly #secret: string
  readonly #cookie: string

  /** `name` is the lab's: cookies are shared by all ports of a host name, and two labs are not one. */
  constructor(name: string, secret: string) {
    this.#cookie = `${name}-learner`
    this.#secret = secret
  }

  /** The learner that the request's cookie names, or null if there is none or its signature is not ours. */
  read(request: IncomingMessage): string | null {
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [name, value = ''] = part.trim().split('=')
      if (name !== this.#cookie) continue
      const [learner = '', signature = ''] = value.split('.')
      const expected = Buffer.from(this.#sign(learner))
      const given = Buffer.from(signature)
      if (expected.length === given.length && timingSafeEqual(expected, given)) return learner
    }
    return null
  }

  /** A `Set-Cookie` value for a learner not seen before. `secure`: the page came over TLS. */
  issue(secure: boolean): string {
    const learner = randomBytes(16).toString('base64url')
    const attributes = `Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
    return `${this.#cookie}=${learner}.${this.#sign(learner)}; ${attributes}`
  }

  #sign(learner: string): string {
    return createHmac('sha256', this.#secret).update(learner).digest('base64url')
  }
}
