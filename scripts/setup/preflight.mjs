/** Step 1: what can be known before anything is installed. Each thing that is missing is refused with one message. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { Refusal } from '../lib/refusal.mjs'

const MIB = 1024 * 1024

/** The oldest Node that works, as in package.json. */
export const OLDEST_NODE = [20, 9]

export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new Refusal(
    `This is Node ${version}, and the lab needs ${OLDEST_NODE.join('.')} or newer.`,
    'Install a newer Node (24 is best) and start again.',
  )
}

export function checkProcessor(name = process.arch) {
  if (['x64', 'arm64'].includes(name)) return
  throw new Refusal(
    `This machine's processor is ${name}, and the lab knows x64 (amd64) and arm64.`,
    'Run it on such a machine; with a 64-bit processor install 64-bit Debian and Node.',
  )
}

export function checkMachine() {
  if (process.platform !== 'linux') {
    throw new Refusal(
      `The lab runs containers of Linux itself, and this is ${process.platform}.`,
      'Run it on a Debian 12 or 13 machine or virtual machine.',
    )
  }
  checkProcessor()
  if (process.getuid() !== 0) {
    throw new Refusal(
      `The lab must be started by root, and this is user ${process.getuid()}: creating sandboxes needs it.`,
      'Start it again with: sudo npm start   (the part that faces the network drops its privileges).',
    )
  }
  if (!findProgram('apt-get') || !findProgram('dpkg-query')) {
    throw new Refusal(
      'apt-get or dpkg-query is not on this machine: the lab takes its tools from Debian packages.',
      'Run it on Debian 12 or 13.',
    )
  }
}

export function findProgram(name, path = process.env.PATH ?? '') {
  // Debian's system tools are in sbin, which `su` and cron leave out of PATH.
  const folders = [...path.split(':'), '/usr/sbin', '/sbin']
  return folders.map((folder) => `${folder}/${name}`).find((file) => existsSync(file))
}

export function checkUserNamespaces(read = (path) => readFileSync(path, 'utf8')) {
  if (!existsSync('/proc/self/ns/user')) {
    throw new Refusal(
      'This kernel has no user namespaces (/proc/self/ns/user is missing).',
      'Start a kernel built with CONFIG_USER_NS=y; those of Debian are.',
    )
  }
  if (Number(read('/proc/sys/user/max_user_namespaces')) === 0) {
    throw new Refusal(
      'User namespaces are switched off here (user.max_user_namespaces is 0), and every sandbox needs one.',
      'Run: sysctl -w user.max_user_namespaces=31000',
    )
  }
  // A seccomp filter (Docker's default one) refuses them whatever the sysctl says: only a try can tell.
  const tried = spawnSync('unshare', ['--user', 'true'], { encoding: 'utf8' })
  if (!tried.error && tried.status !== 0) {
    throw new Refusal(
      `A user namespace cannot be made here (${tried.stderr.trim() || `unshare ended with ${tried.status}`}).`,
      'Run: npm run doctor',
    )
  }
}

/** The state folder's settings are read loosely here; step 5 judges every variable. */
export function stateDirOf(env) {
  return env.LAB_STATE_DIR || `/var/lib/${env.LAB_NAME || 'runclab'}`
}

export function imageDirOf(env) {
  return env.LAB_IMAGE_DIR || `${stateDirOf(env)}/image`
}

/** The first folder upwards that exists: what is to be made in it ends up on its file system. */
export function existing(path) {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path))
}

export function checkDisk(stateDir, imageDir, free = freeMib) {
  const hasImage = existsSync(`${imageDir}/current`)
  const needed = hasImage ? 300 : 2048
  const mib = free(existing(stateDir))
  if (mib >= needed) return
  throw new Refusal(
    `${Math.floor(mib)} MiB are free where ${stateDir} is, and ${needed} MiB are needed${hasImage ? '' : ' to build the image'}.`,
    'Free some space, or set LAB_STATE_DIR to a folder on a larger disk.',
  )
}

export function freeMib(path) {
  const { bavail, bsize } = statfsSync(path)
  return (bavail * bsize) / MIB
}

/** Tries the address for a moment. Early, because finding out after minutes of building is a pity. */
export async function checkPort(env) {
  const host = env.HOST || '127.0.0.1'
  const text = env.PORT || '3000'
  if (!/^\d+$/.test(text) || Number(text) > 65535) {
    throw new Refusal(
      `PORT=${text}: must be a whole number from 0 to 65535 (TCP port).`,
      'Correct it in the environment or in .env, and start again.',
    )
  }
  const error = await new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ port: Number(text), host }, () => server.close(() => resolve(undefined)))
  })
  if (error) throw portRefusal(error.code, host, text)
}

export function portRefusal(code, host, port) {
  if (code === 'EADDRINUSE') {
    return new Refusal(
      `Port ${port} of ${host} is taken by another program (perhaps by this lab, already running).`,
      `Stop that program, or choose another port: PORT=${(Number(port) % 65535) + 1} npm start`,
    )
  }
  return new Refusal(
    `The lab cannot listen on HOST=${host}, PORT=${port} (${code}).`,
    'Set HOST to an address of this machine: 127.0.0.1 for this machine only, 0.0.0.0 for all networks.',
  )
}

export async function preflight({ env = process.env, port = true } = {}) {
  checkNode()
  checkMachine()
  checkUserNamespaces()
  if (port) await checkPort(env)
  checkDisk(stateDirOf(env), imageDirOf(env))
  return `Node ${process.versions.node}, root, user namespaces${port ? ', the port is free' : ''}`
}
