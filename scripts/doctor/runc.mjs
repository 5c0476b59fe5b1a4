/** Checks of runc: the lab's own copy, and the one of the system for information. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readStamp } from '../lib/stamp.mjs'
import { findProgram } from '../setup/preflight.mjs'

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
  if (!vulnerable(version)) return { name, level: 'ok', found: version }
  const found = `${version} has known ways out of containers (CVE-2025-31133, 52565, 52881, CVE-2026-41579)`
  return { name, level: 'fail', found, todo: again }
}

function system() {
  const name = 'runc of the system'
  const path = findProgram('runc')
  const version = path && versionOf(path)
  const found = version
    ? `${version}${vulnerable(version) ? ' (with known vulnerabilities)' : ''}; the lab does not use it`
    : 'absent; the lab does not use it'
  return { name, level: 'info', found }
}

function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5_000 })
  return /^runc version (\S+)/m.exec(stdout ?? '')?.[1]
}

/** Fixed in 1.3.6 and 1.4.3: ways for a hostile root file system to reach the host (CVE-2025-31133 and two more, CVE-2026-41579). */
export function vulnerable(version) {
  const found = /^(\d+)\.(\d+)\.(\d+)(-rc)?/.exec(version)
  // Not a version that can be judged: better to say so than to call it safe.
  if (!found) return true
  const [major, minor, patch] = found.slice(1, 4).map(Number)
  if (major !== 1) return major < 1
  if (minor < 3) return true
  if (minor === 3) return patch < 6
  return minor === 4 && (patch < 3 || found[4] !== undefined)
}
