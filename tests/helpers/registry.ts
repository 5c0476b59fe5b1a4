/** A registry of its own on a real provider, and tabs that stand for browsers, for tests of who gets a sandbox and for how long. */
import assert from 'node:assert/strict'
import type { Peer } from '../../server/host/peer.ts'
import { Registry, type RegistryOptions } from '../../server/host/registry.ts'
import type { Session } from '../../server/host/session.ts'
import { createLog } from '../../server/log.ts'
import type { Ending, SandboxView, ServerMessage } from '../../server/protocol/index.ts'
import { testProvider } from './lab.ts'
import { NOTHING, residue } from './residue.ts'
import { until } from './until.ts'

const HOUR = 3_600_000
export const LIFE = {
  idleMs: HOUR,
  hiddenMs: HOUR,
  maxMs: HOUR,
  extensions: 1,
  extensionMs: HOUR,
  warnMs: 60_000,
}

export type Provider = ReturnType<typeof testProvider>['provider']

export interface Parts {
  registry: Registry
  provider: Provider
  stateDir: string
  join: (owner?: string, address?: string) => Tab
}

export async function withRegistry(
  options: Partial<RegistryOptions>,
  body: (parts: Parts) => Promise<void>,
): Promise<void> {
  const { provider, config, dispose } = testProvider()
  const log = createLog('test', 'silent')
  const all = {
    ...{ maxSandboxes: 2, maxPerAddress: 0, maxTerminals: 2, outputRate: 64_000_000, life: LIFE },
    warm: { min: 0, max: 0 },
    ...{
      limits: config.limits,
      stateDir: config.stateDir,
      runDir: config.runDir,
      save: config.save,
      sweepMs: 10,
      ...options,
    },
  }
  const registry = new Registry(provider, all, log)
  try {
    const join = (owner = 'somebody', address = '') => new Tab(registry, owner, address)
    await body({ registry, provider, stateDir: config.stateDir, join })
  } finally {
    await registry.close(true)
    await dispose()
  }
  assert.deepEqual(residue(config.name), NOTHING)
}

export class Tab implements Peer {
  readonly client = 'tab-of-somebody-here'
  readonly tier = 'docker'
  readonly messages: ServerMessage[] = []
  readonly #registry: Registry
  readonly owner: string

  constructor(registry: Registry, owner: string, address: string) {
    this.#registry = registry
    this.owner = owner
    registry.join(owner, this, address)
  }

  get session(): Session {
    return this.#registry.find(this.owner)!
  }

  /** How its sandbox is now; of one that has ended, how it ended. */
  get view(): SandboxView {
    const told = this.messages.findLast((message) => message.type === 'sandbox')
    return this.#registry.find(this.owner)?.view ?? (told as { sandbox: SandboxView }).sandbox
  }

  get ending(): Ending | null {
    const told = this.messages.findLast((message) => message.type === 'life')
    return told?.type === 'life' ? told.ending : null
  }

  /** Milliseconds its sandbox took, as it was told. */
  get startedMs(): number {
    return this.view.state === 'ready' ? this.view.startedMs : Number.NaN
  }

  send(message: ServerMessage) {
    this.messages.push(message)
  }

  sendBytes() {}

  leave() {
    this.session.leave(this)
  }

  /** Waits until its sandbox is ready. Returns its id. */
  async ready(): Promise<string> {
    await until(`${this.owner} has a sandbox`, () => this.view.state === 'ready')
    return this.session.id
  }

  async ended(): Promise<string> {
    const view = await until('it has ended', () => (this.view.state === 'ended' ? this.view : null))
    return view.state === 'ended' ? view.reason : ''
  }
}
