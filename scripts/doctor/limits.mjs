/** Checks of limits that all sandboxes share, and that run out first when a class is large. */
import { existsSync, readFileSync } from 'node:fs'
import { cgroupVersion, controllers } from './cgroups.mjs'

export function checkLimits() {
  return [inotify(), keys(), openFiles(), processes(), ownPids()]
}

const sysctl = (name) => {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined
}

function shared(name, least, why, raise = least) {
  const value = sysctl(name)
  if (value === undefined) return { name, level: 'info', found: 'unknown' }
  if (value >= least) return { name, level: 'ok', found: String(value) }
  return { name, level: 'warn', found: `${value}; ${why}`, todo: `Run: sysctl -w ${name}=${raise}` }
}

const inotify = () =>
  shared('fs.inotify.max_user_instances', 1024, 'all sandboxes share it, and docker takes several', 8192)

const keys = () =>
  shared('kernel.keys.maxkeys', 200, 'each container takes one, all sandboxes share them', 2000)

const processes = () => shared('kernel.pid_max', 65_536, 'all sandboxes share it', 4_194_304)

function openFiles() {
  const name = 'open files (ulimit -n)'
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits) ?? ['', '?', '?']
  const found = `${soft}, at most ${hard}`
  if (hard === 'unlimited' || Number(hard) >= 8192) return { name, level: 'ok', found }
  return { name, level: 'warn', found, todo: 'Raise it before starting the lab: ulimit -n 65536' }
}

/** A container or a systemd service may itself be limited. */
function ownPids() {
  const name = 'processes of this cgroup'
  const v2 = cgroupVersion() === 'v2'
  const own = readFileSync('/proc/self/cgroup', 'utf8')
  const path = (v2 ? /^0::(.*)$/m : /^\d+:(?:[^:]*,)?pids(?:,[^:]*)?:(.*)$/m).exec(own)?.[1]
  const file = `${controllers().get('pids')}${path}/pids.max`
  const most = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'max'
  if (most === 'max') return { name, level: 'ok', found: 'not limited' }
  if (Number(most) >= 8192) return { name, level: 'ok', found: `at most ${most}` }
  const todo = 'Raise it: TasksMax= of the service, or --pids-limit of the container.'
  return {
    name,
    level: 'warn',
    found: `at most ${most}, for all shells (in a container: all sandboxes) together`,
    todo,
  }
}
