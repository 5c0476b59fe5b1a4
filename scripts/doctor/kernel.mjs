/** Checks of the kernel: version, user namespaces, overlay, loop devices, the devices that sandboxes get. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { checkUserNamespaces } from '../setup/preflight.mjs'

export function checkKernel() {
  return [
    version(),
    userNamespaces(),
    overlay(),
    loop(),
    device('tun', '/dev/net/tun'),
    device('fuse', '/dev/fuse'),
  ]
}

function version() {
  const name = 'kernel'
  const [major, minor] = release().split('.').map(Number)
  if (major > 5 || (major === 5 && minor >= 11)) return { name, level: 'ok', found: release() }
  const todo = 'Use 5.11 or newer: before that, docker in a sandbox cannot use overlay.'
  return { name, level: 'warn', found: release(), todo }
}

function userNamespaces() {
  const name = 'user namespaces'
  try {
    checkUserNamespaces()
    const most = readFileSync('/proc/sys/user/max_user_namespaces', 'utf8').trim()
    return { name, level: 'ok', found: `yes, at most ${most}` }
  } catch (refusal) {
    return { name, level: 'fail', found: refusal.message, todo: refusal.next }
  }
}

function overlay() {
  const name = 'overlay'
  if (/\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8')))
    return { name, level: 'ok', found: 'yes' }
  const tried = spawnSync('modprobe', ['-n', 'overlay'])
  if (tried.status === 0) return { name, level: 'ok', found: 'as a module, loaded when it is needed' }
  return {
    name,
    level: 'fail',
    found: 'no',
    todo: 'Run: modprobe overlay   (on the host, if this is a container).',
  }
}

function loop() {
  const name = 'loop devices'
  if (existsSync('/dev/loop-control')) return { name, level: 'ok', found: 'yes' }
  const todo = 'Run: modprobe loop   Every sandbox has a disk of its own on one.'
  return { name, level: 'fail', found: '/dev/loop-control is missing', todo }
}

function device(name, path) {
  if (existsSync(path)) {
    if ((statSync(path).mode & 0o006) === 0o006) return { name, level: 'ok', found: path }
    // It is handed in as it is: in a sandbox everybody is somebody else than its owner.
    return { name, level: 'info', found: `${path} is closed to sandboxes; chmod 666 ${path} opens it` }
  }
  return {
    name,
    level: 'warn',
    found: `${path} is missing`,
    todo: `Run: modprobe ${name}   Sandboxes work without it.`,
  }
}
