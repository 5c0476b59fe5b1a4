/** Whether a step is done: its script says so, and then each of its checks on meaning. */
import { isDeepStrictEqual } from 'node:util'
import { parsePointer } from '../../../spec/pointer.ts'
import type { Expectation, KernelCheck, RuncCheck, SpecCheck, StepCheck } from '../../protocol/step-check.ts'
import type { AgentChannel, RunResult } from '../agent/channel.ts'
import type { Verdict } from '../check.ts'
import type { SandboxLens } from '../lens/lens.ts'
import { Facts, type Finding } from './facts.ts'

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
/** Longer values are not told in full. */
const MAX_SHOWN = 80

/** Rejects with AgentError. */
export async function checkStep(
  channel: AgentChannel,
  lens: () => SandboxLens,
  wanted: Wanted,
): Promise<Verdict> {
  let said = ''
  if (wanted.script !== null) {
    const result = await channel.run(['/bin/bash', '-c', wanted.script], {
      timeoutMs: SCRIPT_MS,
      maxOutput: SCRIPT_OUTPUT,
    })
    if (result.timedOut)
      return { passed: false, message: 'The check took too long; it is tried again.', trouble: true }
    said = shown(result, wanted.rule)
    if (!saysPassed(result, wanted.rule)) return { passed: false, message: said }
  }
  const facts = new Facts(channel, lens)
  const seen: string[] = []
  for (const check of wanted.checks) {
    if (check.when && check.when !== (await facts.cgroups())) continue
    const { holds, is } = await finding(check, wanted.file, facts)
    if (holds) seen.push(is)
    else return { passed: false, message: is === '' ? check.else : `${check.else} (${is})` }
  }
  return { passed: true, message: said, seen }
}

/** `done`: exactly this, as the last line that is not empty. "not done" is none. */
function saysPassed({ status, output }: RunResult, rule: Wanted['rule']): boolean {
  if (rule === 'exit') return status === 0
  return output.trim().split('\n').at(-1)?.trim() === 'done'
}

/** Without the word by which a script only answers. */
const shown = ({ output }: RunResult, rule: Wanted['rule']) =>
  rule === 'done'
    ? output
        .trim()
        .replace(/(^|\n)[^\S\n]*(not done|done|false|no)$/i, '')
        .trim()
    : output.trim()

function finding(check: StepCheck, file: string, facts: Facts): Promise<Finding> {
  if (check.spec) return specFinding(check.spec, file, facts)
  if (check.runc) return runcFinding(check.runc, facts)
  return kernelFinding(check.kernel!, facts)
}

async function specFinding(check: SpecCheck, file: string, facts: Facts): Promise<Finding> {
  const path = check.file ?? file
  const text = await facts.text(path)
  if (text === null) return { holds: false, is: `there is no ${path}` }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return { holds: false, is: `${path} is not valid JSON now` }
  }
  const value = at(document, check.pointer)
  const right =
    check.matches === undefined || value === undefined
      ? holds(check, value)
      : (await facts.match(typeof value === 'string' ? value : JSON.stringify(value), check.matches)) !== null
  return { holds: right, is: right ? inWords(check, value) : '' }
}

/** What the file says at that place. */
function inWords({ pointer, contains }: SpecCheck, value: unknown): string {
  if (value === undefined) return `${pointer} is not there`
  const short = JSON.stringify(contains ?? value)
  if (short.length > MAX_SHOWN) return `${pointer} is there`
  return contains === undefined ? `${pointer} is ${short}` : `${pointer} has ${short}`
}

function at(document: unknown, pointer: string): unknown {
  return parsePointer(pointer).reduce<unknown>((value, key) => {
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

async function runcFinding({ id, status }: RuncCheck, facts: Facts): Promise<Finding> {
  const now = (await facts.container(id))?.status ?? 'absent'
  return {
    holds: status === 'present' ? now !== 'absent' : now === status,
    is: now === 'absent' ? `there is no container ${id}` : `${id} is ${now}`,
  }
}

async function kernelFinding(check: KernelCheck, facts: Facts): Promise<Finding> {
  if (check.pointer !== undefined) return facts.inForce(check.id, check.pointer)
  const container = await facts.container(check.id)
  if (!container || container.pid === 0) return { holds: false, is: `${check.id} does not run` }
  const text = check.proc
    ? await facts.text(`/proc/${container.pid}/${check.proc}`)
    : await facts.cgroup(container.pid, check.cgroup!)
  if (text === null) return { holds: false, is: '' }
  const value = check.field === undefined ? text.trim() : fieldOf(text, check.field)
  if (value === null) return { holds: false, is: '' }
  const isShort = value.length < MAX_SHOWN && !value.includes('\n')
  const found = check.equals !== undefined ? check.equals : await facts.match(value, check.matches!)
  if (found === null || (check.equals !== undefined && value !== found))
    return { holds: false, is: isShort ? `it is ${value}` : '' }
  const name = check.field ?? check.proc ?? Object.values(check.cgroup!)[0]!.split('/').at(-1)!
  return { holds: true, is: `${name} is ${oneLine(isShort ? value : found)}` }
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_SHOWN)

/** What stands behind `field` and a colon, on its line. */
function fieldOf(text: string, field: string): string | null {
  const line = text.split('\n').find((each) => each.startsWith(`${field}:`))
  return line === undefined ? null : line.slice(field.length + 1).trim()
}
