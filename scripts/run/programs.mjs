/** What the lab consists of while it runs: the host process as root, the web process with as little as possible. */
import { chownSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot, root } from '../lib/paths.mjs'
import { readStamp } from '../lib/stamp.mjs'
import { makeFolders, webSecret } from './folders.mjs'
import { nodeCommand, promptly } from './node.mjs'
import { unprivileged, unreachableFor } from './privileges.mjs'
import { webUser } from './web-user.mjs'

// Destroying forty sandboxes takes its time.
const HOST_PATIENCE_MS = 25_000

export function labPrograms({ config, env, dev = false, say = console.log }) {
  makeFolders(config)
  const user = dev ? developer() : reachableUser(config, say)
  const common = {
    ...env,
    NODE_ENV: dev ? 'development' : 'production',
    LAB_WEB_SECRET_FILE: webSecret(config, user),
    LAB_SOCKET_GID: String(user.gid),
    NEXT_TELEMETRY_DISABLED: '1',
    ...(dev ? { LAB_DEV: '1' } : {}),
  }
  return [
    {
      name: 'host',
      command: withHeldShells(config, promptly(config, nodeCommand('host', { dev }))),
      env: common,
      patienceMs: HOST_PATIENCE_MS,
      restartPatienceMs: HOST_PATIENCE_MS,
    },
    {
      name: 'web',
      command: promptly(config, unprivileged(user, nodeCommand('web', { dev }), { port: config.port })),
      env: webEnvironment(common),
    },
  ]
}

/** The command, given the terminals that an earlier host process has left, if there are any (sandbox/host/hold.c). */
export function withHeldShells({ imageDir, runDir }, command) {
  const hold = join(imageDir, readStamp(join(imageDir, 'current')), 'runtime', 'hold')
  return existsSync(hold) ? [hold, 'take', join(runDir, 'hold.sock'), ...command] : command
}

/** root's environment may hold anything; the process that faces the network gets what it has a use for. */
export function webEnvironment(env) {
  const wanted =
    /^(PATH|LANG|LC_.*|TZ|PORT|HOST|CI|NO_COLOR|FORCE_COLOR|NODE_.*|NEXT_.*|LAB_.*|LESSONS_PATH)$/
  const kept = Object.entries(env).filter(([name]) => wanted.test(name))
  // As for Debian's system users: some libraries insist on a name, and nothing is to be written there.
  return { ...Object.fromEntries(kept), HOME: '/nonexistent' }
}

/** The lab's own user; or root without any capability where that user cannot reach what the web process reads. */
function reachableUser(config, say) {
  const user = webUser(config.name)
  const blocked = unreachableFor(user, [
    inRoot('build', 'web.js'),
    inRoot('package.json'),
    inRoot('node_modules', 'next', 'package.json'),
    ...(existsSync(inRoot('.next', 'BUILD_ID')) ? [inRoot('.next', 'BUILD_ID')] : []),
    webSecret(config, user),
    `${config.runDir}/`,
    ...(process.env.LESSONS_PATH ?? '')
      .split(':')
      .filter(Boolean)
      .map((dir) => `${dir.trim()}/`),
  ])
  if (!blocked) return user
  say(
    `The web process runs as root without any capability, because user ${user.name} cannot read ${blocked}; ` +
      `move ${blocked.startsWith(root) ? 'the checkout' : 'it'} to a place that user ${user.name} can read.`,
  )
  return { name: 'root', uid: 0, gid: 0 }
}

/** In development Next.js writes into the checkout, so the web process is whoever owns that. */
function developer() {
  const { uid, gid } = statSync(root)
  const own = (path) => {
    const stat = statSync(path)
    if (stat.uid !== uid) chownSync(path, uid, gid)
    if (stat.isDirectory()) for (const name of readdirSync(path)) own(join(path, name))
  }
  mkdirSync(inRoot('.next', 'dev'), { recursive: true })
  if (uid !== 0)
    for (const path of ['.next', 'next-env.d.ts']) if (existsSync(inRoot(path))) own(inRoot(path))
  return { name: 'the owner of the checkout', uid, gid }
}
