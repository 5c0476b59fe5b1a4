/** Whether a step is done: its script says so, and then each of its checks on meaning. */
import { isDeepStrictEqual } from 'node:util'
import { parsePointer } from '../../../spec/pointer.ts'
import type { Expectation, KernelCheck, RuncCheck, SpecCheck, StepCheck } from '../../protocol/step-check.ts'
import type { AgentChannel, RunResult } from '../agent/channel.ts'
import type { Verdict } from '../check.ts'
import type { SandboxLens } from '../lens/lens.ts'

export interface Wanted {
  script: string | null
  /** How the script says "passed". */
  rule: 'exit' | 'done'
  checks: StepCheck[]
  /** The file that checks mean, if they name none. */
  file: string
}

const SCRIPT_MS = 5000
const SCRIPT_OUTPUT = 2000
const FACT_MS = 3000
const MAX_FILE = 1024 * 1024

/** Rejects with AgentError. */
export async function checkStep(
  channel: AgentChannel,
  lens: () => SandboxLens,
  wanted: Wanted,
): Promise<Verdict> {
  if (wanted.script !== null) {
    const result = await channel.run(['/bin/bash', '-c', wanted.script], {
      timeoutMs: SCRIPT_MS,
      maxOutput: SCRIPT_OUTPUT,
    })
    if (result.timedOut) return { passed: false, message: 'The check took too long; it is tried again.' }
    if (!saysPassed(result, wanted.rule)) return { passed: false, message: shown(result, wanted.rule) }
  }
  if (wanted.checks.length === 0) return { passed: true, message: '' }
  const facts = new Facts(channel, lens)
  for (const check of wanted.checks) {
    if (check.when && check.when !== (await facts.cgroups())) continue
    const failed = await failure(check, wanted.file, facts)
    if (failed !== null)
      return { passed: false, message: failed === '' ? check.else : `${check.else} (${failed})` }
  }
  return { passed: true, message: '' }
}

/** `done`: exactly this, as the last line that is not empty. "not done" is none. */
function saysPassed({ status, output }: RunResult, rule: Wanted['rule']): boolean {
  if (rule === 'exit') return status === 0
  return output.trim().split('\n').at(-1)?.trim() === 'done'
}

const shown = ({ output }: RunResult, rule: Wanted['rule']) =>
  rule === 'done' && /^(not done|false|no)$/i.test(output.trim()) ? '' : output.trim()

/** Null if it holds; otherwise what is the case, as far as that helps. */
function failure(check: StepCheck, file: string, facts: Facts): Promise<string | null> {
  if (check.spec) return specFailure(check.spec, file, facts)
  if (check.runc) return runcFailure(check.runc, facts)
  return kernelFailure(check.kernel!, facts)
}

async function specFailure(check: SpecCheck, file: string, facts: Facts): Promise<string | null> {
  const path = check.file ?? file
  const text = await facts.text(path)
  if (text === null) return `there is no ${path}`
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return `${path} is not valid JSON now`
  }
  const value = at(document, check.pointer)
  if (check.matches === undefined || value === undefined) return holds(check, value) ? null : ''
  return (await facts.matches(typeof value === 'string' ? value : JSON.stringify(value), check.matches))
    ? null
    : ''
}

/** Undefined if there is nothing. */
function at(document: unknown, pointer: string): unknown {
  return parsePointer(pointer).reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(String(key)) ? value[Number(key)] : undefined
    if (value === null || typeof value !== 'object') return undefined
    return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
  }, document)
}

/** For all that needs no regular expression. */
export function holds({ equals, contains, exists }: Expectation, value: unknown): boolean {
  if (exists !== undefined) return (value !== undefined) === exists
  if (value === undefined) return false
  if (equals !== undefined) return isDeepStrictEqual(value, equals)
  if (typeof value === 'string') return typeof contains === 'string' && value.includes(contains)
  return Array.isArray(value) && value.some((item) => isDeepStrictEqual(item, contains))
}

async function runcFailure({ id, status }: RuncCheck, facts: Facts): Promise<string | null> {
  const now = (await facts.container(id))?.status ?? 'absent'
  if (status === 'present' ? now !== 'absent' : now === status) return null
  return now === 'absent' ? `there is no container ${id}` : `${id} is ${now}`
}

async function kernelFailure(check: KernelCheck, facts: Facts): Promise<string | null> {
  if (check.pointer !== undefined) return facts.inForce(check.id, check.pointer)
  const container = await facts.container(check.id)
  if (!container || container.pid === 0) return `${check.id} does not run`
  const text = check.proc
    ? await facts.text(`/proc/${container.pid}/${check.proc}`)
    : await facts.cgroup(container.pid, check.cgroup!)
  if (text === null) return ''
  const value = check.field === undefined ? text.trim() : fieldOf(text, check.field)
  if (value === null) return ''
  const right =
    check.equals !== undefined ? value === check.equals : await facts.matches(value, check.matches!)
  return right ? null : value.length < 80 && !value.includes('\n') ? `it is ${value}` : ''
}

/** What stands behind `field` and a colon, on its line. */
function fieldOf(text: string, field: string): string | null {
  const line = text.split('\n').find((each) => each.startsWith(`${field}:`))
  return line === undefined ? null : line.slice(field.length + 1).trim()
}

const CGROUP = `
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  [ -n "$2" ] && exec cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")/$2"
elif [ -n "$3" ]; then
  controller=\${3%%/*}
  exec cat "/sys/fs/cgroup/$controller$(awk -F: -v c="$controller" '{ n = split($2, names, ","); for (i = 1; i <= n; i++) if (names[i] == c) print $3 }' "/proc/$1/cgroup")/\${3#*/}"
fi
exit 1`

/** What is asked of the sandbox for one verdict, each thing once. */
class Facts {
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

  /** In the sandbox, by bash: an expression can take for ever, and the text is the learner's. */
  async matches(text: string, expression: string): Promise<boolean> {
    const short = text.slice(0, 32 * 1024).replaceAll('\0', ' ')
    return (await this.#run(['/bin/bash', '-c', '[[ $1 =~ $2 ]]', 'lab', short, expression])).status === 0
  }

  /** Null if the kernel has what config.json asks for. */
  async inForce(id: string, pointer: string): Promise<string | null> {
    const found = await this.#once(`look ${id}`, () => this.#lens().ask(id))
    if (!found) return `there is no container ${id}`
    const row = found.rows.find((each) => each.pointer === pointer)
    if (!row) return `${id} says nothing about ${pointer}`
    return row.verdict === 'equal' ? null : `in force is ${row.got}`
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
