/** Keeps tabs told which bundles a sandbox has: looked for when something may have changed, never on a timer. */
import { type Bundle, Bundles, MAX_BUNDLES } from '../../protocol/index.ts'
import type { AgentChannel } from '../agent/channel.ts'
import { now } from '../life/clock.ts'

const TIMEOUT_MS = 4000
const MAX_OUTPUT = 64 * 1024
/** After a sign of change: what makes a bundle often goes on for a moment. */
const PAUSE_MS = 500
/** At least between two searches; and so many times as long as the last one took, where the disk is full of folders. */
const APART_MS = 1500
const APART_TIMES = 20

// What programs and images consist of is left out; so is what a rootfs holds. A config.json of something else, and
// there are many, has no ociVersion and no rootfs beside it.
const SCRIPT = `
find / -maxdepth 10 \\( -path /proc -o -path /sys -o -path /dev -o -path /usr -o -path /var/lib/docker \\
  -o -path /var/lib/containerd -o -path /var/lib/dpkg -o -name rootfs -o -name node_modules \\) -prune -o \\
  -type f -name config.json -size -2048 -print0 2>/dev/null | head -z -n 400 |
while IFS= read -r -d '' file; do
  if [ -e "\${file%/*}/rootfs" ] || grep -qsm1 '"ociVersion"' -- "$file"; then printf '%s\\0' "$file"; fi
done`

type Listener = (bundles: Bundle[]) => void

export class BundleWatch {
  readonly #connect: () => Promise<AgentChannel>
  readonly #listeners = new Set<Listener>()
  #latest: Bundle[] | null = null
  #timer: NodeJS.Timeout | null = null
  #searching = false
  #again = false
  #notBefore = 0

  constructor(connect: () => Promise<AgentChannel>) {
    this.#connect = connect
  }

  /** Calls `listener` with the bundles as soon as they are known, and after every change. Returns how to stop. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener)
    if (this.#latest) listener(this.#latest)
    this.#schedule(0)
    return () => this.#listeners.delete(listener)
  }

  /** Something happened in the sandbox. */
  poke(): void {
    if (this.#listeners.size === 0) return
    if (this.#searching) this.#again = true
    else this.#schedule(PAUSE_MS)
  }

  stop(): void {
    this.#listeners.clear()
    if (this.#timer) clearTimeout(this.#timer)
  }

  #schedule(inMs: number): void {
    if (this.#searching || this.#timer) return
    const wait = Math.max(inMs, this.#notBefore - now())
    this.#timer = setTimeout(() => void this.#search(), wait)
  }

  async #search(): Promise<void> {
    this.#timer = null
    this.#again = false
    this.#searching = true
    const began = now()
    const found = await this.#find().catch(() => null)
    this.#searching = false
    const took = now() - began
    this.#notBefore = now() + Math.max(APART_MS, APART_TIMES * took)
    if (found && JSON.stringify(found) !== JSON.stringify(this.#latest)) {
      this.#latest = found
      for (const listener of this.#listeners) listener(found)
    }
    // Without an answer: the next sign of change tries again.
    if (this.#again && this.#listeners.size > 0) this.#schedule(PAUSE_MS)
  }

  async #find(): Promise<Bundle[]> {
    const channel = await this.#connect()
    const { output } = await channel.run(['/bin/bash', '-c', SCRIPT], {
      timeoutMs: TIMEOUT_MS,
      maxOutput: MAX_OUTPUT,
    })
    // The last one may be cut off.
    const paths = output.split('\0').slice(0, -1)
    const bundles = paths.map((path) => ({ path, docker: path.includes('/io.containerd.runtime.v2.task/') }))
    const sorted = bundles.sort((a, b) => Number(a.docker) - Number(b.docker) || (a.path < b.path ? -1 : 1))
    const valid = sorted.filter((bundle) => Bundles.shape.bundles.element.safeParse(bundle).success)
    return valid.slice(0, MAX_BUNDLES)
  }
}
