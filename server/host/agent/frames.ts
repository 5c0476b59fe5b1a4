/** The bytes between the host process and the agent in a sandbox: frames both ways, and what their payloads mean. */

/** The agent's own bounds; a frame's length counts its kind, its id and its payload. */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024
export const MAX_AGENT_FILE_BYTES = 1024 * 1024
export const MAX_OUTPUT_BYTES = 1024 * 1024
export const MAX_RUN_MS = 600_000
/** The last is the one of today; an agent of before cannot look inside. A sandbox keeps its own when the lab is upgraded. */
export const AGENT_VERSIONS = ['1', '2']

const LENGTH_BYTES = 4
const HEAD_BYTES = 5
const MAX_WHY_BYTES = 512
/** Five numbers that are exact in JavaScript, and a name as the kernel keeps it. */
const INSIDE = /^(\d{1,15}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (.{0,15})$/s
const TOKEN = /^\d{1,20}(:\d{1,20}){3}$/

/** kind: W watch, U unwatch, S save, R run, I look inside; H hello, F file, D saved, X conflict, O output, I inside, E refused. */
export interface AgentFrame {
  kind: string
  /** uint32: of a watch or of a request. */
  id: number
  payload: Uint8Array
}

/** A file of the sandbox. `token` names one version of it; `why` is a sentence without a full stop. */
export type AgentFile =
  | { state: 'absent' }
  | { state: 'file'; token: string; bytes: Uint8Array }
  | { state: 'unreadable'; why: string }

export interface RunResult {
  /** As a shell has it: the exit code, 128 + n for signal n, 127 if there is no such program. */
  status: number
  /** Standard output and standard error as they came. */
  output: string
  timedOut: boolean
  /** There was more output than asked for. */
  truncated: boolean
}

/** What only a program in the sandbox can see of its limits. */
export interface Inside {
  blocks: number
  freeBlocks: number
  inodes: number
  freeInodes: number
  ptys: number
  /** The program that has nearly all the files open that it may, if there is one. */
  opener: string
}

/** Bytes that no agent of ours would send. */
export class MalformedFrame extends Error {}

export function encodeFrame(kind: string, id: number, ...parts: (Uint8Array | string)[]): Buffer {
  const payload = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const length = HEAD_BYTES + payload.length
  if (length > MAX_FRAME_BYTES) throw new RangeError(`A frame of ${length} bytes is too large.`)
  const head = Buffer.alloc(LENGTH_BYTES + HEAD_BYTES)
  head.writeUInt32LE(length, 0)
  head.write(kind, LENGTH_BYTES, 'latin1')
  head.writeUInt32LE(id, LENGTH_BYTES + 1)
  return Buffer.concat([head, payload])
}

/** Finds the frames in a stream that arrives in chunks of any size. Holds one frame of at most 2 MiB. */
export class FrameDecoder {
  private readonly length = Buffer.alloc(LENGTH_BYTES)
  private lengthHave = 0
  /** Filled in place: keeping the chunks would let a stream of single bytes hold far more memory than it has. */
  private body: Buffer | null = null
  private bodyHave = 0

  /** The frames that this chunk completes; their payloads do not share memory with it. Throws MalformedFrame. */
  push(chunk: Uint8Array): AgentFrame[] {
    const frames: AgentFrame[] = []
    for (let at = 0; at < chunk.length; ) {
      if (!this.body) {
        this.length[this.lengthHave++] = chunk[at++]!
        if (this.lengthHave < LENGTH_BYTES) continue
        const size = this.length.readUInt32LE(0)
        if (size < HEAD_BYTES || size > MAX_FRAME_BYTES) throw new MalformedFrame(`A frame of ${size} bytes.`)
        this.body = Buffer.allocUnsafeSlow(size)
        this.bodyHave = 0
        continue
      }
      const piece = chunk.subarray(at, at + this.body.length - this.bodyHave)
      this.body.set(piece, this.bodyHave)
      this.bodyHave += piece.length
      at += piece.length
      if (this.bodyHave < this.body.length) continue
      frames.push({
        kind: String.fromCharCode(this.body[0]!),
        id: this.body.readUInt32LE(1),
        payload: this.body.subarray(HEAD_BYTES),
      })
      this.body = null
      this.lengthHave = 0
    }
    return frames
  }
}

export const encodeWatch = (id: number, path: string) => encodeFrame('W', id, path)

export const encodeUnwatch = (id: number) => encodeFrame('U', id)

/** `token` null: the file must not exist. */
export const encodeSave = (id: number, path: string, token: string | null, bytes: Uint8Array) =>
  encodeFrame('S', id, `${token ?? '-'}\0${path}\0`, bytes)

export const encodeRun = (id: number, argv: string[], timeoutMs: number, maxOutput: number) =>
  encodeFrame('R', id, `${[timeoutMs, maxOutput, ...argv].join('\0')}\0`)

export const encodeLookInside = (id: number) => encodeFrame('I', id)

/** Payload of F and X. Throws MalformedFrame. */
export function decodeFile(payload: Uint8Array): AgentFile {
  const end = payload.indexOf(0)
  if (end < 1 || end > 96) throw new MalformedFrame('A file without a state.')
  const state = String.fromCharCode(payload[0]!)
  const rest = payload.subarray(end + 1)
  if (state === 'a') return { state: 'absent' }
  if (state === 'u') return { state: 'unreadable', why: decodeWords(rest) }
  if (state !== 't' || rest.length > MAX_AGENT_FILE_BYTES)
    throw new MalformedFrame('A file of no known state.')
  return { state: 'file', token: decodeToken(payload.subarray(1, end)), bytes: rest }
}

/** Payload of D. Throws MalformedFrame. */
export function decodeToken(payload: Uint8Array): string {
  const token = Buffer.from(payload.subarray(0, 100)).toString('latin1')
  if (!TOKEN.test(token)) throw new MalformedFrame('A token of another form.')
  return token
}

/** Payload of O; bytes that are not UTF-8 become U+FFFD. Throws MalformedFrame. */
export function decodeResult(payload: Uint8Array): RunResult {
  if (payload.length < 5 || payload.length > 5 + MAX_OUTPUT_BYTES)
    throw new MalformedFrame('A result too long.')
  const flags = payload[4]!
  return {
    status: new DataView(payload.buffer, payload.byteOffset).getInt32(0, true),
    output: new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload.subarray(5)),
    timedOut: (flags & 1) !== 0,
    truncated: (flags & 2) !== 0,
  }
}

/** Payload of I. Throws MalformedFrame. */
export function decodeInside(payload: Uint8Array): Inside {
  const found = INSIDE.exec(Buffer.from(payload.subarray(0, 200)).toString('latin1'))
  if (!found) throw new MalformedFrame('A look inside of another form.')
  const [blocks, freeBlocks, inodes, freeInodes, ptys] = found.slice(1, 6).map(Number)
  return {
    ...{ blocks: blocks!, freeBlocks: freeBlocks!, inodes: inodes!, freeInodes: freeInodes!, ptys: ptys! },
    opener: found[6]!.replace(/[^\x20-\x7e]/g, '?'),
  }
}

/** A sentence of the agent, as one short line: payload of E, and the reason in a file. */
export function decodeWords(payload: Uint8Array): string {
  return new TextDecoder().decode(payload.subarray(0, MAX_WHY_BYTES)).replace(/\p{Cc}+/gu, ' ')
}
