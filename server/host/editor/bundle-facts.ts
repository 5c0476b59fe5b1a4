/** The facts about a bundle that its config.json depends on: the rootfs, the program, its interpreter, mount sources, hooks. */
import path from 'node:path'
import type { BundleAnswer, BundleQuestion, ProgramFact } from '../../protocol/index.ts'
import type { AgentChannel } from '../agent/channel.ts'
import { Look } from './look.ts'

const TIMEOUT_MS = 3000
const HEAD_BYTES = 8192
const MAX_ENTRIES = 64

// "." keeps the names of a rootfs that is a link out of the output.
const ENTRIES = `cd -- "$1" && find . -mindepth 1 -maxdepth 1 -printf '%f\\0' 2>/dev/null | head -c 8192`
const HEAD = `[ -f "$1" ] && head -c ${HEAD_BYTES} -- "$1" | base64 -w0`

/** e_machine of ELF files, by its number. */
const MACHINES: Record<number, string> = {
  3: 'x86 (32 bit)',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC64',
  22: 's390x',
  40: 'ARM (32 bit)',
  62: 'x86-64',
  183: 'ARM64',
  243: 'RISC-V',
  258: 'LoongArch',
}
const OWN_MACHINE: Partial<Record<NodeJS.Architecture, number>> = {
  x64: 62,
  arm64: 183,
  riscv64: 243,
  s390x: 22,
}

/** Rejects with AgentError. */
export async function bundleFacts(
  channel: AgentChannel,
  bundle: string,
  question: BundleQuestion,
): Promise<BundleAnswer> {
  const look = new Look(channel)
  const rootfs = path.posix.resolve(bundle, question.rootfs)
  const [itself, outside, entries] = await Promise.all([
    look.itself(rootfs),
    look.outside(question.outside.map((each) => path.posix.resolve(bundle, each))),
    folder(channel, rootfs),
  ])
  const { target, ...fact } = itself
  const answer: BundleAnswer = {
    rootfs: {
      ...fact,
      ...(target !== undefined && { realPath: path.posix.resolve(path.posix.dirname(rootfs), target) }),
      ...(entries && { empty: entries.length === 0, entries: entries.slice(0, MAX_ENTRIES) }),
    },
    programs: [],
    paths: Object.fromEntries(
      question.outside.map((each) => [
        each,
        outside[path.posix.resolve(bundle, each)] ?? { kind: 'missing' },
      ]),
    ),
  }
  if (fact.kind === 'missing') return answer
  if (question.cwd) answer.cwd = (await look.inside(rootfs, [question.cwd]))[0]!.fact
  if (question.program)
    answer.programs = await programs(channel, look, rootfs, question.cwd ?? '/', question.program)
  return answer
}

async function programs(
  channel: AgentChannel,
  look: Look,
  rootfs: string,
  cwd: string,
  { name, path: folders }: NonNullable<BundleQuestion['program']>,
): Promise<ProgramFact[]> {
  const candidates = name.includes('/')
    ? [path.posix.resolve(cwd, name)]
    : folders.map((each) => path.posix.join(path.posix.resolve(cwd, each), name))
  const found = await look.inside(rootfs, candidates)
  const facts = found.map(({ fact }, i): ProgramFact => ({ path: candidates[i]!, ...fact }))
  // Only the one that would be run is read.
  const at = facts.findIndex(({ kind, mode = 0 }) => kind === 'file' && (mode & 0o111) !== 0)
  const chosen = at >= 0 ? at : facts.findIndex(({ kind }) => kind === 'file')
  if (chosen < 0) return facts
  const head = await readHead(channel, found[chosen]!.real)
  Object.assign(facts[chosen]!, describeProgram(head))
  const { interpreter } = facts[chosen]!
  if (interpreter) {
    const [there] = await look.inside(rootfs, [path.posix.resolve(cwd, interpreter)])
    facts[chosen]!.interpreterFound = there!.fact.kind === 'file'
  }
  return facts
}

/** What the first bytes of a program say about it. Exported for its test. */
export function describeProgram(
  head: Buffer,
): Pick<ProgramFact, 'format' | 'interpreter' | 'foreignMachine'> {
  if (head.length === 0) return { format: 'empty', interpreter: null }
  if (head.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return describeElf(head)
  const shebang = /^#![ \t]*([^ \t\n\r\0]+)/.exec(head.toString('latin1'))?.[1]
  if (shebang) return { format: 'script', interpreter: Buffer.from(shebang, 'latin1').toString() }
  // Text without a first line that names a program: shells would take it, the kernel does not.
  const isText = !head.subarray(0, 512).includes(0)
  return { format: isText ? 'script' : 'unknown', interpreter: null }
}

function describeElf(head: Buffer): Pick<ProgramFact, 'format' | 'interpreter' | 'foreignMachine'> {
  const is64 = head[4] === 2
  const little = head[5] !== 2
  const u16 = (at: number) =>
    at + 2 > head.length ? 0 : little ? head.readUInt16LE(at) : head.readUInt16BE(at)
  const u32 = (at: number) =>
    at + 4 > head.length ? 0 : little ? head.readUInt32LE(at) : head.readUInt32BE(at)
  // Of 64-bit numbers the lower half is enough: nothing of interest lies beyond the head.
  const word = (at: number) => (is64 ? u32(little ? at : at + 4) : u32(at))
  const machine = u16(18)
  const own = OWN_MACHINE[process.arch]
  const table = word(is64 ? 32 : 28)
  const size = u16(is64 ? 54 : 42)
  const count = Math.min(u16(is64 ? 56 : 44), 64)
  let interpreter: string | null = null
  for (let i = 0; i < count; i++) {
    const at = table + i * size
    if (u32(at) !== 3) continue // PT_INTERP
    const from = word(is64 ? at + 8 : at + 4)
    const end = head.indexOf(0, from)
    if (from > 0 && end > from) interpreter = head.toString('utf8', from, end)
  }
  const foreign = own !== undefined && machine !== own && !(own === 62 && machine === 3)
  return {
    format: 'elf',
    interpreter,
    foreignMachine: foreign ? (MACHINES[machine] ?? `machine ${machine}`) : null,
  }
}

async function readHead(channel: AgentChannel, file: string): Promise<Buffer> {
  const { output } = await channel.run(['/bin/bash', '-c', HEAD, 'head', file], {
    timeoutMs: TIMEOUT_MS,
    maxOutput: 2 * HEAD_BYTES,
  })
  return Buffer.from(output, 'base64')
}

/** Names in a folder; null if it is none. */
async function folder(channel: AgentChannel, dir: string): Promise<string[] | null> {
  const { output, status } = await channel.run(['/bin/bash', '-c', ENTRIES, 'entries', dir], {
    timeoutMs: TIMEOUT_MS,
    maxOutput: 8192,
  })
  return status === 0 ? output.split('\0').slice(0, -1) : null
}
