/** Which pages may speak to the lab: its own, and those of the origins the operator has named. */
import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import os from 'node:os'

/**
 * A browser sends `Origin` with every WebSocket and every POST, and no page can change it. The lab's own origin counts
 * only under a name that nobody else can point at this machine: an address, localhost or the machine's own name.
 * Otherwise any site could have its name resolve to 127.0.0.1 and speak to the lab as if it were the lab.
 */
export function isAllowedOrigin(request: IncomingMessage, allowed: string[]): boolean {
  const { origin, host } = request.headers
  if (!origin) return false
  if (allowed.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return url.host === host && isOwnName(url.hostname)
}

function isOwnName(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare.endsWith('.localhost') || net.isIP(bare) !== 0 || bare === os.hostname()
}
