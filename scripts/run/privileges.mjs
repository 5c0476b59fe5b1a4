/** Takes a command's privileges away, and finds out whether it can still reach what it needs without them. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The command, run as that user, with no capability and no way to get one (but to bind a port below 1024). */
export function unprivileged({ uid, gid }, command, { port = 0 } = {}) {
  const caps = port > 0 && port < firstFreePort() ? '-all,+net_bind_service' : '-all'
  const ambient = caps === '-all' ? [] : ['--ambient-caps=+net_bind_service']
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--no-new-privs',
    `--bounding-set=${caps}`,
    `--inh-caps=${caps}`,
    ...ambient,
    ...command,
  ]
}

function firstFreePort() {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
  } catch {
    return 1024
  }
}

// Run by that user: prints the first path that it cannot read (or, ending in a slash, cannot enter).
const PROBE = `
const { accessSync, constants } = require('node:fs')
for (const path of process.argv.slice(1)) {
  try { accessSync(path, path.endsWith('/') ? constants.X_OK : constants.R_OK) }
  catch { process.stdout.write(path); process.exit(1) }
}`

/** The first path that the user cannot reach, found by really trying; undefined if all is well. */
export function unreachableFor(user, paths) {
  const [file, ...args] = unprivileged(user, [process.execPath, '-e', PROBE, ...paths])
  const tried = spawnSync(file, args, { encoding: 'utf8', cwd: '/', env: { PATH: process.env.PATH ?? '' } })
  if (tried.status === 0) return undefined
  // Node itself may lie in a closed home folder, where version managers put it.
  return tried.stdout || process.execPath
}
