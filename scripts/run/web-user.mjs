/** The system user that the web process runs as: it owns nothing but one secret. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Refusal } from '../lib/refusal.mjs'
import { findProgram } from '../setup/preflight.mjs'

const NOBODY = { name: 'nobody', uid: 65534, gid: 65534 }
// Debian gives human users 1000 and more.
const FIRST_HUMAN = 1000

export function findUser(name, passwd = readFileSync('/etc/passwd', 'utf8')) {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((entry) => entry[0] === name)
  return fields && { name, uid: Number(fields[2]), gid: Number(fields[3]) }
}

/** The user of that name, created if need be; `nobody` where users cannot be created. */
export function webUser(name) {
  const there = findUser(name)
  if (there) {
    if (there.uid > 0 && there.uid < FIRST_HUMAN) return there
    throw new Refusal(
      `LAB_NAME=${name} is also the name of a user of this machine, and the web process would run as that user.`,
      'Choose another LAB_NAME.',
    )
  }
  const useradd = findProgram('useradd')
  if (!useradd) return NOBODY
  spawnSync(useradd, ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', name])
  return findUser(name) ?? NOBODY
}
