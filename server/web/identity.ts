/** Who a browser is: a random learner id in a signed cookie. No name, no password; losing it means a fresh sandbox. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const MAX_AGE_SECONDS = 30 * 24 * 3600

export interface IdentityOptions {
  /** The lab's: cookies are shared by all ports of a host name, and two labs are not one. */
  name: string
  /** Whoever knows it is every learner. */
  secret: string
  /** Other sites show the lab in a frame: over TLS the cookie is then sent there too, and kept apart for each such site. */
  embedded?: boolean
}

export class Identity {
  readonly #secret: string
  readonly #name: string
  readonly #embedded: boolean

  constructor({ name, secret, embedded = false }: IdentityOptions) {
    this.#name = `${name}-learner`
    this.#secret = secret
    this.#embedded = embedded
  }

  /**
   * The learner that the request's cookie names, or null if there is none or its signature is not ours. `secure`: the
   * page came over TLS; then only a cookie counts that was set over TLS by this very host.
   */
  read(request: IncomingMessage, secure: boolean): string | null {
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [name, value = ''] = part.trim().split('=')
      if (name !== this.#cookie(secure)) continue
      const [learner = '', signature = ''] = value.split('.')
      const expected = Buffer.from(this.#sign(learner))
      const given = Buffer.from(signature)
      if (expected.length === given.length && timingSafeEqual(expected, given)) return learner
    }
    return null
  }

  /** A `Set-Cookie` value for a learner not seen before. */
  issue(secure: boolean): string {
    const learner = randomBytes(16).toString('base64url')
    const site = secure && this.#embedded ? 'None; Partitioned' : 'Strict'
    const attributes = `Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=${site}${secure ? '; Secure' : ''}`
    return `${this.#cookie(secure)}=${learner}.${this.#sign(learner)}; ${attributes}`
  }

  /** Browsers take a name with this prefix only from TLS and only for exactly this host: no other site can plant one. */
  #cookie(secure: boolean): string {
    return secure ? `__Host-${this.#name}` : this.#name
  }

  #sign(learner: string): string {
    return createHmac('sha256', this.#secret).update(learner).digest('base64url')
  }
}
