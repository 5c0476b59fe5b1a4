/** A real sandbox for one walk through a lesson, made and ended by the lab's own provider, under a name of its own. */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseConfig } from '../../server/config.ts'
import { AgentChannel, type RunResult } from '../../server/host/agent/channel.ts'
import { startHelper } from '../../server/host/agent/start.ts'
import type { Verdict } from '../../server/host/check.ts'
import { SandboxFiles } from '../../server/host/files.ts'
import { SandboxLens } from '../../server/host/lens/lens.ts'
import { PageOpener } from '../../server/host/lesson/opener.ts'
import { checkStep } from '../../server/host/lesson/step-check.ts'
import { RuncProvider } from '../../server/host/providers/runc/index.ts'
import type { Lesson, Page } from '../../server/lessons/lesson.ts'
import { createLog } from '../../server/log.ts'
import { archiveParts, openPage, watchCheck } from '../../server/web/lesson-messages.ts'
import type { PatchOperation } from '../../spec/edit.ts'
import { applyPatch } from '../../spec/edit.ts'
import { applyEdits } from '../../spec/text.ts'
import { Shell } from './shell.ts'

const AGENT = '/usr/lib/runclab/agent'
const LENS = '/usr/lib/runclab/lens'
const FILE_MS = 10_000

/** A lab of its own: nothing of a running one is touched. */
export class Bench {
  readonly provider: RuncProvider
  readonly #dir: string

  /** Throws if this machine cannot have sandboxes, or has no image yet. */
  constructor() {
    const name = `solve-${process.pid}-${randomBytes(3).toString('hex')}`
    this.#dir = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`))
    fs.chmodSync(this.#dir, 0o711)
    const { imageDir } = parseConfig(process.env)
    const own = {
      LAB_NAME: name,
      LAB_STATE_DIR: path.join(this.#dir, 'state'),
      LAB_RUN_DIR: path.join(this.#dir, 'run'),
    }
    this.provider = new RuncProvider(parseConfig({ ...process.env, ...own, LAB_IMAGE_DIR: imageDir }))
  }

  async end(): Promise<void> {
    await this.provider.dispose()
    fs.rmSync(this.#dir, { recursive: true, force: true })
  }
}

export class LessonSandbox {
  readonly #provider: RuncProvider
  readonly #id: string
  readonly #lesson: Lesson
  readonly #channel: AgentChannel
  readonly #lens: SandboxLens
  readonly #files: SandboxFiles
  readonly #opener: PageOpener
  readonly #shells = new Map<number, Shell>()

  private constructor(provider: RuncProvider, id: string, lesson: Lesson, channel: AgentChannel) {
    this.#provider = provider
    this.#id = id
    this.#lesson = lesson
    this.#channel = channel
    this.#lens = new SandboxLens(() => startHelper(provider, id, LENS), createLog('lesson', 'error'))
    this.#files = new SandboxFiles(async () => channel)
    this.#files.connected(channel)
    this.#opener = new PageOpener(async () => channel, {
      open: (names) => {
        for (const index of names.keys()) this.shell(index + 1)
      },
      type: (number, line) => this.shell(number).start(line),
    })
  }

  static async make({ provider }: Bench, lesson: Lesson): Promise<LessonSandbox> {
    const id = randomBytes(10).toString('hex')
    await provider.create(id, 'lesson', { tier: lesson.tier })
    const channel = new AgentChannel(startHelper(provider, id, AGENT), () => {})
    await channel.ready()
    return new LessonSandbox(provider, id, lesson, channel)
  }

  /** The terminal with this number, opened if need be. */
  shell(number: number): Shell {
    let shell = this.#shells.get(number)
    if (!shell || shell.ended) {
      shell = new Shell(
        number,
        (options) => this.#provider.command(this.#id, ['/bin/bash', '-l'], { tty: true, ...options }),
        this.#channel,
      )
      this.#shells.set(number, shell)
    }
    return shell
  }

  /** As when a learner comes to the page: files are copied, scripts run. Throws with a sentence if that fails. */
  async open(page: Page): Promise<void> {
    let failed = ''
    const answers = async () => {
      for (const part of await archiveParts(this.#lesson)) this.#opener.assets(part)
    }
    await this.#opener.open(
      {
        send: (message) => {
          if (message.type === 'want-assets') void answers()
          if (message.type === 'opening' && message.state === 'failed') failed = message.message
        },
      },
      openPage(this.#lesson, page),
    )
    if (failed) throw new Error(failed)
  }

  check(page: Page): Promise<Verdict> {
    return checkStep(this.#channel, () => this.#lens, watchCheck(this.#lesson, page))
  }

  run(script: string, timeoutMs: number): Promise<RunResult> {
    return this.#channel.run(['/bin/bash', '-c', script], { timeoutMs, maxOutput: 64 * 1024 })
  }

  /** Applies a JSON patch to a file as the editor does. Throws with a sentence if it does not fit. */
  patch(file: string, patch: readonly PatchOperation[]): Promise<void> {
    return this.change(file, (text) => {
      if (text === null) throw new Error(`there is no ${file}`)
      return applyEdits(text, applyPatch(text, patch))
    })
  }

  /** Gives a file its new text. `next` gets null if it is not there. */
  async change(file: string, next: (text: string | null) => string): Promise<void> {
    let stop = () => {}
    const before = await new Promise<{ hash: string | null; text: string | null }>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${file} cannot be read`)), FILE_MS)
      stop = this.#files.watch(file, (view) => {
        clearTimeout(timer)
        if (view.state === 'unreadable') reject(new Error(`${file} cannot be read: ${view.why}`))
        else
          resolve(view.state === 'text' ? { hash: view.hash, text: view.text } : { hash: null, text: null })
      })
    })
    try {
      const { saved } = await this.#files.save(file, before.hash, next(before.text))
      if (!saved) throw new Error(`${file} was changed by something else`)
    } finally {
      stop()
    }
  }

  async end(): Promise<void> {
    for (const shell of this.#shells.values()) shell.end()
    this.#lens.end()
    this.#channel.close()
    await this.#provider.destroy(this.#id)
  }
}
