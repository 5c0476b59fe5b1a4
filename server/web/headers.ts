/** The headers that tell a browser what a page of the lab may do and who may show it. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { InlineScripts } from './inline-scripts.ts'

export interface HeaderOptions {
  /** Sites that may show the lab in a frame: origins, or `none` alone; empty: the lab itself. */
  frameAncestors: string[]
  /** null while developing: Next's development server writes scripts of its own and evaluates code. */
  inlineScripts: InlineScripts | null
}

export type SetHeaders = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  secure: boolean,
) => void

export function headers({ frameAncestors, inlineScripts }: HeaderOptions): SetHeaders {
  const ancestors =
    frameAncestors.length === 0
      ? "'self'"
      : frameAncestors.map((origin) => (origin === 'none' ? "'none'" : origin)).join(' ')
  return (request, response, path, secure) => {
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    response.setHeader('X-Permitted-Cross-Domain-Policies', 'none')
    response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    // For browsers that do not know frame-ancestors; it cannot name other sites.
    if (frameAncestors.length === 0) response.setHeader('X-Frame-Options', 'SAMEORIGIN')
    if (frameAncestors[0] === 'none') response.setHeader('X-Frame-Options', 'DENY')
    // Six months, for this name alone: whether its subdomains speak TLS is not ours to say.
    if (secure) response.setHeader('Strict-Transport-Security', 'max-age=15552000')
    response.setHeader('Content-Security-Policy', policy(scriptSources(request, path), path))
  }

  /** What `script-src` allows: our own files, and the inline scripts of exactly this page. */
  function scriptSources(request: IncomingMessage, path: string): string {
    if (!inlineScripts) return "'self' 'unsafe-inline' 'unsafe-eval'"
    const hashes = inlineScripts.of(path)
    if (hashes) return ["'self'", ...hashes].join(' ')
    // Not rendered in advance: an error page, or one that Next renders now. For the latter Next takes the nonce from here.
    const nonce = `'nonce-${randomBytes(16).toString('base64')}'`
    const sources = ["'self'", nonce, ...inlineScripts.ofErrorPages].join(' ')
    request.headers['content-security-policy'] = `script-src ${sources}`
    return sources
  }

  function policy(scripts: string, path: string): string {
    // A lesson's page fetches a picture from elsewhere when the learner has asked for it.
    const pictures = path.startsWith('/lessons/') ? ' https:' : ''
    return [
      "default-src 'self'",
      `script-src ${scripts}`,
      // Monaco and xterm write style elements as they go, and place everything by style attributes.
      "style-src 'self' 'unsafe-inline'",
      `img-src 'self' data:${pictures}`,
      "font-src 'self' data:",
      "connect-src 'self'",
      "worker-src 'self' blob:",
      "frame-src 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      `frame-ancestors ${ancestors}`,
    ].join('; ')
  }
}
