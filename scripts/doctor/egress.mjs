/** Checks of the way out of sandboxes, if the settings ask for one. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { EGRESS_PACKAGES, missingPackages } from '../setup/packages.mjs'

/** `egress`: as it is set, or as the configuration has it (null for none). */
export function checkEgress({ egress: wanted }) {
  const name = 'egress'
  const egress = wanted?.mode || wanted || 'none'
  if (egress === 'none') return [{ name, level: 'ok', found: 'none: sandboxes reach nothing' }]
  const { missing } = missingPackages(EGRESS_PACKAGES)
  if (missing.length > 0) {
    const found = `${egress}, but ${missing.join(', ')} is not installed: sandboxes reach nothing`
    return [{ name, level: 'fail', found, todo: `Run: apt-get install ${missing.join(' ')}` }]
  }
  if (!existsSync('/dev/net/tun')) {
    const todo = 'Run: modprobe tun; for a container: --device /dev/net/tun'
    return [{ name, level: 'fail', found: `${egress}, but there is no /dev/net/tun`, todo }]
  }
  // As nobody, like the program that needs it.
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', '--user', '--net', 'true']
  if (spawnSync('setpriv', nobody).status !== 0) {
    const todo =
      'Allow it: sysctl -w kernel.unprivileged_userns_clone=1 (and, on Ubuntu, an AppArmor profile for pasta).'
    return [{ name, level: 'fail', found: `${egress}, but only root may make user namespaces here`, todo }]
  }
  if (!/^\w+\t00000000\t/m.test(readFileSync('/proc/net/route', 'utf8'))) {
    const todo = 'Connect this host, then start the lab again.'
    return [
      {
        name,
        level: 'warn',
        found: `${egress}, but this host has no way to the internet (no default route)`,
        todo,
      },
    ]
  }
  return [{ name, level: 'ok', found: egress }]
}
