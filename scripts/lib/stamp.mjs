/** Stamps: a hash of what something was made from, kept beside it, tells whether it must be made again. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inRoot } from './paths.mjs'

/** Hash of files and folders of the checkout, by content and name. Those that do not exist count as absent. */
export function hashOf(inputs, { only = () => true, extra = '' } = {}) {
  const hash = createHash('sha256').update(extra)
  const add = (path) => {
    const stat = statSync(inRoot(path), { throwIfNoEntry: false })
    if (!stat) return
    if (stat.isDirectory()) {
      for (const name of readdirSync(inRoot(path)).sort()) {
        if (name !== 'node_modules') add(join(path, name))
      }
    } else if (stat.isFile() && only(path)) {
      // The length keeps two neighbours from being taken for one other file.
      hash.update(`\0${path}\0${stat.size}\0`).update(readFileSync(inRoot(path)))
    }
  }
  for (const input of inputs) add(input)
  return hash.digest('hex')
}

export function readStamp(path) {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** To be called before the work begins, so that an interrupted one is done again. */
export const removeStamp = (path) => rmSync(path, { force: true })

/** To be called when all is done. The rename makes it whole or absent, never half. */
export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, `${value}\n`)
  renameSync(`${path}.new`, path)
}
