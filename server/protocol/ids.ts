/** The small values of the contract: identifiers, offsets, sizes and paths, each with the bounds that both sides enforce. */
import { z } from 'zod'
import { MAX_COLUMNS, MAX_ROWS } from './screen-size.ts'
import { TIERS } from './tier.ts'

/** One browser tab's socket-independent identity: input is counted per client, so that a retry is applied once. */
export const ClientId = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/)
export const MAX_TERMINAL_ID = 0xffff_ffff
/** One shell's terminal. An id is never used again, also not by a later host process. */
export const TerminalId = z.number().int().min(1).max(MAX_TERMINAL_ID)
/** What people call a terminal: the first is 1, and a lesson may ask for 2. A closed terminal's number is free again. */
export const TerminalNumber = z.number().int().min(1).max(32)
/** A count of bytes since the start of a stream; exact up to 2^53. */
export const Offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
export const Columns = z.number().int().min(2).max(MAX_COLUMNS)
export const Rows = z.number().int().min(1).max(MAX_ROWS)
/** An absolute path in the sandbox, without NUL bytes. */
export const SandboxPath = z
  .string()
  .max(4095)
  .regex(/^\/[^\0]*$/)
/** Lower-case hexadecimal SHA-256 of a file's bytes. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/)
/** A lesson's or a step's folder name. */
export const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/)

/** Files larger than this are neither shown in the editor nor saved. */
export const MAX_FILE_BYTES = 1024 * 1024

export const TierName = z.enum(TIERS, { error: `must be one of ${TIERS.join(', ')}` })
