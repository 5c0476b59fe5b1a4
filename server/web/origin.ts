/** Which pages may speak to the lab, and under which names it may be asked: its own, and those the operator has named. */
import net from 'node:net'
import os from 'node:os'

/**
 * A browser sends `Origin` with every WebSocket and every POST, and no page can change it. The lab's own origin counts
 * only under a name that nobody else can point at this machine: an address, localhost or the machine's own name.
 * Otherwise any site could have its name resolve to 127.0.0.1 and speak to the lab as if it were the lab.
 * `host`: what the visitor's browser calls the lab.
 */
export function isAllowedOrigin(origin: string | undefined, host: string, allowed: string[]): boolean {
  if (!origin) return false
  if (allowed.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  return url.host === host && isOwnName(url.hostname)
}

/** Whether the lab may be asked under this name (a `Host` header). Others could be anybody's, and are refused. */
export function isAllowedHost(host: string, allowed: string[]): boolean {
  // A name alone: no path, user or query may hide in it.
  if (!/^(\[[0-9a-fA-F:.]+\]|[^\s/?#@\\:]+)(:\d{1,5})?$/.test(host) || !URL.canParse(`http://${host}`))
    return false
  const { hostname } = new URL(`http://${host}`)
  return isOwnName(hostname) || allowed.some((origin) => new URL(origin).hostname === hostname)
}

function isOwnName(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    net.isIP(bare) !== 0 ||
    bare === os.hostname().toLowerCase()
  )
}
