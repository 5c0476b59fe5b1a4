/** Who is asking: the visitor's address, the name they used for the lab, and whether it was over TLS. */
import type { IncomingMessage } from 'node:http'
import { parseNetworks, plainAddress, visitorNetwork } from '../networks.ts'

export interface Visitor {
  /** What counts as one visitor for limits (IPv6: the /64); empty if unknown. */
  network: string
  /** Host and port as the visitor's browser has them. */
  host: string
  /** Whether a trusted proxy says that the visitor came over TLS. */
  secure: boolean
  /** A proxy that is not trusted stands before the visitor: its headers were ignored. */
  unknownProxy: boolean
}

export type VisitorOf = (request: IncomingMessage) => Visitor

/** `trustedProxies`: the addresses and networks whose `X-Forwarded-*` are believed; anybody can write such headers. */
export function visitors(trustedProxies: string[]): VisitorOf {
  const isTrusted = parseNetworks(trustedProxies)
  if (!isTrusted) throw new Error(`not networks: ${trustedProxies.join(', ')}`)
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '')
    const host = request.headers.host ?? ''
    const forwarded = words(request.headers['x-forwarded-for'])
    if (!isTrusted(peer)) {
      return { network: visitorNetwork(peer), host, secure: false, unknownProxy: forwarded.length > 0 }
    }
    // Each proxy appends whom it was asked by: from the right, the first that is no proxy of ours is the visitor. What
    // stands left of it was written by the visitor.
    const client = forwarded.findLast((address) => !isTrusted(address)) ?? forwarded[0] ?? peer
    return {
      network: visitorNetwork(client),
      host: words(request.headers['x-forwarded-host']).at(-1) ?? host,
      secure: words(request.headers['x-forwarded-proto']).at(-1)?.toLowerCase() === 'https',
      unknownProxy: false,
    }
  }
}

const words = (header: string | string[] | undefined): string[] =>
  String(header ?? '')
    .split(',')
    // Some proxies add the port: 192.0.2.1:1234, [2001:db8::1]:1234.
    .map((word) =>
      word
        .trim()
        .replace(/^\[([^\]]+)\](:\d+)?$/, '$1')
        .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1'),
    )
    .filter(Boolean)
