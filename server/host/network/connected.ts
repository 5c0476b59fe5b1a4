/** A provider whose sandboxes have a way out; everything else is as the provider within makes it. */
import type { Log } from '../../log.ts'
import type {
  CreateOptions,
  ExecOptions,
  HostCommand,
  Pressure,
  SandboxInfo,
  SandboxProvider,
} from '../providers/provider.ts'
import { Links } from './links.ts'
import type { Egress } from './policy.ts'
import { Router } from './router.ts'

/** What the network needs of a provider: a network namespace on this host to lay a cable to. */
export interface Reachable extends SandboxProvider {
  /** Process id on this host of the sandbox's first process; null if there is none. */
  firstProcess(id: string): number | null
}

export class ConnectedProvider implements SandboxProvider {
  readonly #inner: Reachable
  readonly #router: Router
  readonly #links: Links
  readonly #log: Log
  readonly #ids = new Set<string>()

  constructor(inner: Reachable, options: { egress: Egress; runDir: string; log: Log }) {
    this.#inner = inner
    this.#log = options.log
    this.#router = new Router({
      ...options,
      // All cables went with the router before.
      onStarted: async () => void (await Promise.all([...this.#ids].map((id) => this.#connect(id)))),
    })
    this.#links = new Links(this.#router, options.egress.mirror, options.log)
  }

  /** Resolves in any case: without a router sandboxes are as closed as by default, and it is tried again. */
  async start(): Promise<void> {
    await this.#router
      .start()
      .catch((error: Error) =>
        this.#log.error({ error: error.message }, 'sandboxes have no way out: npm run doctor'),
      )
  }

  close(): void {
    this.#router.close()
  }

  async create(id: string, owner: string, options?: CreateOptions): Promise<SandboxInfo> {
    const info = await this.#inner.create(id, owner, options)
    await this.#connect(id)
    return info
  }

  async reconcile(tell?: (what: string) => void): Promise<SandboxInfo[]> {
    const whole = await this.#inner.reconcile(tell)
    for (const { id } of whole) await this.#connect(id)
    return whole
  }

  async destroy(id: string): Promise<void> {
    this.#ids.delete(id)
    await this.#inner.destroy(id)
    await this.#links.disconnect(id)
  }

  assign(id: string, owner: string, options?: Pick<CreateOptions, 'unsettled'>): Promise<SandboxInfo> {
    return this.#inner.assign(id, owner, options)
  }

  settle(id: string): Promise<void> {
    return this.#inner.settle(id)
  }

  isLimited(id: string): boolean {
    return this.#inner.isLimited(id)
  }

  reap(known: (id: string) => boolean): Promise<string[]> {
    return this.#inner.reap(known)
  }

  isAlive(id: string): Promise<boolean> {
    return this.#inner.isAlive(id)
  }

  pause(id: string, on: boolean): boolean {
    return this.#inner.pause(id, on)
  }

  pressureReader(): (id: string) => Pressure {
    return this.#inner.pressureReader()
  }

  cgroupName(id: string): string {
    return this.#inner.cgroupName(id)
  }

  diskBytes(id: string): number {
    return this.#inner.diskBytes(id)
  }

  imageTime(id: string): number {
    return this.#inner.imageTime(id)
  }

  command(id: string, argv: string[], options: ExecOptions): HostCommand {
    return this.#inner.command(id, argv, options)
  }

  async #connect(id: string): Promise<void> {
    this.#ids.add(id)
    const pid = this.#inner.firstProcess(id)
    if (pid !== null) await this.#links.connect(id, pid, this.#inner)
  }
}
