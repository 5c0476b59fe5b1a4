/** A sandbox with the product's lens on it, and bundles in it: what the tests of the lens look at is always real. */
import assert from 'node:assert/strict'
import pino from 'pino'
import { startHelper } from '../../server/host/agent/start.ts'
import { SandboxLens } from '../../server/host/lens/lens.ts'
import type { SandboxProvider } from '../../server/host/providers/provider.ts'
import type { ServerMessage } from '../../server/protocol/index.ts'
import type { Look } from '../../spec/lens/look.ts'
import type { Row } from '../../spec/lens/row.ts'
import { newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a configuration is whatever a test makes of it
export type Config = any

/** What `runc spec` writes, without a terminal and with a program that stays. */
const PREPARE = `
set -e
mkdir -p /tmp/base/rootfs
cd /tmp/base
mkdir -p rootfs/bin rootfs/etc rootfs/proc rootfs/sys rootfs/dev rootfs/tmp rootfs/root
cp "$(command -v busybox)" rootfs/bin/busybox
for name in sh sleep umount cat tail dd true id; do ln -s busybox rootfs/bin/$name; done
echo root:x:0:0:root:/root:/bin/sh > rootfs/etc/passwd
runc spec
`

export class LensBox {
  readonly provider: SandboxProvider
  readonly id = newId()
  readonly lens: SandboxLens
  readonly #dispose: () => Promise<void>
  #base: Config
  readonly #tabs: (() => void)[] = []
  /** Containers whose program runs already, whatever the lens has seen of their start. */
  readonly #running = new Set<string>()

  private constructor() {
    const { provider, dispose } = testProvider()
    this.provider = provider
    this.#dispose = dispose
    this.lens = this.newLens()
  }

  /** Another lens, which has seen nothing of what was before. To be ended. */
  newLens(): SandboxLens {
    return new SandboxLens(
      () => startHelper(this.provider, this.id, '/usr/lib/runclab/lens'),
      pino({ level: 'silent' }),
    )
  }

  static async start(): Promise<LensBox> {
    const box = new LensBox()
    try {
      await box.provider.create(box.id, 'lens')
      await box.sh(PREPARE)
      box.#base = JSON.parse(await box.sh('cat /tmp/base/config.json'))
      box.#base.process.terminal = false
      box.#base.process.args = ['sleep', '1000']
    } catch (error) {
      await box.stop()
      throw error
    }
    return box
  }

  async stop(): Promise<void> {
    this.lens.end()
    await this.#dispose()
  }

  /** Runs a shell script in the sandbox; fails if it does. Returns what it printed. */
  async sh(script: string, { fails = false, timeoutMs = 30_000 } = {}): Promise<string> {
    const { status, stdout, stderr } = await sh(this.provider, this.id, script, { timeoutMs })
    if (status !== 0 && !fails) throw new Error(`exit ${status}: ${script}\n${stdout}${stderr}`)
    return stdout
  }

  /** Writes a bundle at /tmp/NAME. Returns its configuration. */
  async bundle(name: string, change: (config: Config) => void = () => {}): Promise<Config> {
    const config = structuredClone(this.#base)
    change(config)
    const text = Buffer.from(JSON.stringify(config, null, '\t')).toString('base64')
    await this.sh(
      `mkdir -p /tmp/${name} && cd /tmp/${name} && [ -e rootfs ] || cp -a /tmp/base/rootfs rootfs; echo ${text} | base64 -d > config.json`,
    )
    return config
  }

  /** Runs a container of its own bundle in the background. */
  async run(id: string, change?: (config: Config) => void): Promise<Config> {
    const config = await this.bundle(id, change)
    await this.sh(`cd /tmp/${id} && runc run -d ${id} < /dev/null > log 2>&1 || { cat log; exit 1; }`)
    this.#running.add(id)
    return config
  }

  /** Closes every tab that a test has left open: the collector would go on for it. */
  closeTabs(): void {
    for (const close of this.#tabs) close()
    this.#tabs.length = 0
  }

  /** What the lens says once `condition` holds; without one, once everything is read, which takes a slow machine a moment. */
  async look(
    id: string,
    condition: (look: Look) => unknown = ({ container, rows }) =>
      container.phase !== 'creating' &&
      !(container.phase === 'created' && this.#running.has(id)) &&
      rows.every((row) => row.why !== 'Not read yet.'),
  ): Promise<Look> {
    let last: Look | null = null
    return until(`the lens sees ${id}`, async () => {
      last = await this.lens.ask(id)
      return last && condition(last) ? last : null
    }).catch((error: Error) => {
      throw new Error(
        `${error.message}; it says ${JSON.stringify(last?.container)} ${JSON.stringify(
          last?.rows.filter((row) => row.verdict !== 'equal' && row.verdict !== 'default'),
          null,
          1,
        )}`,
      )
    })
  }

  /** A tab that looks; what it is told is kept. */
  watch(look: string[] = []) {
    const key = {}
    const messages: ServerMessage[] = []
    const say = (open: boolean, dirs: string[]) =>
      this.lens.watch(key, { type: 'watch-lens', open, look: dirs }, (message) => messages.push(message))
    say(true, look)
    const close = () => this.lens.leave(key)
    this.#tabs.push(close)
    return { messages, look: (dirs: string[]) => say(true, dirs), close }
  }
}

/** The row of a pointer; with `title` the one among several. */
export function rowOf(look: Look, pointer: string, title?: string): Row {
  const found = look.rows.filter(
    (row) => row.pointer === pointer && (title === undefined || row.title === title),
  )
  assert.equal(found.length, 1, `one row for ${pointer} ${title ?? ''}, not ${JSON.stringify(found)}`)
  return found[0]!
}

/** Fails unless the row has this verdict; shows the whole row if so. */
export function expect(
  look: Look,
  pointer: string,
  verdict: Row['verdict'],
  got?: string | RegExp,
  title?: string,
): Row {
  const row = rowOf(look, pointer, title)
  const seen = JSON.stringify(row, null, 1)
  assert.equal(row.verdict, verdict, seen)
  if (typeof got === 'string') assert.equal(row.got, got, seen)
  else if (got) assert.match(row.got ?? '', got, seen)
  return row
}
