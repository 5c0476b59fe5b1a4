/** Sets of IP addresses: `10.0.0.0/8`, `::1`, `192.168.1.7`. */
import net from 'node:net'

/** What asks whether an address belongs to one of these networks; null if one of them is no network. */
export function parseNetworks(items: string[]): ((address: string) => boolean) | null {
  const networks = new net.BlockList()
  for (const item of items) {
    const [address = '', prefix, ...rest] = item.split('/')
    const version = net.isIP(address)
    const bits = version === 4 ? 32 : 128
    const length = prefix === undefined ? bits : Number(prefix)
    if (!version || rest.length > 0 || !/^\d*$/.test(prefix ?? '') || prefix === '' || length > bits)
      return null
    networks.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  }
  return (address) => {
    const plain = plainAddress(address)
    const version = net.isIP(plain)
    return version !== 0 && networks.check(plain, version === 4 ? 'ipv4' : 'ipv6')
  }
}

/** An IPv4 address that arrived on an IPv6 socket, as the IPv4 address that it is; others unchanged, without a zone. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

/**
 * What counts as one visitor's address: an IPv4 address, or the /64 of an IPv6 address, because a household or a single
 * machine has that many. Empty for anything else.
 */
export function visitorNetwork(address: string): string {
  const plain = plainAddress(address)
  const version = net.isIP(plain)
  if (version === 4) return plain
  if (version === 0) return ''
  const [head = '', tail] = plain.toLowerCase().split('::')
  const words = (text: string) => (text ? text.split(':') : [])
  const [before, after] = [words(head), words(tail ?? '')]
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  const all = [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after]
  return `${all
    .slice(0, 4)
    .map((word) => word.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
