/** All families of messages; of two that match, the earlier one counts. */
import type { Pattern } from '../pattern.ts'
import { commandPatterns } from './commands.ts'
import { filePatterns } from './file.ts'
import { isolationPatterns } from './isolation.ts'
import { limitPatterns } from './limits.ts'
import { processPatterns } from './process.ts'
import { securityPatterns } from './security.ts'
import { statePatterns } from './states.ts'

export const PATTERNS: readonly Pattern[] = [
  ...securityPatterns,
  ...limitPatterns,
  ...isolationPatterns,
  ...filePatterns,
  ...processPatterns,
  ...statePatterns,
  ...commandPatterns,
]
