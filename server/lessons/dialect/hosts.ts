/** Addresses of ports and hosts that the platforms put into texts and scripts, made into what is true in the sandbox. */

/** What stands for an address in a lesson of Katacoda or Killercoda. */
const KATACODA_PORT =
  /(?:https?:\/\/)?(?:[\w-]+\.)*\[\[(HOST\d*|CLIENT\d*)_SUBDOMAIN\]\]-(\d{1,5})-\[\[(?:KATACODA_HOST|KATACODA_DOMAIN|HOST)\]\](?:\.environments\.katacoda\.com)?/g
const KATACODA_IP = /\[\[(HOST|CLIENT)(\d*)_IP\]\]/g
const TRAFFIC_PORT = /\{\{\s*TRAFFIC_HOST(\d*)_(\d{1,5})\s*\}\}/g
const TRAFFIC_SELECTOR = /\{\{\s*TRAFFIC_SELECTOR\s*\}\}/g

/** Where Killercoda's hosts are; the first one is the sandbox itself. */
const hostAddress = (n: number) => (n <= 1 ? '127.0.0.1' : `172.30.${n}.2`)
const hostName = (n: number) => (n <= 1 ? 'localhost' : hostAddress(n))

/** The page on which Killercoda lists ports. */
export const PORT_LIST = 'http://localhost/#ports'

/** The text with real addresses; it keeps its lines. */
export function withAddresses(text: string): string {
  if (!text.includes('[[') && !text.includes('TRAFFIC_')) return text
  return text
    .replace(KATACODA_PORT, (_, host: string, port: string) => `http://${hostName(numberOf(host))}:${port}`)
    .replace(KATACODA_IP, (_, __, n: string) => hostAddress(Number(n || 1)))
    .replace(TRAFFIC_PORT, (_, n: string, port: string) => `http://${hostName(Number(n || 1))}:${port}`)
    .replace(TRAFFIC_SELECTOR, PORT_LIST)
    .replace(/\[\[KATACODA_(?:HOST|DOMAIN)\]\]/g, 'katacoda.com')
    .replace(/\[\[(?:HOST|CLIENT)\d*_SUBDOMAIN\]\]/g, 'localhost')
}

const numberOf = (host: string) => Number(/\d+$/.exec(host)?.[0] ?? 1)

/** The port of an address in the sandbox; null for any other address. */
export function sandboxPort(href: string): { port: number; path: string } | null {
  if (!URL.canParse(href)) return null
  const url = new URL(href)
  if (!/^https?:$/.test(url.protocol) || !/^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])$/.test(url.hostname))
    return null
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  return { port, path: `${url.pathname}${url.search}`.replace(/^\/$/, '') }
}

/** The number of the further host that an address or a text means; null if it means none. */
export const furtherHost = (text: string): number | null =>
  Number(/\b172\.30\.([2-9])\.2\b/.exec(text)?.[1]) || null
