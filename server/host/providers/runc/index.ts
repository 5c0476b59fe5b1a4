/** The embedded provider: one user-namespaced runc container per sandbox, on this machine. */
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_TIER } from '../../../protocol/tier.ts'
import { bootId, now } from '../../life/clock.ts'
import { quarantine } from '../../quarantine.ts'
import { step } from '../../steps.ts'
import type {
  CreateOptions,
  ExecOptions,
  HostCommand,
  Pressure,
  SandboxInfo,
  SandboxProvider,
} from '../provider.ts'
import { architecture } from './architecture.ts'
import { availableCapabilities } from './capabilities.ts'
import { SandboxCgroups } from './cgroups.ts'
import { endProcesses } from './end.ts'
import { firstProcess, isEnding, isRunning } from './first-process.ts'
import { ID_MAP, IdRanges, whyNotShiftable } from './id-ranges.ts'
import { currentImage } from './image.ts'
import { type ImagePaths, imagePaths, sandboxPaths } from './paths.ts'
import { readRecord, type SandboxRecord, writeRecord } from './record.ts'
import { CommandError } from './run.ts'
import { type Limits, mostOpenFiles, type Totals } from './set-limits.ts'
import { makeSpec, PATH } from './spec.ts'
import { start } from './start.ts'
import { removeStrays } from './strays.ts'
import { RIGHTS } from './tiers.ts'
import { Unusable } from './unusable.ts'

export interface RuncProviderOptions {
  /** Names the cgroup that all sandboxes of this lab are under. */
  name: string
  stateDir: string
  runDir: string
  imageDir: string
  limits: Limits
  /** Of all sandboxes together. */
  totals: Totals
}

const ID = /^[a-z0-9]{20}$/

export class RuncProvider implements SandboxProvider {
  readonly #options: RuncProviderOptions
  readonly #cgroups: SandboxCgroups
  readonly #runcRoot: string
  readonly #image: ImagePaths
  /** An open folder of the image keeps a later build from clearing it away while no sandbox stands on it. */
  readonly #hold: number
  readonly #ranges = new IdRanges()
  /** Each sandbox can have host ids of its own. */
  #shiftable = false

  /** Throws if there is no sandbox image yet. */
  constructor(options: RuncProviderOptions, image = currentImage(options.imageDir)) {
    this.#options = options
    this.#cgroups = new SandboxCgroups(options.name, options.totals)
    const { missing } = this.#cgroups
    if (missing.length > 0) {
      throw new Unusable(
        `This host offers no cgroup controller for ${missing.join(', ')}: sandboxes would have no limits. Run: npm run doctor`,
      )
    }
    this.#runcRoot = path.join(options.runDir, 'runc')
    this.#image = image
    this.#hold = fs.openSync(image.dir, 'r')
    for (const dir of [path.join(options.stateDir, 'sandboxes'), this.#runcRoot]) {
      fs.mkdirSync(dir, { recursive: true, mode: 0o711 })
    }
  }

  async create(id: string, owner: string, options: CreateOptions = {}): Promise<SandboxInfo> {
    const { tier = DEFAULT_TIER, unsettled } = options
    if (!ID.test(id)) throw new Error(`not a sandbox id: ${id}`)
    const info: SandboxInfo = { id, owner, createdAt: Date.now(), bornAt: now(), tier }
    const at = sandboxPaths(this.#options.stateDir, id)
    fs.mkdirSync(at.dir, { mode: 0o711 })
    try {
      const idBase = (await this.#canShift()) ? this.#ranges.claim(at.dir) : ID_MAP.hostID
      // The record comes first: from here on `reconcile` knows what to clean up.
      const record: SandboxRecord = { ...info, image: this.#image.dir, idBase, boot: bootId(), unsettled }
      writeRecord(at.record, record)
      step('create.recorded')
      fs.mkdirSync(at.diskMount, { mode: 0o711 })
      fs.mkdirSync(at.rootfs, { mode: 0o711 })
      const { ownCgroups } = RIGHTS[tier]
      this.#cgroups.create(id, this.#options.limits, ownCgroups ? idBase : null)
      step('create.limited')
      fs.writeFileSync(at.config, JSON.stringify(this.#spec(record)))
      const device = await start(record, {
        at,
        image: this.#image,
        runcRoot: this.#runcRoot,
        makeProcs: this.#cgroups.makeProcsFile(id),
      })
      this.#cgroups.limitDisk(id, device, this.#options.limits)
      step('create.started')
      if (ownCgroups) await this.#opened(id)
      return info
    } catch (error) {
      // What is left then is found by the reaper; the first reason is the one to tell.
      await this.destroy(id).catch(() => {})
      throw error
    }
  }

  async assign(id: string, owner: string, options: Pick<CreateOptions, 'unsettled'> = {}) {
    // It ages from now on: how long it lay ready is no business of its learner.
    const assigned = { ...this.#known(id), owner, createdAt: Date.now(), bornAt: now(), ...options }
    step('assign.before')
    writeRecord(sandboxPaths(this.#options.stateDir, id).record, assigned)
    step('assign.after')
    return infoOf(assigned)
  }

  async settle(id: string): Promise<void> {
    const { unsettled, ...record } = this.#known(id)
    if (unsettled) writeRecord(sandboxPaths(this.#options.stateDir, id).record, record)
  }

  async reconcile(tell: (what: string) => void = () => {}): Promise<SandboxInfo[]> {
    const whole: SandboxRecord[] = []
    const { stateDir } = this.#options
    for (const id of this.#traces()) {
      const found = this.#judge(id)
      if (typeof found === 'string') {
        tell(`sandbox ${id}: ${found}`)
        continue
      }
      // An earlier host process may have paused it.
      this.#cgroups.freeze(id, false)
      whole.push(found)
      this.#ranges.keep(sandboxPaths(stateDir, id).dir, found.idBase)
    }
    step('adopt.found')
    await this.reap((id) => whole.some((record) => record.id === id))
    const folders = new Set(whole.map(({ id }) => sandboxPaths(stateDir, id).dir))
    this.#ranges.releaseAllBut(path.join(stateDir, 'sandboxes'), folders)
    return whole.map(infoOf)
  }

  async reap(known: (id: string) => boolean): Promise<string[]> {
    const strangers = this.#traces().filter((id) => !known(id))
    for (const id of strangers) await this.destroy(id)
    const stray = await removeStrays(this.#options.stateDir, known)
    return [...strangers.map((id) => `sandbox ${id}`), ...stray]
  }

  /** Ids of which anything is there: a folder, runtime state, a cgroup. */
  #traces(): string[] {
    const all = new Set([
      ...fs.readdirSync(path.join(this.#options.stateDir, 'sandboxes')),
      ...fs.readdirSync(this.#runcRoot),
      ...this.#cgroups.list(),
    ])
    // A cgroup of this name may hold others' children too, if somebody has named the lab "docker".
    return [...all].filter((id) => ID.test(id))
  }

  /** Process id on this host of the sandbox's first process; null if there is none. */
  firstProcess(id: string): number | null {
    return firstProcess(this.#runcRoot, id)?.pid ?? null
  }

  async isAlive(id: string): Promise<boolean> {
    const first = firstProcess(this.#runcRoot, id)
    return first !== null && isRunning(first)
  }

  isLimited(id: string): boolean {
    const first = firstProcess(this.#runcRoot, id)
    return first === null || this.#cgroups.holds(id, first.pid) || isEnding(first)
  }

  async destroy(id: string): Promise<void> {
    step('destroy.before')
    this.#cgroups.freeDisk(id, sandboxPaths(this.#options.stateDir, id).disk)
    await endProcesses(id, this.#cgroups, firstProcess(this.#runcRoot, id))
    step('destroy.killed')
    fs.rmSync(path.join(this.#runcRoot, id), { recursive: true, force: true })
    step('destroy.state-gone')
    const { dir } = sandboxPaths(this.#options.stateDir, id)
    fs.rmSync(dir, { recursive: true, force: true })
    // Only now: until its last process and file are gone, nobody else may have these ids.
    this.#ranges.release(dir)
  }

  /** Why all sandboxes of this host share one range of ids; null if each has its own. Tried for real. */
  sharedIds(): Promise<string | null> {
    const { idmap, rootfs, launch } = this.#image
    return whyNotShiftable({ idmap, rootfs, scratch: path.dirname(launch) })
  }

  /** Ends every sandbox and removes what they have in common. For tests and for the image's making. */
  async dispose(): Promise<void> {
    for (const id of this.#cgroups.list()) if (ID.test(id)) await this.destroy(id)
    this.#cgroups.removeParent()
    fs.closeSync(this.#hold)
  }

  /** Bytes of memory the kernel charges to a sandbox. */
  memoryBytes(id: string): number {
    return this.#cgroups.memoryBytes(id)
  }

  pause(id: string, on: boolean): boolean {
    return this.#cgroups.freeze(id, on)
  }

  pressureReader(): (id: string) => Pressure {
    return this.#cgroups.pressureReader()
  }

  cgroupName(id: string): string {
    return `/${this.#options.name}/${id}`
  }

  diskBytes(id: string): number {
    const disk = fs.statSync(sandboxPaths(this.#options.stateDir, id).disk, { throwIfNoEntry: false })
    return (disk?.blocks ?? 0) * 512
  }

  imageTime(id: string): number {
    const image = readRecord(sandboxPaths(this.#options.stateDir, id).record)?.image ?? this.#image.dir
    // The template is the last that is made of an image; a sandbox made in the same second would be a strange one.
    return Math.ceil(fs.statSync(imagePaths(image).template).ctimeMs / 1000) + 1
  }

  /** What keeps terminals open while the host process is exchanged. */
  get hold(): string {
    return this.#image.hold
  }

  command(id: string, argv: string[], options: ExecOptions): HostCommand {
    const env = { PATH, HOME: '/root', LANG: 'C.UTF-8', ...options.env }
    const args = ['--root', this.#runcRoot, 'exec']
    if (options.tty) args.push('--tty')
    if (options.detach) args.push('--detach')
    args.push('--user', '0:0', '--cwd', options.cwd ?? '/root')
    for (const [name, value] of Object.entries(env)) args.push('--env', `${name}=${value}`)
    return { file: this.#image.launch, args: [this.#image.runc, ...args, id, ...argv] }
  }

  async #canShift(): Promise<boolean> {
    // A failure is tried again with the next sandbox: it may have been one of the moment.
    this.#shiftable ||= (await this.sharedIds()) === null
    return this.#shiftable
  }

  #spec({ id, tier, idBase }: SandboxRecord) {
    const at = sandboxPaths(this.#options.stateDir, id)
    return makeSpec({
      tier,
      hostname: 'lab',
      ids: { ...ID_MAP, hostID: idBase },
      rootfs: at.rootfs,
      dockerDir: path.join(at.diskMount, 'docker'),
      containerdDir: path.join(at.diskMount, 'containerd'),
      cgroupsPath: this.#cgroups.boxPath(id),
      openFiles: Math.min(this.#options.limits.openFiles, mostOpenFiles()),
      ptys: this.#options.limits.ptys,
      capabilities: availableCapabilities(),
      optionalDevices: [
        { path: '/dev/fuse', major: 10, minor: 229 },
        { path: '/dev/net/tun', major: 10, minor: 200 },
      ].filter((device) => fs.existsSync(device.path)),
      architecture: architecture().seccomp,
      timeNamespaces: fs.existsSync('/proc/self/ns/time'),
    })
  }

  /** Resolves when process 1 is ready for programs to enter the sandbox. */
  async #opened(id: string): Promise<void> {
    const deadline = now() + 10_000
    while (!this.#cgroups.isOpen(id)) {
      if (!(await this.isAlive(id)) || now() > deadline)
        throw new CommandError(
          'the sandbox could not be started: its first process did not prepare its cgroups',
        )
      await sleep(1)
    }
  }

  /** Throws if it is none of ours. */
  #known(id: string): SandboxRecord {
    const record = readRecord(sandboxPaths(this.#options.stateDir, id).record)
    if (!record) throw new Error(`sandbox ${id} has no record`)
    return record
  }

  /** The record of one that can go on, or why it cannot. */
  #judge(id: string): SandboxRecord | string {
    const { stateDir } = this.#options
    const file = sandboxPaths(stateDir, id).record
    const record = readRecord(file)
    if (!record && fs.existsSync(file)) {
      const copy = quarantine(stateDir, file, { keep: true })
      return `its record is damaged${copy ? `; a copy is in ${copy}` : ''}`
    }
    if (record?.id !== id) return 'it has no record'
    const first = firstProcess(this.#runcRoot, id)
    if (record.boot !== bootId()) return 'it is from before a restart of this machine'
    if (!first || !isRunning(first)) return 'its first process is not there'
    if (!fs.existsSync(record.image)) return 'the image it stands on is gone'
    if (!this.#cgroups.holds(id, first.pid)) return 'its processes are not in its cgroups'
    if (record.unsettled) return "its learner's files were not all in it yet"
    return record
  }
}

/** What others than the provider need to know of a record. */
const infoOf = ({ image: _, idBase: __, boot: ___, unsettled: ____, ...info }: SandboxRecord): SandboxInfo =>
  info
