/** Which files of a lesson go where in the sandbox, as `details.assets` says it. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { absolute } from './layout.ts'
import type { Lesson } from './lesson.ts'
import type { Code } from './problems.ts'
import { Folder } from './read/folder.ts'

/** One file for the sandbox. */
export interface AssetFile {
  /** Where it is on this machine. */
  source: string
  /** Relative to the lesson's folder. */
  name: string
  /** Absolute path in the sandbox. */
  target: string
  /** Permission bits. */
  mode: number
  size: number
}

export interface AssetProblem {
  code: Extract<Code, 'asset-missing' | 'asset-none' | 'asset-target' | 'file-too-large' | 'file-outside'>
  message: string
  /** In index.json. */
  line: number
}

/** Bytes that one file, and all files of a lesson, may have. */
export const MAX_ASSET = 16 * 1024 * 1024
export const MAX_ASSETS = 64 * 1024 * 1024

/** Reads no content. What cannot be had is a problem; the rest is listed. */
export function assetFiles(lesson: Lesson): { files: AssetFile[]; problems: AssetProblem[] } {
  const problems: AssetProblem[] = []
  if (lesson.assets.length === 0) return { files: [], problems }
  const folder = new Folder(lesson.folder, lesson.boundary)
  const all = folder.list('assets')
  const files = new Map<string, AssetFile>()
  let total = 0
  for (const { file, target, chmod, line } of lesson.assets) {
    const problem = (code: AssetProblem['code'], message: string) => problems.push({ code, message, line })
    const pattern = file.replace(/^\.?\/+/, '').replace(/^assets\//, '')
    const matching = all.filter((name) => matches(name, pattern))
    if (matching.length === 0)
      problem(/[*?]/.test(pattern) ? 'asset-none' : 'asset-missing', `No file below assets/ fits "${file}".`)
    if (!/^[/~]/.test(target))
      problem('asset-target', `The target "${target}" is no absolute path; it is put below /root.`)
    for (const name of matching) {
      const found = folder.find(name, 'assets')
      if ('code' in found) {
        problem(found.code === 'file-outside' ? 'file-outside' : 'asset-missing', found.message)
        continue
      }
      const { size, mode } = statSync(found.path)
      const place = absolute(path.posix.join(target, keptPath(name, pattern)), '/root')
      total += size
      if (size > MAX_ASSET || total > MAX_ASSETS) {
        problem(
          'file-too-large',
          `assets/${name} is too large: 16 MiB for a file, 64 MiB for all are the most.`,
        )
        continue
      }
      files.set(place, {
        source: found.path,
        name: found.name,
        target: place,
        mode: modeOf(chmod, mode),
        size,
      })
    }
  }
  return { files: [...files.values()], problems }
}

/** The path that is kept below the target: from the first part with a wildcard on; otherwise the name alone. */
function keptPath(name: string, pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => /[*?]/.test(part))
  return wild < 0 ? path.posix.basename(name) : name.split('/').slice(wild).join('/')
}

/** `*` stays within a folder, `**` goes through folders. */
function matches(name: string, pattern: string): boolean {
  const source = pattern
    .split('/')
    .map((part) =>
      part === '**'
        ? '**'
        : part
            .replace(/[.+^${}()|[\]\\]/g, '\\$&')
            .replace(/\*+/g, '[^/]*')
            .replace(/\?/g, '[^/]'),
    )
    .join('/')
    .replace(/\*\*\//g, '(?:.+/)?')
    .replace(/\*\*/g, '.*')
  return new RegExp(`^${source}$`, 'i').test(name)
}

/** Of chmod's ways to say it: a number, or `+x`, `u+rw`, `a-w`. Others change nothing. */
function modeOf(chmod: string | undefined, own: number): number {
  let mode = (own & 0o111) === 0 ? 0o644 : 0o755
  if (!chmod) return mode
  if (/^0?[0-7]{3}$/.test(chmod)) return Number.parseInt(chmod, 8)
  for (const [, who = '', sign, what] of chmod.matchAll(/([ugoa]*)([+-])([rwx]+)/g)) {
    for (const [letters, shift] of [
      ['ua', 6],
      ['ga', 3],
      ['oa', 0],
    ] as const) {
      if (who !== '' && ![...letters].some((letter) => who.includes(letter))) continue
      const bits =
        [...what!].reduce((sum, letter) => sum | { r: 4, w: 2, x: 1 }[letter as 'r' | 'w' | 'x'], 0) << shift
      mode = sign === '+' ? mode | bits : mode & ~bits
    }
  }
  return mode
}
