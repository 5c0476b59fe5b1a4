/** Checks of the machine as a whole: system, Node, user, disk, memory, the browser for tests. */
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { checkDisk, checkNode, existing, findProgram, freeMib } from '../setup/preflight.mjs'

const gib = (bytes) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

export function checkMachine({ stateDir, imageDir }) {
  return [system(), node(), user(), disk(stateDir, imageDir), memory(), swap(), chromium()]
}

function system() {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  const field = (name) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? ''
  const name = 'operating system'
  const found = field('PRETTY_NAME') || process.platform
  if (!findProgram('apt-get')) {
    return { name, level: 'fail', found, todo: 'The lab needs apt-get: use Debian 12 or 13, or Docker.' }
  }
  if (field('ID') === 'debian' && Number(field('VERSION_ID') || 99) >= 12) return { name, level: 'ok', found }
  return { name, level: 'warn', found, todo: 'The lab is tried on Debian 12 and 13 only.' }
}

/** A check of the preflight, as a finding: its refusal says what to do. */
function asFinding(name, found, check) {
  try {
    check()
    return { name, level: 'ok', found }
  } catch (refusal) {
    return { name, level: 'fail', found: refusal.message, todo: refusal.next }
  }
}

const node = () => asFinding('Node', process.versions.node, () => checkNode())

function user() {
  const uid = process.getuid?.()
  if (uid === 0) return { name: 'root', level: 'ok', found: 'yes' }
  const found = `no, this is user ${uid}; some findings below may be unknown`
  return { name: 'root', level: 'fail', found, todo: 'Run it again with: sudo npm run doctor' }
}

const TMPFS_MAGIC = 0x01021994

function disk(stateDir, imageDir) {
  if (statfsSync(existing(stateDir)).type === TMPFS_MAGIC)
    return {
      name: 'disk',
      level: 'warn',
      found: `${stateDir} is kept in memory (tmpfs): on cgroup v2 what a sandbox writes counts as its memory, and a restart loses it`,
      todo: 'Set LAB_STATE_DIR to a folder on a disk.',
    }
  const found = `${(freeMib(existing(stateDir)) / 1024).toFixed(1)} GiB free for ${stateDir}`
  return asFinding('disk', found, () => checkDisk(stateDir, imageDir))
}

function memory() {
  const found = `${gib(totalmem())}, ${gib(freemem())} free`
  const name = 'memory'
  if (totalmem() >= 1.8 * 1024 ** 3) return { name, level: 'ok', found }
  return { name, level: 'warn', found, todo: '2 GiB are the least for one learner who runs docker.' }
}

function swap() {
  const kib = Number(/^SwapTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0)
  return { name: 'swap', level: 'info', found: kib > 0 ? gib(kib * 1024) : 'none' }
}

function chromium() {
  const found = findProgram('chromium') ?? 'absent; only tests need it, and npm test installs it'
  return { name: 'chromium', level: 'info', found }
}
