/** Which kernels and which runc have publicly known ways to root or out of a container: data, with its date, and how to judge by it. */

/** The day this list was last gone through. */
export const AS_OF = '2026-11-24'

/**
 * Local ways to root that a process in a user namespace can take. `since`: the first version with the mistake. `fixed`:
 * the first release of each branch without it, where that is known for sure; `mainline`: every branch from here on is
 * without it. Sources: the CVE records and the release notes of kernel.org.
 */
export const KERNEL = [
  {
    cve: 'CVE-2021-22555',
    what: 'iptables, out-of-bounds write',
    since: '2.6.19',
    mainline: '5.12',
    fixed: { 5.4: 113, '5.10': 31 },
  },
  {
    cve: 'CVE-2022-0185',
    what: 'fsconfig, heap overflow',
    since: '5.1',
    mainline: '5.17',
    fixed: { 5.4: 173, '5.10': 93, 5.15: 16, 5.16: 2 },
  },
  {
    cve: 'CVE-2022-0492',
    what: 'cgroup release_agent',
    since: '2.6.24',
    mainline: '5.17',
    fixed: { 5.4: 177, '5.10': 97, 5.15: 20, 5.16: 6 },
  },
  {
    cve: 'CVE-2022-0847',
    what: 'Dirty Pipe, page cache',
    since: '5.8',
    mainline: '5.17',
    fixed: { '5.10': 102, 5.15: 25, 5.16: 11 },
  },
  {
    cve: 'CVE-2023-0386',
    what: 'overlay, copy-up of setuid files',
    since: '5.11',
    mainline: '6.2',
    fixed: { 5.15: 91, 6.1: 9 },
  },
  {
    cve: 'CVE-2023-32233',
    what: 'nf_tables, use after free',
    since: '3.13',
    mainline: '6.4',
    fixed: { 5.4: 243, '5.10': 180, 5.15: 111, 6.1: 28, 6.2: 15, 6.3: 2 },
  },
  {
    cve: 'CVE-2024-1086',
    what: 'nf_tables, double free',
    since: '3.15',
    mainline: '6.8',
    fixed: { 5.4: 269, '5.10': 210, 5.15: 149, 6.1: 76, 6.6: 15, 6.7: 3 },
  },
  {
    cve: 'CVE-2026-31431',
    what: 'Copy Fail: AF_ALG, page cache',
    since: '4.14',
    mainline: '7.0',
    fixed: { 6.12: 85, 6.18: 22, 6.19: 12 },
  },
  {
    cve: 'CVE-2026-43284',
    what: 'Dirty Frag: IPsec, page cache',
    since: '4.11',
    mainline: '7.1',
    fixed: { 6.6: 138, 6.12: 87, 6.18: 29, '7.0': 5 },
  },
  {
    cve: 'CVE-2026-43500',
    what: 'Dirty Frag: RxRPC, page cache',
    since: '5.3',
    mainline: '7.1',
    fixed: { 6.18: 29, '7.0': 6 },
  },
  {
    cve: 'CVE-2026-46300',
    what: 'Fragnesia: socket buffers, page cache',
    since: '3.9',
    mainline: '7.1',
    fixed: { 6.12: 91, 6.18: 33 },
  },
]

/** Branches below 7.0 that kernel.org still mends, and the month until which it means to. Older ones get no fixes. */
export const LONGTERM = {
  '5.10': '2026-12',
  5.15: '2026-12',
  6.1: '2027-12',
  6.6: '2027-12',
  6.12: '2028-12',
  6.18: '2028-12',
}

/** Ways out of containers in runc, and the first release of each branch without them; later branches are without them. */
export const RUNC = [
  { cve: 'CVE-2019-5736', what: 'the runtime is overwritten', fixed: { '1.0': '1.0.0-rc.7' } },
  { cve: 'CVE-2021-30465', what: 'a mount through a link', fixed: { '1.0': '1.0.0-rc.95' } },
  { cve: 'CVE-2024-21626', what: 'a working folder that leaks', fixed: { 1.1: '1.1.12' } },
  {
    cve: 'CVE-2025-31133',
    what: 'masked paths',
    fixed: { 1.2: '1.2.8', 1.3: '1.3.3', 1.4: '1.4.0-rc.3' },
  },
  {
    cve: 'CVE-2025-52565',
    what: '/dev/console',
    fixed: { 1.2: '1.2.8', 1.3: '1.3.3', 1.4: '1.4.0-rc.3' },
  },
  {
    cve: 'CVE-2025-52881',
    what: 'writes to /proc that lead elsewhere',
    fixed: { 1.2: '1.2.8', 1.3: '1.3.3', 1.4: '1.4.0-rc.3' },
  },
  { cve: 'CVE-2026-41579', what: 'a hostile root file system', fixed: { 1.3: '1.3.6', 1.4: '1.4.3' } },
]

const numbers = (version) => version.split('.').map(Number)
/** Below 0 if `a` comes before `b`, both in numbers; a missing one is 0. */
function compare(a, b) {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) - (b[i] ?? 0)
  }
  return 0
}

/** What is known about an upstream kernel such as `6.12.86`: its known ways to root, and whether nobody mends it any more. */
export function judgeKernel(version, today = new Date()) {
  const [major = 0, minor = 0, patch = 0] = numbers(version)
  const branch = `${major}.${minor}`
  const holes = KERNEL.filter(({ since, mainline, fixed }) => {
    const own = [major, minor]
    if (compare([major, minor, patch], numbers(since)) < 0 || compare(own, numbers(mainline)) >= 0)
      return false
    if (branch in fixed) return patch < fixed[branch]
    // Of a branch that is not listed nothing is known, unless it ended before there was a fix.
    return major < 7 && !(branch in LONGTERM)
  })
  const until = LONGTERM[branch]
  const ended = major < 7 && (!until || today.toISOString().slice(0, 7) > until)
  return { holes, ended }
}

/** Packages carry fixes that their version does not show: `null` for those of distributions whose numbers say nothing. */
export function upstreamVersion(release, version) {
  // Debian writes the upstream version behind its name: "#1 SMP PREEMPT_DYNAMIC Debian 6.12.86-1 (2026-05-10)".
  const debian = /\bDebian (\d+\.\d+\.\d+)/.exec(version)
  if (debian) return debian[1]
  if (/ubuntu|\.el\d|\.fc\d|\.amzn|\.cm\d|suse|-default$/i.test(`${release} ${version}`)) return null
  return /^\d+\.\d+\.\d+/.exec(release)?.[0] ?? null
}

/** The day a kernel was built, from `uname -v`; undefined if it does not say. */
export function builtOn(version) {
  const debian = /\((\d{4}-\d\d-\d\d)\)/.exec(version)?.[1]
  const usual = /\b[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d+) [\d:]+ (?:[A-Z]+ )?(\d{4})/.exec(version)
  const date = new Date(debian ?? (usual ? `${usual[2]} ${usual[1]} ${usual[3]} UTC` : ''))
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** `1.4.0-rc.3+ds1` in numbers; what comes before a release counts as less than it. */
function runcNumbers(version) {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-rc\.?(\d+))?/.exec(version)
  if (!found) return undefined
  const [major, minor, patch, candidate] = found.slice(1)
  return [
    Number(major),
    Number(minor),
    Number(patch),
    candidate === undefined ? 1_000_000 : Number(candidate),
  ]
}

/** The known ways out of this runc. A version that cannot be read has all of them: better than to call it safe. */
export function judgeRunc(version) {
  const own = runcNumbers(version)
  if (!own) return RUNC
  return RUNC.filter(({ fixed }) => {
    const same = fixed[`${own[0]}.${own[1]}`]
    if (same) return compare(own, runcNumbers(same)) < 0
    const branches = Object.keys(fixed).map(numbers).sort(compare)
    return compare(own.slice(0, 2), branches.at(-1)) < 0
  })
}
