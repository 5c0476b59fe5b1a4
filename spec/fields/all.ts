/** The fields of all sections, by pattern: a pointer with `*` for indexes and free keys. */
import type { Field } from './index.ts'
import { linuxFields } from './linux.ts'
import { processFields } from './process.ts'
import { resourceFields } from './resources.ts'
import { seccompFields } from './seccomp.ts'
import { topFields } from './top.ts'

export const FIELDS: Readonly<Record<string, Field>> = {
  ...topFields,
  ...processFields,
  ...linuxFields,
  ...resourceFields,
  ...seccompFields,
}
