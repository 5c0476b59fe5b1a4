/** The fields of all sections, by pattern: a pointer with `*` for indexes and free keys. */
import type { Field } from './index.ts'
import { topFields } from './top.ts'

export const FIELDS: Readonly<Record<string, Field>> = { ...topFields }
