/** One cable per sandbox to the router: its address, and what the sandbox is told about it. */
import { createHash } from 'node:crypto'
import type { Log } from '../../log.ts'
import type { SandboxProvider } from '../providers/provider.ts'
import { run } from '../providers/runc/run.ts'
import { GATEWAY, portOf } from './policy.ts'
import type { Router } from './router.ts'

/** Addresses 100.64.16.1 to 100.64.79.254; sandboxes are fewer. */
const FIRST = (100 << 24) + (64 << 16) + (16 << 8) + 1
const COUNT = 64 * 256 - 2

/** In the router's network: the cable, with its other end in the sandbox. */
const PLUG = `ip link add "$DEVICE" type veth peer name eth0 netns "$PID"
ip link set "$DEVICE" up
ip route add "$ADDRESS" dev "$DEVICE"
nft add element inet lab links "{ $DEVICE . $ADDRESS }"`
const UNPLUG = `nft delete element inet lab links "{ $DEVICE . $ADDRESS }" || true
ip link delete "$DEVICE" 2>/dev/null || true`
/** In the sandbox's network. IPv6 would only cost programs a failed attempt. */
const CONFIGURE = `ip address add "$ADDRESS/32" dev eth0
ip link set eth0 up
ip route add ${GATEWAY} dev eth0
ip route add default via ${GATEWAY} dev eth0 src "$ADDRESS"`
/** In the sandbox itself. */
const TELL = `set -e
printf 'nameserver ${GATEWAY}\\noptions edns0\\n' > /etc/resolv.conf
if [ -n "$MIRROR" ] && [ -e /etc/docker/daemon.json ]; then
  jq --arg url "$MIRROR" --arg host "$PLAIN" \
    '."registry-mirrors" = [$url] | if $host == "" then . else ."insecure-registries" = [$host] end' \
    /etc/docker/daemon.json > /etc/docker/.daemon.json
  mv /etc/docker/.daemon.json /etc/docker/daemon.json
fi`

export class Links {
  readonly #router: Router
  readonly #mirror: URL | null
  readonly #log: Log
  readonly #addresses = new Map<string, number>()

  constructor(router: Router, mirror: URL | null, log: Log) {
    this.#router = router
    this.#mirror = mirror
    this.#log = log
  }

  /** A sandbox that cannot be connected goes without, as all do where the lab lets nobody out. */
  async connect(id: string, pid: number, provider: Pick<SandboxProvider, 'command'>): Promise<void> {
    if (!this.#router.isUp) return
    const address = this.#address(id)
    const env = { DEVICE: deviceOf(id), PID: String(pid), ADDRESS: address }
    try {
      await this.#router.run(PLUG, env)
      await run('nsenter', ['--target', String(pid), '--net', '/bin/sh', '-ec', CONFIGURE], { env })
      const mirror = this.#mirror
      const { file, args } = provider.command(id, ['/bin/sh', '-c', TELL], {
        tty: false,
        env: {
          MIRROR: mirror?.href.replace(/\/$/, '') ?? '',
          PLAIN: mirror?.protocol === 'http:' ? `${mirror.hostname}:${portOf(mirror)}` : '',
        },
      })
      await run(file, args)
    } catch (error) {
      this.#log.error({ sandbox: id, error: (error as Error).message }, 'a sandbox has no network')
    }
  }

  /** After its end: the cable went with it, its address may be another's now. */
  async disconnect(id: string): Promise<void> {
    const n = this.#addresses.get(id)
    if (n === undefined) return
    if (this.#router.isUp)
      await this.#router.run(UNPLUG, { DEVICE: deviceOf(id), ADDRESS: dotted(n) }).catch(() => {})
    this.#addresses.delete(id)
  }

  #address(id: string): string {
    const known = this.#addresses.get(id)
    if (known !== undefined) return dotted(known)
    const taken = new Set(this.#addresses.values())
    for (let n = FIRST; n < FIRST + COUNT; n++) {
      if (taken.has(n)) continue
      this.#addresses.set(id, n)
      return dotted(n)
    }
    throw new Error('all addresses are in use')
  }
}

/** Names of devices have at most 15 characters. */
const deviceOf = (id: string) => `s-${createHash('sha256').update(id).digest('hex').slice(0, 12)}`
const dotted = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.')
