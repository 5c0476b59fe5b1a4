/** Checks of what the wall between learners and host is made of: the kernel's age and holes, its settings, modules, processor, ids. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { release, version } from 'node:os'
import { dirname, join } from 'node:path'
import { readStamp } from '../lib/stamp.mjs'
import { AS_OF, builtOn, judgeKernel, upstreamVersion } from './known-bad.mjs'

const DAY = 86_400_000

export function checkSecurity({ imageDir }, today = new Date()) {
  return [
    holes(release(), version(), today),
    age(version(), today),
    settings(),
    modules(),
    processor(),
    userIds(imageDir),
  ]
}

const UPDATE = 'Install the newest kernel of your distribution and restart the machine.'

/** `kernelRelease` and `kernelVersion` as `uname -r` and `uname -v` say them. */
export function holes(kernelRelease, kernelVersion, today) {
  const name = 'known kernel holes'
  const upstream = upstreamVersion(kernelRelease, kernelVersion)
  if (!upstream) {
    const todo =
      "Its number does not show which fixes it has: look into your distribution's security notices."
    return { name, level: 'warn', found: `${kernelRelease} cannot be judged`, todo }
  }
  const { holes: found, ended } = judgeKernel(upstream, today)
  const names = found.map(({ cve, what }) => `${cve} (${what})`)
  if (names.length > 0)
    return { name, level: 'warn', bad: true, found: `${upstream}: ${names.join(', ')}`, todo: UPDATE }
  if (ended) {
    const todo = 'Use a kernel of a branch that is still mended, as your distribution has it.'
    return { name, level: 'warn', bad: true, found: `${upstream} is of a branch that gets no fixes`, todo }
  }
  if (today - new Date(AS_OF) > 180 * DAY) {
    const todo = 'Update the lab: newer holes are not in this list.'
    return { name, level: 'warn', found: `none in ${upstream}, by a list of ${AS_OF}`, todo }
  }
  return { name, level: 'ok', found: `none in ${upstream}, by the list of ${AS_OF}` }
}

export function age(kernelVersion, today) {
  const name = 'age of the kernel'
  const built = builtOn(kernelVersion)
  if (!built) return { name, level: 'info', found: 'it does not say when it was built' }
  const days = Math.floor((today - built) / DAY)
  const found = `built ${days} days ago`
  if (days <= 180) return { name, level: 'ok', found }
  // Within a year there was always a public way to root.
  return { name, level: 'warn', bad: days > 365, found, todo: UPDATE }
}

/** Settings of the host that learners' root could profit from: what is good, and what to set. */
const SETTINGS = [
  ['kernel.unprivileged_bpf_disabled', (value) => value >= 1, 1],
  ['kernel.perf_event_paranoid', (value) => value >= 2, 3],
  ['kernel.kptr_restrict', (value) => value >= 1, 1],
  ['kernel.dmesg_restrict', (value) => value >= 1, 1],
  ['kernel.randomize_va_space', (value) => value >= 2, 2],
  ['kernel.yama.ptrace_scope', (value) => value >= 1, 1],
  ['kernel.io_uring_disabled', (value) => value >= 1, 2],
  ['vm.unprivileged_userfaultfd', (value) => value === 0, 0],
  ['fs.suid_dumpable', (value) => value !== 1, 0],
  ['fs.protected_symlinks', (value) => value >= 1, 1],
  ['fs.protected_hardlinks', (value) => value >= 1, 1],
]

function settings() {
  const name = 'kernel settings'
  const read = (sysctl) => {
    const file = `/proc/sys/${sysctl.replaceAll('.', '/')}`
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
  }
  const wrong = SETTINGS.filter(([sysctl, good]) => {
    const value = read(sysctl)
    return value !== undefined && !good(Number(value))
  })
  // A program that handles crashes runs as the host's root on what a learner has made.
  const handler = read('kernel.core_pattern')?.startsWith('|')
  const found = wrong.map(([sysctl]) => `${sysctl}=${read(sysctl)}`)
  if (handler) found.push('kernel.core_pattern starts a program')
  if (found.length === 0) return { name, level: 'ok', found: `all ${SETTINGS.length + 1} as they should be` }
  const set = wrong.map(([sysctl, , value]) => `${sysctl}=${value}`)
  if (handler) set.push('kernel.core_pattern=core')
  return { name, level: 'warn', found: found.join(', '), todo: `Run: sysctl -w ${set.join(' ')}` }
}

/** Modules that no lesson needs and that kernel holes of recent years were in. */
const MODULES =
  'algif_aead algif_skcipher algif_hash algif_rng rxrpc esp4 esp6 ah4 ah6 ipcomp ipcomp6 tipc rds dccp sctp can ax25 netrom rose atm vsock'.split(
    ' ',
  )

function modules() {
  const name = 'kernel modules'
  const loaded = existsSync('/proc/modules')
    ? readFileSync('/proc/modules', 'utf8')
        .split('\n')
        .map((line) => line.split(' ')[0])
    : []
  const off = '/proc/sys/kernel/modules_disabled'
  const locked =
    !existsSync('/proc/modules') ||
    /\bnomodule\b/.test(readFileSync('/proc/cmdline', 'utf8')) ||
    (existsSync(off) && readFileSync(off, 'utf8').trim() === '1')
  const present = MODULES.filter((module) => loaded.includes(module))
  if (locked && present.length === 0) return { name, level: 'ok', found: 'none can be loaded' }
  const { stdout } = spawnSync('modprobe', ['--showconfig'], { encoding: 'utf8', maxBuffer: 1 << 26 })
  const barred = new Set(
    [...(stdout ?? '').matchAll(/^install (\S+) \/(?:usr\/)?bin\/(?:false|true)\b/gm)].map(
      ([, module]) => module,
    ),
  )
  const open = MODULES.filter((module) => !barred.has(module) && (!locked || present.includes(module)))
  if (open.length === 0) return { name, level: 'ok', found: 'those with a bad history cannot be loaded' }
  const file = '/etc/modprobe.d/runclab.conf'
  const todo = `If nothing here needs them: printf 'install %s /bin/false\\n' ${open.join(' ')} > ${file}   and restart.`
  const found =
    present.length > 0 ? `loaded: ${present.join(', ')}` : `${open.length} with a bad history can be loaded`
  return { name, level: 'warn', found, todo }
}

/** What the kernel says about the weaknesses of this processor. */
function processor() {
  const name = 'processor'
  const folder = '/sys/devices/system/cpu/vulnerabilities'
  if (!existsSync(folder)) return { name, level: 'info', found: 'this kernel does not say' }
  const vulnerable = readdirSync(folder).filter((file) =>
    readFileSync(join(folder, file), 'utf8').startsWith('Vulnerable'),
  )
  if (vulnerable.length === 0) return { name, level: 'ok', found: 'every known weakness is met' }
  const off = /\bmitigations=off\b/.test(readFileSync('/proc/cmdline', 'utf8'))
  const todo = off
    ? 'Start the kernel without mitigations=off.'
    : 'Install the microcode of your processor (intel-microcode, amd64-microcode); in a virtual machine, on its host.'
  return { name, level: 'warn', found: `not met: ${vulnerable.join(', ')}`, todo }
}

/** Asks the same program that creations use, with the same image. */
function userIds(imageDir) {
  const name = 'user ids of sandboxes'
  const image = join(imageDir, readStamp(join(imageDir, 'current')))
  const runtime = join(image, 'runtime')
  const idmap = join(runtime, 'idmap')
  if (!existsSync(idmap))
    return { name, level: 'info', found: 'not known yet; npm start builds what tries it' }
  const { status, stderr } = spawnSync(
    idmap,
    ['--probe', '1000000000', '1000196608', '196608', join(image, 'rootfs'), runtime],
    { encoding: 'utf8', timeout: 5_000 },
  )
  if (status === 0) return { name, level: 'ok', found: 'each has a range of its own' }
  const todo = `For a range each, use kernel 5.19 or newer, and ext4, xfs or btrfs for ${dirname(imageDir)}.`
  return { name, level: 'warn', found: `all share one range (${(stderr ?? '').trim() || 'not root'})`, todo }
}
