/** Looks at the folder that a config.json lies in, for the linter: the rootfs, the program, and the paths that the file names. */
import fs from 'node:fs'
import path from 'node:path'
import { bundleQuestion } from '../../components/editor/language/bundle-question.ts'
import { describeProgram } from '../../server/host/editor/bundle-facts.ts'
import type { BundleFacts, PathFact, ProgramFact } from '../../spec/lint/index.ts'

const HEAD_BYTES = 8192
const MAX_LINKS = 40

/**
 * The facts, or null if nothing lies there and nobody asked for that folder. Throws an error with a sentence if the
 * folder that was asked for does not exist.
 */
export function readBundle(text: string, folder: string, { asked }: { asked: boolean }): BundleFacts | null {
  if (asked && !fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`There is no folder ${folder}.`)
  const question = bundleQuestion(text)
  if (!question) return null
  // As runc sees it: the working directory's own path, without links.
  const bundle = fs.realpathSync(folder)
  const rootfs = path.resolve(bundle, question.rootfs)
  if (!asked && !fs.statSync(rootfs, { throwIfNoEntry: false })?.isDirectory()) return null
  const facts: BundleFacts = { path: bundle, rootfs: rootfsFact(rootfs), paths: {}, inside: {} }
  for (const name of question.outside)
    facts.paths![path.resolve(bundle, name)] = outside(path.resolve(bundle, name))
  if (facts.rootfs.kind !== 'directory') return facts
  const { cwd, program } = question
  if (cwd) facts.cwd = inside(rootfs, cwd).fact
  if (program) facts.programs = programs(rootfs, cwd ?? '/', program)
  return facts
}

/** What a path leads to, its last link followed. */
function outside(file: string): PathFact {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  return stat ? factOf(stat) : { kind: 'missing' }
}

function factOf(stat: fs.Stats): PathFact {
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'other'
  return { kind, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid }
}

function rootfsFact(rootfs: string): BundleFacts['rootfs'] {
  const stat = fs.lstatSync(rootfs, { throwIfNoEntry: false })
  if (!stat) return { kind: 'missing' }
  const fact: BundleFacts['rootfs'] = factOf(stat)
  try {
    fact.realPath = fs.realpathSync(rootfs)
    if (!stat.isDirectory()) return fact
    const entries = fs.readdirSync(rootfs)
    return { ...fact, empty: entries.length === 0, entries: entries.slice(0, 64) }
  } catch {
    // A link to nowhere, or not ours to read.
    return fact
  }
}

/** What a path means inside of the rootfs: links lead nowhere else. */
function inside(rootfs: string, name: string): { fact: PathFact; real: string } {
  let left = name.split('/').filter(Boolean)
  let at = '/'
  for (let links = 0; left.length > 0; ) {
    const [part, ...rest] = left as [string, ...string[]]
    left = rest
    const next = path.posix.resolve(at, part)
    const stat = fs.lstatSync(path.join(rootfs, next), { throwIfNoEntry: false })
    if (!stat) return { fact: { kind: 'missing' }, real: path.join(rootfs, next) }
    if (stat.isSymbolicLink()) {
      if (++links > MAX_LINKS) return { fact: { kind: 'missing' }, real: path.join(rootfs, next) }
      const target = fs.readlinkSync(path.join(rootfs, next))
      left = [...target.split('/').filter(Boolean), ...left]
      if (target.startsWith('/')) at = '/'
      continue
    }
    if (left.length > 0 && !stat.isDirectory())
      return { fact: { kind: 'missing' }, real: path.join(rootfs, next) }
    at = next
  }
  return { fact: factOf(fs.lstatSync(path.join(rootfs, at))), real: path.join(rootfs, at) }
}

function programs(rootfs: string, cwd: string, program: { name: string; path: string[] }): ProgramFact[] {
  const { name } = program
  const candidates = name.includes('/')
    ? [path.posix.resolve(cwd, name)]
    : program.path.filter((folder) => folder.startsWith('/')).map((folder) => path.posix.join(folder, name))
  const found = candidates.map((candidate) => ({ candidate, ...inside(rootfs, candidate) }))
  const facts = found.map(({ candidate, fact }): ProgramFact => ({ path: candidate, ...fact }))
  const at = facts.findIndex(({ kind, mode = 0 }) => kind === 'file' && (mode & 0o111) !== 0)
  if (at < 0) return facts
  const bytes = head(found[at]!.real)
  // Not ours to read: what is not known is not reported.
  if (!bytes) return facts
  const described = describeProgram(bytes)
  const { interpreter } = described
  Object.assign(facts[at]!, described)
  if (interpreter)
    facts[at]!.interpreterFound = inside(rootfs, path.posix.resolve(cwd, interpreter)).fact.kind === 'file'
  return facts
}

function head(file: string): Buffer | null {
  try {
    const handle = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    try {
      const buffer = Buffer.alloc(HEAD_BYTES)
      return buffer.subarray(0, fs.readSync(handle, buffer, 0, HEAD_BYTES, 0))
    } finally {
      fs.closeSync(handle)
    }
  } catch {
    return null
  }
}
