/** apt-get without questions, and with the progress that it reports on a descriptor of its own. */
import { run } from '../lib/command.mjs'

export function aptGet(args, { say = () => {} } = {}) {
  const options = ['-o', 'APT::Status-Fd=3', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2']
  // Messages are matched below, so they must be in English.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  return run('apt-get', ['-q', ...options, ...args], { env, onStatus: (line) => say(describe(line)) })
}

/** `dlstatus:3:41.5:Retrieving file 3 of 9` or `pmstatus:patchelf:60.0:Unpacking patchelf`, in words. */
export function describe(line) {
  const [kind, , percent, ...text] = line.split(':')
  const what = text.join(':').trim()
  if (!what) return ''
  const whole = Math.round(Number(percent))
  return `${what.replace(/ \((amd64|arm64|all|i386|armhf)\)/, '')}${Number.isFinite(whole) && kind !== 'pmerror' ? ` (${whole} %)` : ''}`
}

export const unreachable = (output) =>
  /Could not resolve|Temporary failure|Failed to fetch|Unable to connect|Could not connect|Unable to locate package|no installation candidate/.test(
    output,
  )
