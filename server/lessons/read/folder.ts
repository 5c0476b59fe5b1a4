/** A lesson's folder, read with care: nothing outside, nothing huge, no devices, and names with wrong capitals found. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import type { Code } from '../problems.ts'
import { type Decoded, decode } from './text.ts'

/** Texts of a lesson are at most so long, in bytes. */
export const MAX_TEXT = 1024 * 1024

/** Why a file cannot be had. */
export interface Unavailable {
  code: Extract<Code, 'file-missing' | 'file-outside' | 'file-too-large' | 'file-unreadable'>
  message: string
}

export interface Found {
  /** Where it really is. */
  path: string
  /** Relative to the lesson's folder, in the capitals the file system has. */
  name: string
}

export class Folder {
  readonly dir: string
  readonly #boundary: string
  readonly #listings = new Map<string, string[]>()
  readonly #asked = new Set<string>()

  /** `boundary`: the folder that no path may leave, through `..` or through links: `dir` or one above it. */
  constructor(dir: string, boundary = dir) {
    this.dir = realpathSync(dir)
    this.#boundary = realpathSync(boundary)
  }

  /** Everything that was looked for, and the folders it was looked for in. */
  get asked(): string[] {
    return [...this.#asked, ...this.#listings.keys()]
  }

  /** Where a file of the lesson is; `from`: the folder, relative to the lesson's, that `file` is relative to. */
  find(file: string, from = '.'): Found | Unavailable {
    const written = file.replaceAll('\\', '/')
    const inside = path.posix.normalize(path.posix.join(from, written.replace(/^\/+/, '')))
    const absolute = path.resolve(this.dir, inside)
    if (file.includes('\0') || !within(absolute, this.#boundary))
      return { code: 'file-outside', message: `"${file}" leads out of the lesson's folder.` }
    const name = this.#actual(inside)
    this.#asked.add(name ?? inside)
    if (name === null) return { code: 'file-missing', message: `"${file}" is not there.` }
    try {
      const real = realpathSync(path.resolve(this.dir, name))
      if (!within(real, this.#boundary))
        return { code: 'file-outside', message: `"${file}" is a link out of the lesson's folder.` }
      return { path: real, name }
    } catch {
      return { code: 'file-missing', message: `"${file}" is a link to nothing.` }
    }
  }

  /** The file's bytes; at most `max` of them. */
  bytes(found: Found, max: number): Uint8Array | Unavailable {
    const bad = (code: Unavailable['code'], why: string): Unavailable => ({
      code,
      message: `"${found.name}" ${why}`,
    })
    let handle: number
    try {
      if (!statSync(found.path).isFile()) return bad('file-unreadable', 'is not a plain file.')
      handle = openSync(found.path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    } catch (error) {
      return bad('file-unreadable', `cannot be read (${(error as NodeJS.ErrnoException).code}).`)
    }
    try {
      const { size } = fstatSync(handle)
      if (size > max) return bad('file-too-large', `is larger than ${Math.round(max / 1024)} KiB.`)
      const bytes = Buffer.alloc(size)
      return bytes.subarray(0, readSync(handle, bytes, 0, size, 0))
    } catch (error) {
      return bad('file-unreadable', `cannot be read (${(error as NodeJS.ErrnoException).code}).`)
    } finally {
      closeSync(handle)
    }
  }

  /** A text file. */
  text(file: string, { from = '.', max = MAX_TEXT } = {}): (Found & Decoded) | Unavailable {
    const found = this.find(file, from)
    if ('code' in found) return found
    const bytes = this.bytes(found, max)
    return 'code' in bytes ? bytes : { ...found, ...decode(bytes) }
  }

  /** Every plain file below a folder of the lesson, relative to that folder, in order; at most `most`. Links are not followed. */
  list(folder: string, most = 5000): string[] {
    const files: string[] = []
    const visit = (relative: string) => {
      for (const entry of readEntries(path.join(this.dir, folder, relative))) {
        const name = path.posix.join(relative, entry.name)
        if (entry.isDirectory()) visit(name)
        else if (files.length < most && (entry.isFile() || entry.isSymbolicLink())) files.push(name)
      }
    }
    const root = this.find(folder)
    if (!('code' in root)) visit('.')
    return files
  }

  /** The path in the capitals that the file system has; null if nothing is called like that. */
  #actual(inside: string): string | null {
    let name = '.'
    for (const part of inside.split('/')) {
      if (part === '.' || part === '') continue
      if (part === '..') {
        name = path.posix.join(name, '..')
        continue
      }
      const names = this.#names(name)
      const found = names.includes(part)
        ? part
        : names.find((each) => each.toLowerCase() === part.toLowerCase())
      if (found === undefined) return null
      name = path.posix.join(name, found)
    }
    return name
  }

  #names(folder: string): string[] {
    let names = this.#listings.get(folder)
    if (!names) {
      names = readEntries(path.resolve(this.dir, folder)).map((entry) => entry.name)
      this.#listings.set(folder, names)
    }
    return names
  }
}

export const within = (file: string, folder: string) =>
  file === folder || file.startsWith(folder === '/' ? '/' : `${folder}/`)

function readEntries(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}
