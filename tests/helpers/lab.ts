/** Real labs for tests: the built host and web processes under a name and in folders of their own, and no trace of them afterwards. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseConfig } from '../../server/config.ts'
import { SandboxCgroups } from '../../server/host/providers/runc/cgroups.ts'
import { currentImage } from '../../server/host/providers/runc/image.ts'
import { RuncProvider } from '../../server/host/providers/runc/index.ts'
import { HOLD_SOCKET } from '../../server/host/terminals/hand-over.ts'

export const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..')
/** As `npm start` runs them. */
const { nodeCommand, promptly } = (await import(
  pathToFileURL(path.join(ROOT, 'scripts/run/node.mjs')).href
)) as {
  nodeCommand(name: string, from: { root: string }): string[]
  promptly(config: { imageDir: string }, command: string[]): string[]
}
/** The image that setup has built; tests share it and never change it. */
const IMAGE_DIR = parseConfig(process.env).imageDir

/** Environment of a lab that collides with no other. */
export function labEnvironment(extra: Record<string, string> = {}) {
  const name = `test-${process.pid}-${randomBytes(3).toString('hex')}`
  // Not /tmp: that is often kept in memory, and on cgroup v2 a sandbox's disk would then be charged as its memory.
  const dir = fs.mkdtempSync(path.join('/var/tmp', `${name}-`))
  fs.chmodSync(dir, 0o711)
  const secret = path.join(dir, 'secret')
  fs.writeFileSync(secret, randomBytes(32).toString('hex'))
  const env: Record<string, string> = {
    LAB_NAME: name,
    LAB_STATE_DIR: path.join(dir, 'state'),
    LAB_RUN_DIR: path.join(dir, 'run'),
    LAB_IMAGE_DIR: IMAGE_DIR,
    LAB_WEB_SECRET_FILE: secret,
    LAB_LOG_LEVEL: 'warn',
    PORT: '0',
    HOST: '127.0.0.1',
    // Tests count what is there: nothing is made in advance unless they ask for it.
    LAB_WARM_MAX: '0',
    ...extra,
  }
  return { name, dir, env }
}

/** A provider of its own for tests that need no server. Call `dispose` at the end. */
export function testProvider(extra: Record<string, string> = {}) {
  const { dir, env } = labEnvironment(extra)
  const config = parseConfig(env)
  const provider = new RuncProvider(config)
  const dispose = async () => {
    await provider.dispose()
    fs.rmSync(dir, { recursive: true, force: true })
  }
  return { provider, config, dir, dispose }
}

/** A started program of the lab. */
interface Started {
  child: ChildProcess
  url: string
  /** What it wrote to standard error. */
  log: () => string
}

async function startProgram(
  program: 'host' | 'web',
  env: Record<string, string>,
  root: string,
  via: string[] = [],
): Promise<Started> {
  const command = promptly({ imageDir: IMAGE_DIR }, nodeCommand(program, { root }))
  const [file = '', ...args] = [...via, ...command]
  const child = spawn(file, args, {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let log = ''
  child.stderr!.on('data', (chunk) => {
    log += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('message', (message: { url?: string }) =>
      resolve({ child, url: message.url ?? '', log: () => log }),
    )
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the ${program} process ended with ${code}: ${log}`)))
  })
}

const hasEnded = ({ child }: Started) => child.exitCode !== null || child.signalCode !== null

async function endOf(started: Started | null): Promise<void> {
  if (started && !hasEnded(started)) await once(started.child, 'exit')
}

async function stopProgram(started: Started | null, signal: NodeJS.Signals): Promise<void> {
  if (!started || hasEnded(started)) return
  const ended = once(started.child, 'exit')
  started.child.kill(signal)
  await ended
}

export class TestLab {
  readonly name: string
  readonly dir: string
  readonly env: Record<string, string>
  #via: string[] = []
  #host: Started | null = null
  #web: Started | null = null

  /** The checkout whose servers and site are run. */
  readonly #root: string

  private constructor(environment: ReturnType<typeof labEnvironment>, root: string) {
    this.#root = root
    this.name = environment.name
    this.dir = environment.dir
    this.env = environment.env
  }

  /** `extra`: further environment variables of the lab. `via`: a command that runs the host process somewhere else. */
  static async start(
    extra: Record<string, string> = {},
    { host = true, web = true, via = [] as string[], root = ROOT } = {},
  ): Promise<TestLab> {
    const lab = new TestLab(labEnvironment(extra), root)
    lab.#via = via
    try {
      if (host) await lab.startHost()
      if (web) await lab.startWeb()
    } catch (error) {
      await lab.stop()
      throw error
    }
    return lab
  }

  /** Address of the site, such as `http://localhost:41234`; the same after a restart of the web process. */
  get url(): string {
    return this.#web!.url
  }

  get hostSocket(): string {
    return path.join(this.env.LAB_RUN_DIR!, 'host.sock')
  }

  get hostPid(): number {
    return this.#host!.child.pid!
  }

  get webPid(): number {
    return this.#web!.child.pid!
  }

  get hostLog(): string {
    return this.#host?.log() ?? ''
  }

  get webLog(): string {
    return this.#web?.log() ?? ''
  }

  /** What the web process signs cookies with. */
  get secret(): string {
    return fs.readFileSync(this.env.LAB_WEB_SECRET_FILE!, 'utf8')
  }

  /** Looks at the sandboxes from outside. */
  provider(): RuncProvider {
    return new RuncProvider(parseConfig(this.env))
  }

  async startHost(): Promise<void> {
    const { hold } = currentImage(this.env.LAB_IMAGE_DIR!)
    const via = [...this.#via, hold, 'take', path.join(this.env.LAB_RUN_DIR!, HOLD_SOCKET)]
    this.#host = await startProgram('host', this.env, this.#root, via)
  }

  async startWeb(): Promise<void> {
    // The port stays, as it would for a lab that starts its web process again.
    if (this.#web) this.env.PORT = new URL(this.#web.url).port
    this.#web = await startProgram('web', this.env, this.#root)
  }

  /** Exchanges the host process as the supervisor does when it is told to: sandboxes and shells go on. */
  async restartHost(): Promise<void> {
    const { child } = this.#host!
    const ended = once(child, 'exit')
    child.send('restart')
    await ended
    await this.startHost()
  }

  /** Resolves when the process has ended by itself, or by somebody else's hand. */
  async hostEnded(): Promise<void> {
    await endOf(this.#host)
  }

  async webEnded(): Promise<void> {
    await endOf(this.#web)
  }

  async killHost(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await stopProgram(this.#host, signal)
  }

  async killWeb(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await stopProgram(this.#web, signal)
  }

  /** Stops everything and removes every trace; call it also after failures. */
  async stop(): Promise<void> {
    await stopProgram(this.#web, 'SIGTERM')
    await stopProgram(this.#host, 'SIGTERM')
    await this.#releaseShells()
    if (fs.existsSync(this.env.LAB_STATE_DIR!)) await this.provider().dispose()
    fs.rmSync(this.dir, { recursive: true, force: true })
  }

  /** Shells that a host process has left to a next one, when there is to be none: they count as taken. */
  async #releaseShells(): Promise<void> {
    const holder = net.connect(path.join(this.env.LAB_RUN_DIR!, HOLD_SOCKET))
    holder.once('connect', () => holder.write('k'))
    holder.once('error', () => {})
    await new Promise((resolve) => holder.resume().once('close', resolve))
  }

  /** Ids of sandboxes that have any cgroup. */
  sandboxIds(): string[] {
    return new SandboxCgroups(this.name).list()
  }
}
