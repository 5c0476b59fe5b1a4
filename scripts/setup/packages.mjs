/** Step 2: the Debian packages that the host process and the build need. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { Refusal } from '../lib/refusal.mjs'
import { aptGet, unreachable } from './apt.mjs'

export const PACKAGES = [
  // Build the learner's machine, and its disks.
  'mmdebstrap',
  'debian-archive-keyring',
  'ca-certificates',
  'e2fsprogs',
  'patchelf',
  // Run sandboxes: setpriv, unshare, nsenter, mount, losetup.
  'util-linux',
  'mount',
  'procps',
  // Compile node-pty.
  'build-essential',
  'python3',
]

/** The way out of sandboxes, where there is one. */
export const EGRESS_PACKAGES = ['passt', 'nftables', 'dnsmasq-base', 'iproute2']

export const packagesFor = (env) =>
  env.LAB_EGRESS && env.LAB_EGRESS !== 'none' ? [...PACKAGES, ...EGRESS_PACKAGES] : PACKAGES

/** 12, 13 …; 0 on another system, or where the next release is being made. */
function debianRelease() {
  if (!existsSync('/etc/os-release')) return 0
  return Number(/^VERSION_ID="?(\d+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 0)
}

/** What the tests need in addition: a browser, the way out, two proxies, and an engine for the container image. */
export const TEST_PACKAGES = [
  ...['chromium', 'fonts-liberation', ...EGRESS_PACKAGES],
  ...['nginx-light', 'caddy', 'openssl'],
  // Since Debian 13 the docker command is a package of its own.
  ...['docker.io', 'docker-compose', ...(debianRelease() >= 13 ? ['docker-cli'] : [])],
]

/** Of the given packages: which are absent, and which dpkg left half done. */
export function missingPackages(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the fields of dpkg-query look like that.
  const format = '${binary:Package} ${db:Status-Status}\n'
  const asked = spawnSync('dpkg-query', ['-W', '-f', format, ...names], { encoding: 'utf8' })
  const status = new Map(
    (asked.stdout ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [name, state] = line.split(' ')
        return [name.replace(/:.*/, ''), state]
      }),
  )
  const broken = ['half-configured', 'half-installed', 'unpacked', 'triggers-awaited', 'triggers-pending']
  return {
    missing: names.filter((name) => status.get(name) !== 'installed'),
    broken: names.filter((name) => broken.includes(status.get(name))),
  }
}

export async function installPackages(names, say) {
  const { missing, broken } = missingPackages(names)
  if (missing.length === 0) return 'up to date'
  if (broken.length > 0) throw halfDone(`dpkg left these packages half done: ${broken.join(', ')}.`)

  say('asking the mirror what there is')
  const update = await aptGet(['update'], { say })
  say(`fetching ${missing.join(', ')}`)
  const install = await aptGet(['install', '-y', '--no-install-recommends', ...missing], { say })
  if (install.code === 0) {
    const still = missingPackages(names).missing
    if (still.length === 0) return undefined
    throw new Refusal(`apt-get did not install ${still.join(', ')}.`, 'Install it by hand and start again.')
  }

  if (/dpkg was interrupted|dpkg --configure -a/.test(install.output)) {
    throw halfDone('An earlier installation of Debian packages was interrupted.')
  }
  if (/Could not get lock|Unable to acquire the dpkg/.test(install.output)) {
    throw new Refusal(
      'Another program is installing packages (dpkg is locked).',
      'Wait for it, and start again.',
    )
  }
  // A mirror that cannot be reached lets "update" end well and shows only in what is then not found.
  if (unreachable(update.output) || unreachable(install.output)) {
    throw new Refusal(
      `Debian's package mirror cannot be reached, and these packages are missing: ${missing.join(', ')}.`,
      `Check the network and /etc/apt/sources.list*, or install them by hand: apt-get install ${missing.join(' ')}`,
      lastErrors(`${update.output}\n${install.output}`),
    )
  }
  throw new Refusal(
    `apt-get could not install ${missing.join(', ')} (${install.how}).`,
    `See above, then try: apt-get install ${missing.join(' ')}`,
    lastErrors(install.output),
  )
}

const halfDone = (what) => new Refusal(what, 'Run: dpkg --configure -a   and start again.')

const lastErrors = (output) =>
  [...new Set(output.split('\n').filter((line) => /^(E|W|Err|Fehl)[: ]|^dpkg:/.test(line)))]
    .slice(-8)
    .join('\n')
