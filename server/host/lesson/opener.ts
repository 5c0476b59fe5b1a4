/** Opens a lesson's pages in a sandbox: copies files, starts what runs out of sight, types what runs in sight. Each once. */
import { randomBytes } from 'node:crypto'
import { type Assets, MAX_PARTS, type OpenPage, type ServerMessage } from '../../protocol/index.ts'
import { type AgentChannel, AgentError } from '../agent/channel.ts'

/** What has been done is written down in the sandbox, so that a later host process knows it, too. */
const PLACE = '/var/lib/runclab/lessons'
const RUN = { timeoutMs: 10_000, maxOutput: 2000 }
/** The web process reads the files and sends them. */
const ASSETS_MS = 30_000
const UNPACK_MS = 60_000

/** A tab that can be answered. */
export interface Asker {
  send(message: ServerMessage): void
}

export interface Terminals {
  /** Makes sure that terminals 1, 2, … of these names are there; a name may be empty. */
  open(names: readonly string[]): void
  /** Types a line into a terminal as soon as its shell waits for one. */
  type(number: number, line: string): Promise<void>
}

interface Gathering {
  parts: Buffer[]
  resolve: (parts: Buffer[] | null) => void
}

export class PageOpener {
  readonly #connect: () => Promise<AgentChannel>
  readonly #terminals: Terminals
  /** One page after the other, whichever tab asks. */
  #queue: Promise<void> = Promise.resolve()
  readonly #gathering = new Map<string, Gathering>()

  constructor(connect: () => Promise<AgentChannel>, terminals: Terminals) {
    this.#connect = connect
    this.#terminals = terminals
  }

  /** Resolves when it is done or has failed; the asking tab is told. Never rejects. */
  open(asker: Asker, page: OpenPage): Promise<void> {
    const { lesson, page: slug } = page
    const tell = (state: 'copying' | 'done' | 'failed', message = '') =>
      asker.send({ type: 'opening', lesson, page: slug, state, message })
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#open(asker, page, () => tell('copying'))
        tell('done')
      } catch (error) {
        const why = error instanceof AgentError ? error.message : String((error as Error).message)
        tell(
          'failed',
          `This lesson could not be prepared in your sandbox: ${why}. Start over gives you a fresh one.`,
        )
      }
    })
    return this.#queue
  }

  /** A part of what was asked for with `want-assets`. Others are ignored. */
  assets({ lesson, part, of, data }: Assets): void {
    const gathering = this.#gathering.get(lesson)
    if (!gathering) return
    if (of === 0) return gathering.resolve(null)
    if (part !== gathering.parts.length || of > MAX_PARTS) return
    gathering.parts.push(Buffer.from(data, 'base64'))
    if (gathering.parts.length === of) gathering.resolve(gathering.parts)
  }

  async #open(asker: Asker, page: OpenPage, copying: () => void): Promise<void> {
    const { lesson, page: slug, intro, foreground, background } = page
    const channel = await this.#connect()
    const place = `${PLACE}/${lesson}`
    if (!(await this.#is(channel, 'test -e "$1/ready"', place))) {
      await this.#must(channel, 'mkdir -p "$1"', place)
      if (page.assets) {
        copying()
        await this.#copy(channel, asker, lesson, place)
      }
      if (page.folders.length > 0) await this.#folders(channel, page.folders)
      // Killercoda's scripts read from it how a port is reached.
      await this.#must(
        channel,
        'mkdir -p /etc/killercoda /var/log/killercoda && echo http://localhost:PORT > /etc/killercoda/host && : > "$1/ready"',
        place,
      )
    }
    // The name of a folder can be taken once: whoever makes it does the rest.
    const first = async (name: string) => this.#is(channel, 'mkdir "$1" 2>/dev/null', `${place}/${name}`)
    if (await first('.begun')) {
      this.#terminals.open(page.terminals)
      if (intro?.background) await this.#background(channel, place, 'intro', intro.background)
      await this.#foreground(channel, place, 'intro', page.message, intro?.foreground ?? null)
      for (const [index, command] of page.commands.entries())
        if (command) void this.#terminals.type(index + 1, command)
    }
    if ((foreground || background) && (await first(slug))) {
      if (background) await this.#background(channel, place, slug, background)
      await this.#foreground(channel, place, slug, '', foreground)
    }
  }

  /** One that cannot be made is said when something is to be put there. */
  async #folders(channel: AgentChannel, folders: readonly string[]): Promise<void> {
    await channel.run(['/bin/mkdir', '-p', '--', ...folders], RUN)
  }

  /** The files as one archive, which the sandbox's own tar unpacks: what it then does to itself is the learner's business. */
  async #copy(channel: AgentChannel, asker: Asker, lesson: string, place: string): Promise<void> {
    const parts = await this.#gather(asker, lesson)
    const staging = `${place}/in-${randomBytes(6).toString('hex')}`
    await this.#must(channel, 'mkdir "$1"', staging)
    for (const [index, bytes] of parts.entries()) {
      const { ok } = await channel.save(`${staging}/${String(index).padStart(3, '0')}`, null, bytes)
      if (!ok) throw new AgentError('the files were in the way of each other')
    }
    await this.#must(
      channel,
      'cd / && cat "$1"/* | tar -xzpf - --no-same-owner -C / && rm -rf "$1"',
      staging,
      UNPACK_MS,
    )
  }

  #gather(asker: Asker, lesson: string): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      const end = (parts: Buffer[] | null) => {
        clearTimeout(timer)
        this.#gathering.delete(lesson)
        if (parts) resolve(parts)
        else reject(new AgentError('its files could not be read'))
      }
      const timer = setTimeout(end, ASSETS_MS, null)
      this.#gathering.set(lesson, { parts: [], resolve: end })
      asker.send({ type: 'want-assets', lesson })
    })
  }

  async #background(channel: AgentChannel, place: string, name: string, script: string): Promise<void> {
    const file = await this.#script(channel, place, `${name}-background`, script)
    const log = `/var/log/killercoda/${name}-background`
    // In a session of its own: it goes on when the agent is gone.
    const start = `cd /root && setsid ${starter(script)} "$1" </dev/null >"$2_stdout.log" 2>"$2_stderr.log" &`
    await this.#must(channel, start, file, RUN.timeoutMs, log)
  }

  /** A script of one line is typed as it is; a longer one from its file, into the shell that the learner goes on with. */
  async #foreground(
    channel: AgentChannel,
    place: string,
    name: string,
    message: string,
    script: string | null,
  ): Promise<void> {
    const lines = (script ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    if (message.trim() !== '') {
      const file = await this.#script(channel, place, `${name}-message`, `${message.trimEnd()}\n`)
      void this.#terminals.type(1, `cat ${file}`)
    }
    if (lines.length === 0) return
    const isShell = isShellScript(script!)
    if (lines.length === 1 && isShell && lines[0]!.length < 200)
      return void this.#terminals.type(1, lines[0]!.trim())
    const file = await this.#script(channel, place, `${name}-foreground`, script!)
    void this.#terminals.type(1, isShell ? `. ${file}` : file)
  }

  async #script(channel: AgentChannel, place: string, name: string, text: string): Promise<string> {
    const file = `${place}/${name}.sh`
    await this.#must(channel, 'rm -f "$1"', file)
    const { ok } = await channel.save(file, null, new TextEncoder().encode(text))
    if (!ok) throw new AgentError(`${file} is in the way`)
    await this.#must(channel, 'chmod 755 "$1"', file)
    return file
  }

  async #is(channel: AgentChannel, script: string, argument: string): Promise<boolean> {
    return (await channel.run(['/bin/bash', '-c', script, 'lab', argument], RUN)).status === 0
  }

  async #must(
    channel: AgentChannel,
    script: string,
    argument: string,
    timeoutMs = RUN.timeoutMs,
    more = '',
  ): Promise<void> {
    const { status, output, timedOut } = await channel.run(
      ['/bin/bash', '-c', script, 'lab', argument, more],
      { ...RUN, timeoutMs },
    )
    if (timedOut) throw new AgentError('it took too long')
    if (status !== 0)
      throw new AgentError(output.trim().split('\n').at(-1) || `a command ended with ${status}`)
  }
}

const isShellScript = (script: string) => !script.startsWith('#!') || /^#!.*\b(ba|da|a)?sh\b/.test(script)
const starter = (script: string) => (script.startsWith('#!') ? '' : '/bin/bash')
