/** The lens, pure: from a container's configuration and what was read in the kernel to rows, pictures and sentences. */
export * from './capabilities.ts'
export * from './facts.ts'
export * from './gauges.ts'
export * from './look.ts'
export * from './plan.ts'
export { FAMILIES, type Family, type Row, type Verdict } from './row.ts'
export { type Json, type JsonObject, parseState, type RuncState, valueAt } from './state.ts'
export * from './timeline.ts'
