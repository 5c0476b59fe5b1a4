/** All families of messages; of two that match the earlier one counts. */
import type { Pattern } from '../pattern.ts'
import { processPatterns } from './process.ts'

export const PATTERNS: readonly Pattern[] = [...processPatterns]
