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
  const found = `${version} has known ways out of containers (CVE-2025-31133, 52565, 52881)`
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

/** Before 1.2.8, 1.3.3 and 1.4.0-rc.3 a hostile image could write to the host's /proc (CVE-2025-31133 and two more). */
export function vulnerable(version) {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-rc\.?(\d+))?/.exec(version)
  // Not a version that can be judged: better to say so than to call it safe.
  if (!found) return true
  const [major, minor, patch] = found.slice(1, 4).map(Number)
  const candidate = found[4] === undefined ? Number.POSITIVE_INFINITY : Number(found[4])
  if (major !== 1) return major < 1
  if (minor < 2) return true
  if (minor === 2) return patch < 8
  if (minor === 3) return patch < 3
  return minor === 4 && patch === 0 && candidate < 3
}
