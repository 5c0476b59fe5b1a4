/** Binary frames: terminal bytes with the terminal they belong to and their place in its stream. Both directions are alike. */

/** terminal: uint32, offset: uint64, both big-endian. */
export const FRAME_HEADER_BYTES = 12
/** Of an offset, the part that each of its two words counts. */
const HALF = 2 ** 32

export interface TerminalFrame {
  terminal: number
  /** Where in the stream the first byte of `bytes` stands. Output: since the terminal began. Input: since this client began. */
  offset: number
  bytes: Uint8Array
}

export function encodeFrame({ terminal, offset, bytes }: TerminalFrame): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, terminal)
  // In two halves: a bigint for each key and each piece of output would be garbage.
  view.setUint32(4, Math.floor(offset / HALF))
  view.setUint32(8, offset % HALF)
  frame.set(bytes, FRAME_HEADER_BYTES)
  return frame
}

/** The frame, sharing memory with `data`; null if it is too short or its offset is beyond 2^53. */
export function decodeFrame(data: Uint8Array): TerminalFrame | null {
  if (data.byteLength < FRAME_HEADER_BYTES) return null
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const offset = view.getUint32(4) * HALF + view.getUint32(8)
  if (!Number.isSafeInteger(offset)) return null
  return { terminal: view.getUint32(0), offset, bytes: data.subarray(FRAME_HEADER_BYTES) }
}
