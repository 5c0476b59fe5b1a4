/** What a sandbox may reach when the lab lets it out: the firewall's rules and the name server's arguments, as text. */

export interface Egress {
  /** `allow-list`: the named sites only; `open`: the public internet. */
  mode: 'allow-list' | 'open'
  /** Names that an allow-list lets through, with everything below them. */
  names: readonly string[]
  /** Of one sandbox, each way. */
  kilobytesPerSecond: number
  /** Of one sandbox at a time. */
  connections: number
  /** A registry that Docker asks first; the one address in a private network that may be reached. */
  mirror: URL | null
}

/** The lab's own address on every link: gateway and name server. The range is set apart for links within a provider. */
export const GATEWAY = '100.64.0.1'
/** What is sent here, port 53, goes to the name server that this host uses. */
export const RESOLVER = '100.64.0.2'
/** The router's way out. */
export const UPLINK = 'up0'
const LINKS = '100.64.0.0/10'

/** Not public, or not meant to be talked to (RFC 6890). Cloud metadata is in the link-local range. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  LINKS,
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]
/** Mail between servers and from programs: what a taken-over sandbox would be used for first. */
const MAIL_PORTS = [25, 465, 587, 2525]
/** Names are asked for at the lab, nowhere else. */
const NAME_PORTS = [53, 853]
const NEW_PER_SECOND = 20
const NEW_BURST = 60

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

export const portOf = (url: URL) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80)

/**
 * Input of `nft -f`. `own`: this host's IPv4 addresses, which are as closed as private ones.
 * The sets `links` (device and address of each sandbox), `allowed` and `mirror` (filled by the name server) stay empty here.
 */
export function ruleset(egress: Egress, own: readonly string[]): string {
  const { mode, mirror, connections, kilobytesPerSecond } = egress
  const budget = `limit rate over ${kilobytesPerSecond} kbytes/second burst ${kilobytesPerSecond} kbytes`
  const mirrorAddress = mirror && IPV4.test(mirror.hostname) ? `elements = { ${mirror.hostname} }` : ''
  const meter = 'type ipv4_addr; size 65535; flags dynamic, timeout; timeout 1m;'
  return `
table inet lab {
  set links { type ifname . ipv4_addr; }
  set allowed { type ipv4_addr; size 65535; }
  set mirror { type ipv4_addr; ${mirrorAddress} }
  set not_public { type ipv4_addr; flags interval; elements = { ${NOT_PUBLIC.join(', ')} } }
  set own { type ipv4_addr; ${own.length > 0 ? `elements = { ${own.join(', ')} }` : ''} }
  set connections { type ipv4_addr; size 65535; flags dynamic; }
  set fresh { ${meter} }
  set sent { ${meter} }
  set received { ${meter} }

  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    iifname "${UPLINK}" ct state established,related accept
    iifname "${UPLINK}" drop
    iifname . ip saddr != @links drop
    update @sent { ip saddr ${budget} } drop
    # Not TCP: the name server has one process, which a silent connection would hold up for everybody.
    # And not counted as a connection: the kernel would remember each question for half a minute.
    ip daddr ${GATEWAY} udp dport 53 jump slowly
    ip daddr ${GATEWAY} icmp type echo-request accept
    reject with icmpx admin-prohibited
  }

  chain forward {
    type filter hook forward priority filter; policy drop;
    iifname "${UPLINK}" update @received { ip daddr ${budget} } drop
    iifname "${UPLINK}" ct state established,related accept
    iifname "${UPLINK}" drop
    oifname != "${UPLINK}" reject with icmpx admin-prohibited
    iifname . ip saddr != @links drop
    update @sent { ip saddr ${budget} } drop
    ct state established,related accept
    ${mirror ? `ip daddr @mirror tcp dport ${portOf(mirror)} jump begin` : ''}
    ip daddr @own reject with icmpx admin-prohibited
    ip daddr @not_public reject with icmpx admin-prohibited
    meta l4proto { tcp, udp } th dport { ${[...MAIL_PORTS, ...NAME_PORTS].join(', ')} } reject with icmpx admin-prohibited
    ${mode === 'allow-list' ? 'ip daddr != @allowed reject with icmpx admin-prohibited' : ''}
    meta l4proto tcp jump begin
    udp dport { 123, 443 } jump begin
    icmp type echo-request jump begin
    reject with icmpx admin-prohibited
  }

  chain slowly {
    ct state new update @fresh { ip saddr limit rate over ${NEW_PER_SECOND}/second burst ${NEW_BURST} packets } reject with icmpx admin-prohibited
    accept
  }

  chain begin {
    ct state new add @connections { ip saddr ct count over ${connections} } reject with icmpx admin-prohibited
    goto slowly
  }

  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr ${LINKS} oifname "${UPLINK}" masquerade
  }
}
`
}

/** Arguments of dnsmasq: with an allow-list it knows the listed names only, and opens the firewall for what they lead to. */
export function nameServer({ mode, names, mirror }: Egress): string[] {
  const mirrorName = mirror && !IPV4.test(mirror.hostname) ? mirror.hostname : null
  const upstream = (name: string) => `--server=/${name}/${RESOLVER}`
  return [
    // It is nobody already, and could not change that. It also means one process for all: see `udp dport 53` above.
    '--no-daemon',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--no-poll',
    '--bind-interfaces',
    `--listen-address=${GATEWAY}`,
    '--cache-size=2000',
    '--dns-forward-max=300',
    // Sandboxes have IPv4 only: an IPv6 address would cost a program a failed attempt.
    '--filter-AAAA',
    ...(mode === 'open'
      ? [`--server=${RESOLVER}`]
      : names.flatMap((name) => [upstream(name), `--nftset=/${name}/4#inet#lab#allowed`])),
    ...(mirrorName
      ? [
          upstream(mirrorName),
          `--nftset=/${mirrorName}/4#inet#lab#mirror`,
          `--rebind-domain-ok=/${mirrorName}/`,
        ]
      : []),
  ]
}
