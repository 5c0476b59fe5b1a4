/** The lab's router: a network namespace of its own with a firewall and a name server, which no rule of the host depends on. */
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../log.ts'
import { now } from '../life/clock.ts'
import { run } from '../providers/runc/run.ts'
import { type Egress, GATEWAY, nameServer, RESOLVER, ruleset, UPLINK } from './policy.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const START_MS = 10_000
/** Pauses before the router is started again. */
const PAUSES = [200, 1000, 5000, 30_000]
/** Nobody's: what runs there holds no rights on this host. */
const UID = 65534

/**
 * pasta connects the namespace with this host's own connections, as an ordinary program without rights: nothing is
 * forwarded by the host, and its firewall stays as it is. It may open a tun device of our own making, because the
 * host's is often root's alone. The shell inside waits for the firewall, then runs the name server for as long as its
 * standard input is open: if this process dies, however it dies, all of it ends.
 */
const START = `set -e
mount --bind "$TUN" /dev/net/tun
exec setpriv --reuid=${UID} --regid=${UID} --clear-groups --inh-caps=-all \
  pasta --foreground --quiet --ipv4-only --config-net --no-map-gw --dns-forward ${RESOLVER} --ns-ifname ${UPLINK} \
  --tcp-ports none --udp-ports none --tcp-ns none --udp-ns none -- /bin/sh -c "$INSIDE"`
const INSIDE = 'read -r go; dnsmasq "$@" & cat > /dev/null; kill $!'

export class Router {
  readonly #egress: Egress
  readonly #runDir: string
  readonly #log: Log
  readonly #onStarted: () => Promise<void>
  #child: ChildProcess | null = null
  #pid = 0
  #failures = 0
  #closed = false

  /** `onStarted`: it begins without any link, and may begin again at any time. */
  constructor(options: { egress: Egress; runDir: string; log: Log; onStarted: () => Promise<void> }) {
    this.#egress = options.egress
    this.#runDir = options.runDir
    this.#log = options.log
    this.#onStarted = options.onStarted
  }

  /** Whether it is there; otherwise sandboxes have no way out for the moment. */
  get isUp(): boolean {
    return this.#pid > 0
  }

  /** Rejects if it cannot be started now; it is tried again by itself. */
  async start(): Promise<void> {
    try {
      await this.#start()
      this.#failures = 0
      await this.#onStarted()
    } catch (error) {
      this.#again()
      throw error
    }
  }

  /** Runs `script` with /bin/sh in the router's network; its variables are `env`. */
  run(script: string, env: Record<string, string> = {}): Promise<string> {
    return this.#pid
      ? run('nsenter', ['--target', String(this.#pid), '--net', '/bin/sh', '-ec', script], { env })
      : Promise.reject(new Error('the router is not there'))
  }

  close(): void {
    this.#closed = true
    this.#child?.stdin?.end()
    this.#child?.kill('SIGKILL')
  }

  async #start(): Promise<void> {
    fs.mkdirSync(this.#runDir, { recursive: true, mode: 0o711 })
    const tun = path.join(this.#runDir, 'tun')
    fs.rmSync(tun, { force: true })
    await run('mknod', [tun, 'c', '10', '200'])
    fs.chownSync(tun, UID, UID)
    // As arguments they would have to be quoted for two shells.
    const inside = INSIDE.replace('"$@"', nameServer(this.#egress).join(' '))
    const child = spawn('unshare', ['--mount', '--propagation', 'private', '/bin/sh', '-c', START], {
      cwd: '/',
      env: { PATH, TUN: tun, INSIDE: inside } as unknown as NodeJS.ProcessEnv,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#child = child
    let said = ''
    child.stderr!.on('data', (chunk) => {
      said = (said + chunk).slice(-2000)
    })
    child.stdin!.on('error', () => {})
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject)
      child.once('exit', () => reject(new Error(said.trim() || 'pasta ended without a word')))
    })
    ended.catch(() => {})
    try {
      this.#pid = await Promise.race([this.#inside(child.pid!), ended])
      const own = Object.values(os.networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ family, internal }) => family === 'IPv4' && !internal)
        .map(({ address }) => address)
      await this.run(
        `echo 1 > /proc/sys/net/ipv4/ip_forward
        ip address add ${GATEWAY}/32 dev lo
        printf %s "$RULES" | nft -f -`,
        { RULES: ruleset(this.#egress, [...new Set(own)]) },
      )
      child.stdin!.write('go\n')
    } catch (error) {
      this.#pid = 0
      child.kill('SIGKILL')
      throw error
    }
    child.once('exit', () => {
      if (this.#child !== child) return
      this.#pid = 0
      if (!this.#closed) this.#log.warn({ said: said.trim() }, 'the router has ended, starting it again')
      this.#again()
    })
  }

  /** Process id of the program in the namespace, once the way out is configured there. */
  async #inside(pasta: number): Promise<number> {
    const deadline = now() + START_MS
    const mine = fs.readlinkSync('/proc/self/ns/net')
    while (now() < deadline) {
      for (const pid of children(pasta)) {
        try {
          const routes = fs.readFileSync(`/proc/${pid}/net/route`, 'utf8')
          if (fs.readlinkSync(`/proc/${pid}/ns/net`) !== mine && routes.includes(`${UPLINK}\t00000000`))
            return pid
        } catch {
          // Not yet, or not any more.
        }
      }
      await sleep(20)
    }
    throw new Error(`pasta did not connect within ${START_MS / 1000} s: has this host a way to the internet?`)
  }

  #again(): void {
    if (this.#closed) return
    const pause = PAUSES[Math.min(this.#failures++, PAUSES.length - 1)]!
    setTimeout(() => {
      if (this.#closed) return
      this.start().catch((error: Error) => this.#log.error({ error: error.message }, 'no router'))
    }, pause).unref()
  }
}

function children(pid: number): number[] {
  try {
    const list = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return list.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
