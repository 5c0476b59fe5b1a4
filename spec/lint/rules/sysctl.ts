/** Rules about `linux.sysctl`: only settings that belong to a namespace of the container may be set. */
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'
import { isKnownSysctl, SYSCTLS } from '../sysctls.ts'
import { didYouMean, nearest } from '../words.ts'
import { namespaceOf } from './shared.ts'

const IPC = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]

/** As runc reads the key: with slashes as the first separator, dots and slashes change places. */
export function dotted(key: string): string {
  const first = /[./]/.exec(key)
  if (!first || first[0] === '.') return key
  return key.replace(/[./]/g, (char) => (char === '.' ? '/' : '.'))
}

export function sysctlRules(context: Context): void {
  for (const [key, value] of Object.entries(context.spec.linux?.sysctl ?? {})) {
    const pointer = `/linux/sysctl/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!allowed(context, key, dotted(key), pointer)) continue
    exists(context, dotted(key), pointer)
    valueRules(context, key, dotted(key), value, pointer)
  }
}

function allowed(context: Context, key: string, name: string, pointer: string): boolean {
  const { spec } = context
  const refuse = (id: string, message: string, reason: string, why: string, needs?: string) => {
    const namespaces = spec.linux?.namespaces
    context.report({
      id,
      severity: 'refused',
      pointer,
      on: 'key',
      message,
      runc: failed(reason),
      why,
      fix: needs
        ? {
            title: `Add the ${needs} namespace`,
            edits: context.set(
              namespaces ? '/linux/namespaces/-' : '/linux/namespaces',
              namespaces ? { type: needs } : [{ type: needs }],
            ),
          }
        : { title: 'Delete it', edits: context.remove(pointer) },
    })
    return false
  }
  if (IPC.includes(name) || name.startsWith('fs.mqueue.')) {
    if (namespaceOf(spec, 'ipc')) return true
    return refuse(
      'sysctl-needs-ipc',
      `"${key}" needs an "ipc" namespace.`,
      `sysctl "${name}" is not allowed in the hosts ipc namespace`,
      'Without one it would be set for the whole machine.',
      'ipc',
    )
  }
  if (name.startsWith('net.')) {
    const network = namespaceOf(spec, 'network')
    if (network && network.path !== '/proc/self/ns/net') return true
    return refuse(
      'sysctl-needs-network',
      `"${key}" needs a "network" namespace.`,
      `sysctl "${name}" not allowed in host network namespace`,
      'Without one it would be set for the whole machine.',
      network ? undefined : 'network',
    )
  }
  if (namespaceOf(spec, 'uts')) {
    if (name === 'kernel.domainname') {
      context.report({
        id: 'sysctl-domainname',
        severity: namespaceOf(spec, 'user') ? 'refused' : 'fails-later',
        pointer,
        on: 'key',
        message: 'Set "domainname" instead: this file may only be written by root of the machine.',
        runc: initFailed('open sysctl kernel.domainname file: reopen fd 8: permission denied'),
        why: 'In a user namespace, as in a sandbox of the lab, the kernel refuses it.',
        fix: { title: 'Delete it', edits: context.remove(pointer) },
      })
      return true
    }
    if (name === 'kernel.hostname')
      return refuse(
        'sysctl-hostname',
        'Set "hostname" instead.',
        `sysctl "${name}" is not allowed as it conflicts with the OCI "hostname" field`,
        'The specification has a field of its own for it.',
      )
  }
  const guess = nearest(name, [...IPC, 'net.ipv4.ip_forward'])
  return refuse(
    'sysctl-not-namespaced',
    `"${key}" is no setting of a namespace: it would change the whole machine.${name.startsWith('kernel.') || /^net/i.test(name) ? didYouMean(guess === name ? null : guess) : ''}`,
    `sysctl "${name}" is not in a separate kernel namespace`,
    'Allowed are net.* with a network namespace, fs.mqueue.* and the System V IPC settings with an ipc namespace, and kernel.domainname with a uts namespace.',
  )
}

/** Network interfaces that a new network namespace does not have. */
const INTERFACE =
  /^net\.(?:ipv4|ipv6)\.(?:conf|neigh)\.((?:eth|ens|enp|eno|wlan|wlp|br|docker|bond|veth|tun|tap)[\w/-]*)\./

function exists(context: Context, name: string, pointer: string): void {
  const words = initFailed(
    `open sysctl ${name} file: unsafe procfs detected: openat2 fsmount:fscontext:proc/./sys/${name.replaceAll('.', '/')}: no such file or directory`,
  )
  const face = INTERFACE.exec(name)?.[1]
  if (face && !namespaceOf(context.spec, 'network')?.path) {
    context.report({
      id: 'sysctl-interface',
      severity: 'refused',
      pointer,
      on: 'key',
      message: `A new network namespace has no interface ${face.replaceAll('/', '.')}, only lo.`,
      runc: words,
      why: 'Use "all" or "default" in its place, or join a namespace that has it.',
    })
    return
  }
  const known = isKnownSysctl(name)
  if (known !== false) return
  const guess = nearest(name, SYSCTLS)
  context.report({
    id: 'sysctl-unknown',
    severity: 'refused',
    pointer,
    on: 'key',
    message: `Linux has no setting "${name}".${didYouMean(guess)}`,
    runc: words,
    why: 'Each setting is a file below /proc/sys.',
    fix: guess
      ? { title: `Use "${guess}"`, edits: context.rename(pointer, guess) }
      : { title: 'Delete it', edits: context.remove(pointer) },
  })
}

/** Settings that are one whole number. */
const NUMBER =
  /^(kernel\.(msgmax|msgmnb|msgmni|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\.\w+|net\.ipv4\.(ip_forward|tcp_syncookies|tcp_keepalive_(time|intvl|probes)|tcp_fin_timeout|tcp_tw_reuse|tcp_max_syn_backlog|ip_unprivileged_port_start|ip_default_ttl|ip_nonlocal_bind|tcp_syn_retries|tcp_synack_retries)|net\.core\.somaxconn|net\.ipv[46]\.conf\.\w+\.(rp_filter|forwarding|accept_ra|disable_ipv6|accept_redirects|send_redirects|arp_ignore|arp_announce|proxy_arp|accept_source_route|log_martians|route_localnet))$/

function valueRules(context: Context, key: string, name: string, value: string, pointer: string): void {
  const report = (id: string, message: string, why: string) =>
    context.report({
      id,
      severity: 'refused',
      pointer,
      message,
      runc: initFailed(
        `failed to write sysctl ${name} = ${JSON.stringify(value)}: write fsmount:fscontext:proc/./sys/${name.replaceAll('.', '/')}: invalid argument`,
      ),
      why,
    })
  if (value === '') {
    context.report({
      id: 'sysctl-value-empty',
      severity: 'no-effect',
      pointer,
      message: `"${key}" is set to nothing, so nothing changes.`,
      why: 'The kernel takes an empty write and keeps the old value.',
      fix: { title: 'Delete it', edits: context.remove(pointer) },
    })
    return
  }
  const numbers = value.trim().split(/\s+/)
  const isNumber = (text: string) => /^-?(\d+|0x[\da-f]+)$/i.test(text)
  if (NUMBER.test(name) && !isNumber(numbers[0]!))
    report('sysctl-value', `"${key}" is a whole number, not "${value}".`, 'Switches are 0 and 1.')
  else if (name === 'kernel.sem' && (numbers.length > 4 || !numbers.every(isNumber)))
    report(
      'sysctl-value',
      '"kernel.sem" is four whole numbers: SEMMSL SEMMNS SEMOPM SEMMNI.',
      'They are separated by blanks.',
    )
  else if (
    name === 'net.ipv4.ip_local_port_range' &&
    (!numbers.every(isNumber) || Number(numbers[0]) > Number(numbers[1]) || Number(numbers[1]) > 65_535)
  )
    report(
      'sysctl-value',
      'A port range is two numbers up to 65535, the lower one first.',
      'They are separated by a blank.',
    )
  else if (name === 'net.ipv4.ping_group_range') {
    const last = Number(numbers[1] ?? 0)
    if (
      !numbers.every(isNumber) ||
      (last > 196_607 && last <= 4_294_967_295 && context.host?.userNamespace) ||
      last > 4_294_967_294
    )
      report(
        'sysctl-value',
        'A range of groups is two group ids that exist where runc runs.',
        'In a user namespace only mapped ids exist.',
      )
    else if (last > 196_607)
      context.report({
        id: 'sysctl-value',
        severity: 'fails-later',
        pointer,
        message: 'Both groups must exist where runc runs.',
        why: 'In a sandbox of the lab, which is a user namespace itself, group ids go up to 196607.',
      })
  }
}
