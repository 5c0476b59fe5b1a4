/** The contract, in one import. It knows zod and nothing else; it is the one server folder that the browser may import. */
export * from './errors.ts'
export * from './frames.ts'
export * from './ids.ts'
export * from './lens.ts'
export * from './messages.ts'
export * from './parse.ts'
export * from './tier.ts'
export * from './transport.ts'
