/** From readings to rows: which configuration the container was made from, and each of its fields beside the kernel's fact. */
import { decode } from '../go/decode.ts'
import { readTree } from '../pointer.ts'
import type { Container, Readings } from './facts.ts'
import { errorOf, parseNode, textOf } from './facts.ts'
import { cgroupRows } from './families/cgroups.ts'
import { fileRows } from './families/files.ts'
import { kernelRows } from './families/kernel.ts'
import { limitRows } from './families/limits.ts'
import { namespaceRows } from './families/namespaces.ts'
import { privilegeRows, userRows } from './families/privileges.ts'
import { processRows } from './families/process.ts'
import { remainingRows, runcRows } from './families/rest.ts'
import { type Context, makeContext, type Row, show } from './row.ts'
import { configFromState, type JsonObject, parseJson, parseState, type RuncState, valueAt } from './state.ts'

/**
 * start: the file as it was when the container was created. unchanged: the file as it is, and it is older than the
 * container. state: the file has been edited since and its start was not seen, so it is what runc kept of it.
 */
export type Origin = 'start' | 'unchanged' | 'state'

export interface Asked {
  config: JsonObject
  /** Its text; null if it is put together from runc's state. */
  text: string | null
  origin: Origin
}

/** What the container was made from; null while too little has been read. */
export function askedOf(
  container: Container,
  readings: Readings,
): { asked: Asked | null; state: RuncState | null } {
  const state = parseState(textOf(readings, `b ${container.dir}/state.json`))
  const start = textOf(readings, `c ${container.dir}`)
  const captured = parseJson(start)
  if (captured) return { asked: { config: captured, text: start, origin: 'start' }, state }
  const file = `${container.bundle}/config.json`
  const text = textOf(readings, `b ${file}`)
  const now = parseJson(text)
  const written = parseNode(textOf(readings, `s ${file}`))?.mtimeMs
  const createdMs = Date.parse(container.created)
  if (now && written !== undefined && written <= createdMs + 1)
    return { asked: { config: now, text, origin: 'unchanged' }, state }
  if (!state) return { asked: null, state }
  return { asked: { config: configFromState(state), text: null, origin: 'state' }, state }
}

export interface Look {
  container: Container
  asked: Asked
  state: RuncState | null
  context: Context
  rows: Row[]
}

export interface LookOptions {
  /** The file in the bundle as it is now, for marks of what has been edited since; without it, what the collector has read. */
  now?: string | null
}

/** Everything there is to say about a container; null until the first readings are complete enough. */
export function look(container: Container, readings: Readings, options: LookOptions = {}): Look | null {
  const { asked, state } = askedOf(container, readings)
  if (!asked) return null
  const context = makeContext(container, asked.config, state, readings)
  const made = rowsOf(context, asked.text === null ? [] : unknownKeys(asked.text))
  const now = parseJson(options.now ?? textOf(readings, `b ${container.bundle}/config.json`))
  return {
    container,
    asked,
    state,
    context,
    rows: now ? made.map((each) => markEdited(each, asked, now)) : made,
  }
}

/** `rows(config text, facts)` in one call, for a configuration that is known. */
export function rows(
  configText: string,
  facts: { container: Container; readings: Readings },
  options: LookOptions = {},
): Row[] {
  const readings = { ...facts.readings, [`c ${facts.container.dir}`]: { text: configText } }
  return look(facts.container, readings, options)?.rows ?? []
}

let lastText = ''
let lastUnknown: string[] = []

/** Pointers to keys that are no fields of runc's. The file seldom changes, so the last answer is kept. */
function unknownKeys(text: string): string[] {
  if (text === lastText) return lastUnknown
  const tree = readTree(text)
  lastUnknown = tree
    ? decode(text, tree).oddKeys.flatMap(({ pointer, field }) => (field === null ? [pointer] : []))
    : []
  lastText = text
  return lastUnknown
}

function rowsOf(c: Context, unknown: string[]): Row[] {
  const gone =
    c.container.phase === 'stopped' || c.container.phase === 'gone' || c.container.phase === 'creating'
  const made = [
    ...processRows(c),
    ...userRows(c),
    ...privilegeRows(c),
    ...limitRows(c),
    ...namespaceRows(c),
    ...fileRows(c),
    ...kernelRows(c),
    ...cgroupRows(c),
    ...runcRows(c),
  ]
  const all = [
    ...made,
    ...remainingRows(
      c,
      made,
      (pointer) => !unknown.some((each) => pointer === each || pointer.startsWith(`${each}/`)),
    ),
  ]
  return gone ? all.map((each) => afterTheEnd(each, c)).filter((each) => each.asked !== null) : all
}

/** Without a process there are no facts; a cgroup may outlive it. */
function afterTheEnd(each: Row, c: Context): Row {
  if (
    each.family === 'runc' ||
    (each.family === 'cgroup' && each.got !== null && each.pointer !== '/linux/cgroupsPath')
  )
    return each
  const why =
    c.container.phase === 'creating'
      ? 'The container is being created.'
      : 'Its process has ended, and with it everything that the kernel kept for it.'
  return { ...each, got: null, value: undefined, verdict: 'not-applied', why }
}

function markEdited(each: Row, asked: Asked, now: JsonObject): Row {
  // What runc's state does not tell cannot be compared.
  const before = valueAt(asked.config, each.pointer)
  if (asked.origin === 'state' && (before === undefined || !COMPARABLE.test(each.pointer))) return each
  const after = valueAt(now, each.pointer)
  if (JSON.stringify(before) === JSON.stringify(after)) return each
  return { ...each, edited: after === undefined ? 'nothing' : (show(after) ?? '') }
}

/** Fields that come back from runc's state as they were written. */
const COMPARABLE =
  /^\/(hostname|domainname|process\/(noNewPrivileges|oomScoreAdj|capabilities\/)|root\/readonly|linux\/(maskedPaths|readonlyPaths|sysctl|uidMappings|gidMappings|resources\/(memory|cpu|pids)\/))/

/** Why a reading is missing, for people; null if it is there or was not asked for. */
export const failure = (readings: Readings, entry: string): string | null => errorOf(readings, entry)
