/** The seccomp profile of each tier, made from the tables of syscalls.ts: what is not allowed there is refused. Pure. */
import { suffices, type Tier } from '../../../protocol/tier.ts'
import { ALLOWED, DENIED, FAMILIES, PLAIN_NETLINK } from './syscalls.ts'

const ERRNO = { EPERM: 1, ENOSYS: 38, EPROTONOSUPPORT: 93 }

export type SeccompArchitecture = 'SCMP_ARCH_X86_64' | 'SCMP_ARCH_AARCH64'

interface Condition {
  index: number
  op: 'SCMP_CMP_EQ' | 'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ'
  value: number
  valueTwo?: number
}

interface Rule {
  names: string[]
  action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO'
  errnoRet?: number
  args?: Condition[]
}

const allow = (name: string, ...args: Condition[]): Rule => ({
  names: [name],
  action: 'SCMP_ACT_ALLOW',
  args,
})
const refuse = (name: string, errno: keyof typeof ERRNO, ...args: Condition[]): Rule => ({
  names: [name],
  action: 'SCMP_ACT_ERRNO',
  errnoRet: ERRNO[errno],
  args,
})
const is = (index: number, value: number): Condition => ({ index, op: 'SCMP_CMP_EQ', value })
const above = (index: number, value: number): Condition => ({ index, op: 'SCMP_CMP_GT', value })
const below = (index: number, value: number): Condition => ({ index, op: 'SCMP_CMP_LT', value })

/** 0 to `last` without `holes`. */
const numbers = (last: number, holes: number[]) =>
  Array.from({ length: last + 1 }, (_, n) => n).filter((n) => !holes.includes(n))

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]

function cloneRules(tier: Tier): Rule[] {
  if (suffices(tier, 'unshare')) return [allow('clone')]
  const all = NEW_NAMESPACES.reduce((sum, flag) => sum | flag, 0)
  const has = (value: number, valueTwo: number): Condition => ({
    index: 0,
    op: 'SCMP_CMP_MASKED_EQ',
    value,
    valueTwo,
  })
  return [
    allow('clone', has(all, 0)),
    ...NEW_NAMESPACES.map((flag) => refuse('clone', 'EPERM', has(flag, flag))),
  ]
}

/**
 * seccomp sees 64 bits of an argument of which the kernel uses 32. So numbers are compared with what is allowed, and
 * everything larger is refused: a list of what is refused could be passed by with a bit set above.
 */
function socketRules(tier: Tier): Rule[] {
  const families = FAMILIES.filter(({ from }) => suffices(tier, from))
  const known = families.map(({ number }) => number)
  const last = Math.max(...known)
  const netlink = 16
  const narrow = !suffices(tier, 'docker')
  return [
    ...known
      .filter((family) => !narrow || family !== netlink)
      .map((family) => allow('socket', is(0, family))),
    ...numbers(last, known).map((family) => refuse('socket', 'EPERM', is(0, family))),
    refuse('socket', 'EPERM', above(0, last)),
    ...(narrow ? narrowNetlink(netlink) : []),
    allow('socketpair', is(0, 1)),
    refuse('socketpair', 'EPERM', is(0, 0)),
    refuse('socketpair', 'EPERM', above(0, 1)),
  ]
}

/** EPROTONOSUPPORT is what programs that would like to use a protocol, as sudo does audit, do without. */
function narrowNetlink(family: number): Rule[] {
  const last = Math.max(...PLAIN_NETLINK)
  return [
    ...PLAIN_NETLINK.map((protocol) => allow('socket', is(0, family), is(2, protocol))),
    ...numbers(last, PLAIN_NETLINK).map((protocol) =>
      refuse('socket', 'EPROTONOSUPPORT', is(0, family), is(2, protocol)),
    ),
    refuse('socket', 'EPROTONOSUPPORT', is(0, family), above(2, last)),
  ]
}

/** Below the docker tier the packet filter's old interface is closed too: options 64 and up of the levels IP and IPv6. */
function setsockoptRules(tier: Tier): Rule[] {
  if (suffices(tier, 'docker')) return [allow('setsockopt')]
  const [ip, ipv6] = [0, 41]
  // socket, tcp, udp, icmpv6, udplite, netlink, tls
  const others = [1, 6, 17, 58, 136, 270, 282]
  return [
    ...others.map((level) => allow('setsockopt', is(1, level))),
    ...[ip, ipv6].map((level) => allow('setsockopt', is(1, level), below(2, 64))),
    allow('setsockopt', is(1, ipv6), above(2, 65)),
    ...[64, 65].map((option) => refuse('setsockopt', 'EPERM', is(1, ipv6), is(2, option))),
    refuse('setsockopt', 'EPERM', is(1, ip), above(2, 63)),
  ]
}

/** The `linux.seccomp` of an OCI config.json. */
export function seccompProfile(tier: Tier, architecture: SeccompArchitecture) {
  const allowed = ALLOWED.filter(({ from }) => suffices(tier, from)).flatMap(({ calls }) => calls)
  const higher = ALLOWED.filter(({ from }) => !suffices(tier, from)).flatMap(({ calls }) => calls)
  const refused = DENIED.filter(({ errno }) => errno === 'EPERM').flatMap(({ calls }) => calls)
  const syscalls: Rule[] = [
    { names: allowed, action: 'SCMP_ACT_ALLOW' },
    {
      // Without clone3 the C library takes clone, whose flags can be looked at.
      names: [...refused, ...higher.filter((name) => name !== 'clone3')],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: ERRNO.EPERM,
    },
    ...cloneRules(tier),
    ...socketRules(tier),
    ...setsockoptRules(tier),
  ]
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ERRNO.ENOSYS,
    // Only the native calls: those of other architectures reach the same kernel by other numbers, and end the program.
    architectures: [architecture],
    syscalls,
  }
}
