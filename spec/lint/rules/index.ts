/** All rules over the decoded file, each a function that reports what it finds. */
import type { Context } from '../context.ts'
import { capabilityRules } from './capabilities.ts'
import { deviceRules } from './devices.ts'
import { hookRules } from './hooks.ts'
import { linuxRules } from './linux.ts'
import { mountRules } from './mounts.ts'
import { namespaceRules } from './namespaces.ts'
import { processRules } from './process.ts'
import { programRules } from './program.ts'
import { resourceRules } from './resources.ts'
import { ownerRules, rootRules } from './root.ts'
import { schedulingRules } from './scheduling.ts'
import { seccompRules } from './seccomp.ts'
import { sysctlRules } from './sysctl.ts'
import { userRules } from './users.ts'

export type Rule = (context: Context) => void

export const RULES: readonly Rule[] = [
  processRules,
  programRules,
  capabilityRules,
  schedulingRules,
  rootRules,
  ownerRules,
  mountRules,
  hookRules,
  namespaceRules,
  userRules,
  resourceRules,
  deviceRules,
  sysctlRules,
  seccompRules,
  linuxRules,
]
