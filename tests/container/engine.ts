/**
 * A Docker engine for tests, from Debian's packages: its storage, socket, mounts and network are its own, and nothing of it
 * is left. It builds with this machine's network; what it runs has none but its own.
 */
import { execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { until } from '../helpers/until.ts'

const DOCKER = '/usr/bin/docker'
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Why no engine can run here, in a sentence; null if one can. */
export function engineProblem(): string | null {
  for (const program of ['/usr/sbin/dockerd', DOCKER, '/usr/bin/docker-compose'])
    if (!fs.existsSync(program)) return `${program} is missing (Debian packages docker.io, docker-compose)`
  const tried = spawnSync('unshare', ['--net', '--mount', 'true'], { encoding: 'utf8' })
  if (tried.status !== 0) return `this machine makes no network namespace: ${tried.stderr.trim()}`
  return null
}

export class Engine {
  readonly dir: string
  readonly #name = `runclab-engine-${process.pid}`
  #daemon: ReturnType<typeof spawn> | null = null
  #log = ''

  /** `dir`: where everything of it is; kept between runs if it is given, so that layers need not be built again. */
  constructor(dir = fs.mkdtempSync(path.join(os.tmpdir(), 'engine-'))) {
    this.dir = dir
    fs.mkdirSync(dir, { recursive: true })
  }

  get env(): NodeJS.ProcessEnv {
    // Neither a registry login nor a context of whoever runs the tests.
    return {
      PATH: process.env.PATH,
      HOME: this.dir,
      DOCKER_HOST: `unix://${this.dir}/docker.sock`,
      DOCKER_BUILDKIT: '0',
    } as unknown as NodeJS.ProcessEnv
  }

  /**
   * `online`: with this machine's network, for building. Otherwise with a network of its own that leads nowhere. `here`: with
   * this machine's, which leads nowhere and has no packet filter; then ports are published by a proxy.
   */
  async start(where: { online: boolean } | 'here'): Promise<void> {
    const { dir } = this
    const online = where !== 'here' && where.online
    const own = where !== 'here' && !online
    // In a mount namespace of its own, so that all mounts end with it; and not with a containerd of the system.
    const before = `for place in /run/containerd /run/docker; do mkdir -p $place; mount -t tmpfs none $place; done; ${own ? 'ip link set lo up;' : ''}`
    const flags = [
      `--data-root=${dir}/data`,
      `--exec-root=${dir}/exec`,
      `--pidfile=${dir}/pid`,
      `--host=unix://${dir}/docker.sock`,
      // Under a name of its own, past systemd; but in a machine that is the test's alone as everywhere.
      ...(where === 'here'
        ? []
        : ['--exec-opt=native.cgroupdriver=cgroupfs', `--cgroup-parent=/${this.#name}`]),
      ...(online ? ['--bridge=none'] : []),
      ...(own ? [] : ['--iptables=false', '--ip6tables=false']),
    ]
    const namespaces = ['--mount', '--propagation=private', ...(own ? ['--net'] : [])]
    fs.rmSync(`${dir}/docker.sock`, { force: true })
    const daemon = spawn(
      'unshare',
      [...namespaces, 'sh', '-ec', `${before} exec dockerd "$@"`, 'sh', ...flags],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.#daemon = daemon
    daemon.stderr.on('data', (text) => {
      this.#log = (this.#log + text).slice(-20_000)
    })
    await until(
      'the engine answers',
      () => {
        if (daemon.exitCode !== null) throw new Error(`the engine ended: ${this.#log}`)
        return spawnSync(DOCKER, ['version'], { env: this.env }).status === 0
      },
      60_000,
    )
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon
    this.#daemon = null
    if (!daemon || daemon.exitCode !== null) return
    const gone = once(daemon, 'exit')
    daemon.kill('SIGTERM')
    await gone
  }

  /** Stops it and removes every trace. */
  async remove({ keep = false } = {}): Promise<void> {
    await this.stop()
    const cgroups = execFileSync(
      'find',
      ['/sys/fs/cgroup', '-ignore_readdir_race', '-depth', '-type', 'd', '-path', `*${this.#name}*`],
      { encoding: 'utf8' },
    )
    for (const dir of cgroups.split('\n').filter(Boolean)) fs.rmdirSync(dir)
    if (!keep) fs.rmSync(this.dir, { recursive: true, force: true })
  }

  /** Debian forky under the name that the Dockerfile wants: no registry of images is asked. */
  makeBase(tag: string): void {
    if (this.tryDocker(['image', 'inspect', tag]).status === 0) return
    const tar = path.join(this.dir, 'base.tar')
    // With the certificates that this machine trusts, should its way to the package registries need them.
    const trust = `mkdir -p "$1/usr/local/share" && cp ${CERTIFICATES} "$1/usr/local/share/machine-ca.pem"`
    const options = [
      '--variant=minbase',
      '--aptopt=Acquire::Check-Valid-Until "false"',
      // As the slim images of Debian leave out.
      ...['man', 'locale', 'doc', 'info'].map((what) => `--dpkgopt=path-exclude=/usr/share/${what}/*`),
      '--dpkgopt=path-include=/usr/share/doc/*/copyright',
      `--customize-hook=${trust}`,
    ]
    execFileSync('mmdebstrap', [...options, 'forky', tar], { stdio: 'pipe' })
    this.docker(['import', '--change', 'ENV NODE_EXTRA_CA_CERTS=/usr/local/share/machine-ca.pem', tar, tag])
    fs.rmSync(tar)
  }

  tryDocker(args: string[], { input = '' } = {}) {
    return spawnSync(DOCKER, args, { env: this.env, input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  }

  /** What it prints on standard output. */
  docker(args: string[], options: { input?: string } = {}): string {
    const { status, stdout, stderr } = this.tryDocker(args, options)
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${(stdout + stderr).slice(-4000)}`)
    return stdout.trim()
  }

  compose(args: string[], env: Record<string, string>): string {
    const { status, stdout, stderr } = spawnSync('docker-compose', args, {
      env: { ...this.env, ...env },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`docker-compose ${args.join(' ')}: ${(stdout + stderr).slice(-4000)}`)
    return stdout + stderr
  }

  /** A command that runs in the engine's own network. */
  inside(command: string[]): [file: string, args: string[]] {
    return [
      'nsenter',
      [`--net=/proc/${fs.readFileSync(`${this.dir}/pid`, 'utf8').trim()}/ns/net`, '--', ...command],
    ]
  }

  /** Runs such a command to its end. */
  run(command: string[], options: SpawnOptions = {}): string {
    const [file, args] = this.inside(command)
    return execFileSync(file, args, { encoding: 'utf8', ...(options as object) }) as unknown as string
  }

  get log(): string {
    return this.#log
  }
}
