/** All rules over the decoded file, each a function that reports what it finds. */
import type { Context } from '../context.ts'
import { processRules } from './process.ts'

export type Rule = (context: Context) => void

export const RULES: readonly Rule[] = [processRules]
