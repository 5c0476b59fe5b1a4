/** A row of the lens: one field of config.json beside the fact in the kernel, and what families need to make one. */
import {
  type Container,
  errorOf,
  keyValues,
  type Mount,
  parseIdMap,
  parseMountinfo,
  type Readings,
  textOf,
} from './facts.ts'
import { type Json, type JsonObject, type RuncState, valueAt } from './state.ts'

/**
 * equal: in force as asked. differs: the kernel has something else, `why` says the reason. not-applied: not yet, no
 * longer, or nothing to apply it to. not-observable: the kernel shows it nowhere. default: not asked for; what is there.
 */
export type Verdict = 'equal' | 'differs' | 'not-applied' | 'not-observable' | 'default'

export const FAMILIES = [
  'process',
  'user',
  'privileges',
  'limits',
  'namespaces',
  'file system',
  'devices',
  'cgroup',
  'kernel',
  'runc',
] as const
export type Family = (typeof FAMILIES)[number]

export interface Row {
  /** JSON pointer into config.json, also for what is not asked for: where one would write it. */
  pointer: string
  family: Family
  /** A few words, such as `memory.limit`. */
  title: string
  /** As the file says; null if it says nothing. */
  asked: string | null
  /** As the kernel says; null if it says nothing. */
  got: string | null
  /** What is in force, in config.json's own shape and unit where it has one; undefined if that is not known. */
  value?: Json
  verdict: Verdict
  /** A sentence; empty where there is nothing to explain. */
  why: string
  /** The file that was read, in the sandbox; empty if none. */
  source: string
  /** Shell command that shows the same; empty if there is none. */
  command: string
  /** The file in the bundle asks for something else by now: what. Null if it does not. */
  edited: string | null
}

export type RowInput = Partial<Row> & Pick<Row, 'pointer' | 'family' | 'title'>

/** Everything that families look at. */
export interface Context {
  container: Container
  /** As it was when the container was created. */
  config: JsonObject
  state: RuncState | null
  readings: Readings
  /** The unified hierarchy carries the controllers. */
  v2: boolean
  status: Map<string, string>
  /** Of a process of the sandbox that nothing was done to. */
  sandboxStatus: Map<string, string>
  mounts: Mount[]
  sandboxMounts: Mount[]
  /** The container has no user namespace of its own. */
  sharesIds: boolean
  uidMap: ReturnType<typeof parseIdMap>
  gidMap: ReturnType<typeof parseIdMap>
  /** The text of the first of these entries that could be read; null if none. */
  text(...entries: string[]): string | null
  error(...entries: string[]): string | null
  /** The value at a pointer of the configuration. */
  at(pointer: string): Json | undefined
  /** `/proc/PID/name` of the container's first process. */
  proc(name: string): string
}

export function makeContext(
  container: Container,
  config: JsonObject,
  state: RuncState | null,
  readings: Readings,
): Context {
  const proc = (name: string) => `/proc/${container.pid}/${name}`
  const text = (...entries: string[]) => textOf(readings, ...entries)
  // Within one namespace the file tells how its parent sees it, which is not the question here.
  const sharesIds = text(`l ${proc('ns/user')}`) === text('l /proc/self/ns/user')
  const idMap = (kind: 'uid' | 'gid') =>
    sharesIds ? [{ inside: 0, outside: 0, count: 2 ** 32 - 1 }] : parseIdMap(text(`R ${proc(`${kind}_map`)}`))
  return {
    container,
    config,
    state,
    sharesIds,
    readings,
    v2: state !== null && Object.hasOwn(state.cgroupPaths, ''),
    status: keyValues(text(`r ${proc('status')}`)),
    sandboxStatus: keyValues(text('R /proc/self/status')),
    mounts: parseMountinfo(text(`R ${proc('mountinfo')}`)),
    sandboxMounts: parseMountinfo(text('R /proc/self/mountinfo')),
    uidMap: idMap('uid'),
    gidMap: idMap('gid'),
    text,
    error: (...entries) => errorOf(readings, ...entries),
    at: (pointer) => valueAt(config, pointer),
    proc,
  }
}

/** A value of config.json on one line. */
export function show(value: Json | undefined): string | null {
  if (value === undefined) return null
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ')
  return JSON.stringify(value)
}

/** Fills in what a family does not say: equality of texts, and no explanation. */
export function row(input: RowInput): Row {
  const asked = input.asked ?? null
  const got = input.got ?? null
  const verdict =
    input.verdict ??
    (got === null ? 'not-observable' : asked === null ? 'default' : asked === got ? 'equal' : 'differs')
  return { why: '', source: '', command: '', edited: null, ...input, asked, got, verdict }
}

/** For a file that could not be read: the row says so and why. */
export function unread(input: RowInput, c: Context, ...entries: string[]): Row {
  const error = c.error(...entries)
  return row({
    ...input,
    got: null,
    verdict: 'not-observable',
    why: input.why || (error ? `Could not read it: ${error}.` : 'Not read yet.'),
  })
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** 33554432 as "32 MiB"; exact, or with one decimal. */
export function bytes(value: number): string {
  let unit = 0
  let size = value
  while (unit < UNITS.length - 1 && Math.abs(size) >= 1024) {
    size /= 1024
    unit++
  }
  return unit === 0 ? `${value} bytes` : `${Number.isInteger(size) ? size : size.toFixed(1)} ${UNITS[unit]}`
}

export const sameSet = (one: readonly string[], other: readonly string[]) =>
  new Set(one).size === new Set(other).size && one.every((each) => other.includes(each))

export const strings = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

export const objects = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value)
    ? value.filter(
        (each): each is JsonObject => typeof each === 'object' && each !== null && !Array.isArray(each),
      )
    : []

export const objectAt = (c: Context, pointer: string): JsonObject => {
  const value = c.at(pointer)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

/** One shell word. */
export const quote = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
