/** What is known about each field of config.json, for hovers and for the course. */
import { parsePointer } from '../pointer.ts'
import { FIELDS } from './all.ts'

export interface Field {
  title: string
  /** What it is, in a sentence or two. */
  what: string
  /** Of numbers, such as `bytes`; null otherwise. */
  unit: string | null
  /** What `runc spec` writes, as JSON; null if it leaves the field out. */
  default: string | null
  /** What runc does with it. */
  runc: string
  /** The feature of the kernel behind it; null if there is none. */
  kernel: string | null
  /** A tiny piece of JSON, with its key. */
  example: string
}

/** Objects whose keys are free. */
const MAPS = new Set([
  '/annotations',
  '/linux/sysctl',
  '/linux/timeOffsets',
  '/linux/resources/rdma',
  '/linux/resources/unified',
])

/** A pointer with `*` for each index of a list and each free key. */
export function pattern(pointer: string): string {
  let at = ''
  for (const part of parsePointer(pointer)) at += /^(\d+|-)$/.test(part) || MAPS.has(at) ? '/*' : `/${part}`
  return at
}

/** What is known about the field that a pointer names; null if it is none of the specification's fields for Linux. */
export function describe(pointer: string): Field | null {
  const exact = pattern(pointer)
  // An entry of a list is described with the list.
  return FIELDS[exact] ?? (exact.endsWith('/*') ? FIELDS[exact.slice(0, -2)] : undefined) ?? null
}

/** The patterns of all fields that are described. */
export const describedFields = (): string[] => Object.keys(FIELDS)
