/** What a check asks of the sandbox: files, containers, cgroups, and what the lens finds. */
import type { KernelCheck } from '../../protocol/step-check.ts'
import type { AgentChannel, RunResult } from '../agent/channel.ts'
import type { SandboxLens } from '../lens/lens.ts'

/** Whether something holds, and what is the case: a sentence, empty if there is nothing to say. */
export interface Finding {
  holds: boolean
  is: string
}

const FACT_MS = 3000
const MAX_FILE = 1024 * 1024

const MATCH = '[[ $1 =~ $2 ]] && printf %s "$BASH_REMATCH"'

const CGROUP = `
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  [ -n "$2" ] && exec cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")/$2"
elif [ -n "$3" ]; then
  controller=\${3%%/*}
  exec cat "/sys/fs/cgroup/$controller$(awk -F: -v c="$controller" '{ n = split($2, names, ","); for (i = 1; i <= n; i++) if (names[i] == c) print $3 }' "/proc/$1/cgroup")/\${3#*/}"
fi
exit 1`

/** What is asked of the sandbox for one verdict, each thing once. */
export class Facts {
  readonly #channel: AgentChannel
  readonly #lens: () => SandboxLens
  readonly #known = new Map<string, Promise<unknown>>()

  constructor(channel: AgentChannel, lens: () => SandboxLens) {
    this.#channel = channel
    this.#lens = lens
  }

  /** The version of cgroups in the sandbox. */
  cgroups(): Promise<'v1' | 'v2'> {
    return this.#once('cgroups', async () =>
      (await this.#run(['test', '-f', '/sys/fs/cgroup/cgroup.controllers'])).status === 0 ? 'v2' : 'v1',
    )
  }

  /** Null if it cannot be read. */
  text(path: string): Promise<string | null> {
    return this.#once(`text ${path}`, async () => {
      const { status, output } = await this.#run(['cat', '--', path], MAX_FILE)
      return status === 0 ? output : null
    })
  }

  /** What runc says of a container; null if it knows none. */
  container(id: string): Promise<{ status: string; pid: number } | null> {
    return this.#once(`container ${id}`, async () => {
      const { status, output } = await this.#run(['runc', 'state', id], 64 * 1024)
      if (status !== 0) return null
      try {
        const state = JSON.parse(output)
        return { status: String(state.status), pid: Number(state.pid) || 0 }
      } catch {
        return null
      }
    })
  }

  async cgroup(
    pid: number,
    { v1 = '', v2 = '' }: NonNullable<KernelCheck['cgroup']>,
  ): Promise<string | null> {
    const { status, output } = await this.#run(['/bin/bash', '-c', CGROUP, 'lab', String(pid), v2, v1], 4096)
    return status === 0 ? output : null
  }

  /** What of the text matches; null: nothing. In the sandbox, by bash: it can take for ever, and the text is the learner's. */
  async match(text: string, expression: string): Promise<string | null> {
    const short = text.slice(0, 32 * 1024).replaceAll('\0', ' ')
    const { status, output } = await this.#run(['/bin/bash', '-c', MATCH, 'lab', short, expression], 4096)
    return status === 0 ? output : null
  }

  /** Whether the kernel has what config.json asks for. */
  async inForce(id: string, pointer: string): Promise<Finding> {
    const found = await this.#once(`look ${id}`, () => this.#lens().ask(id))
    if (!found) return { holds: false, is: `there is no container ${id}` }
    const row = found.rows.find((each) => each.pointer === pointer)
    if (!row) return { holds: false, is: `${id} says nothing about ${pointer}` }
    const got = (row.got ?? 'nothing').slice(0, 200)
    return row.verdict === 'equal'
      ? { holds: true, is: `${pointer} is in force: ${got}` }
      : { holds: false, is: `in force is ${got}` }
  }

  #once<T>(key: string, find: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key) ?? find()
    this.#known.set(key, known)
    return known as Promise<T>
  }

  #run(argv: string[], maxOutput = 0): Promise<RunResult> {
    return this.#channel.run(argv, { timeoutMs: FACT_MS, maxOutput })
  }
}
