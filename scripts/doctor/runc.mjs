/** Checks of runc: the lab's own copy, and the one of the system for information. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readStamp } from '../lib/stamp.mjs'
import { findProgram } from '../setup/preflight.mjs'
import { judgeRunc } from './known-bad.mjs'

export function checkRunc({ imageDir }) {
  return [own(imageDir), system()]
}

/** `current` in the image folder names the image in use. */
function own(imageDir) {
  const name = 'runc of the lab'
  const current = join(imageDir, 'current')
  const path = join(imageDir, readStamp(current), 'runtime', 'runc')
  const again = `Delete ${current} and start again: the image is then built anew, with today's runc.`
  if (!existsSync(path)) return { name, level: 'info', found: 'not there yet; npm start builds it' }
  const version = versionOf(path)
  if (!version) return { name, level: 'fail', found: `${path} does not run`, todo: again }
  const holes = judgeRunc(version)
  if (holes.length === 0) return { name, level: 'ok', found: version }
  const found = `${version} has known ways out of containers (${holes.map(({ cve }) => cve).join(', ')})`
  return { name, level: 'fail', bad: true, found, todo: again }
}

function system() {
  const name = 'runc of the system'
  const path = findProgram('runc')
  const version = path && versionOf(path)
  const found = version
    ? `${version}${judgeRunc(version).length > 0 ? ' (with known vulnerabilities)' : ''}; the lab does not use it`
    : 'absent; the lab does not use it'
  return { name, level: 'info', found }
}

function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5_000 })
  return /^runc version (\S+)/m.exec(stdout ?? '')?.[1]
}
