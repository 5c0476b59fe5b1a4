/** Attacks by system call: every call of this kernel is made in a sandbox of each tier, and comes to what the tables say. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { ALLOWED, DENIED, FAMILIES } from '../../server/host/providers/runc/syscalls.ts'
import { suffices, TIERS, type Tier } from '../../server/protocol/tier.ts'
import { newId } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { type Call, Prober } from './helpers/prober.ts'

const lab = testProvider()
const { provider } = lab
const ids = Object.fromEntries(TIERS.map((tier) => [tier, newId()])) as Record<Tier, string>
const prober = new Prober()
const known = (names: string[]) => names.filter((name) => prober.numbers.has(name))

before(async () => {
  await Promise.all(TIERS.map((tier) => provider.create(ids[tier], tier, { tier })))
})
after(async () => {
  prober.dispose()
  await lab.dispose()
})

/** Looked at by their arguments: seccomp.ts. */
const BY_ARGUMENTS = ['clone', 'socket', 'socketpair', 'setsockopt']
/** Those that do not come back, or twice. */
const NO_ANSWER = ['exit', 'exit_group', 'pause', 'rt_sigreturn', 'fork', 'vfork']

/** The kernel's own EPERM: it asks for no_new_privs or CAP_SYS_ADMIN, which the plain tier has not. */
const KERNEL_REFUSES = ['landlock_restrict_self']

const NO_OTHER_MANNERS =
  process.arch !== 'x64'
    ? 'only x86-64 has other manners'
    : /User Mode Linux/.test(fs.readFileSync('/proc/cpuinfo', 'utf8')) &&
      'User Mode Linux takes calls in every manner for its own, before any filter is asked'

const nonsense = (name: string): Call => ({ name, args: [-1, -1, -1, -1, -1, -1] })
/** `name: answer` for each call whose answer is not `expected`. */
const others = (calls: Call[], answers: string[], expected: (name: string) => string) =>
  calls.flatMap(({ name }, i) => (answers[i] === expected(name) ? [] : [`${name}: ${answers[i]}`]))

test('the tables have every call that this system knows, once', () => {
  const sorted = [
    ...ALLOWED.flatMap(({ calls }) => calls),
    ...DENIED.flatMap(({ calls }) => calls),
    ...BY_ARGUMENTS,
  ]
  assert.deepEqual(
    sorted.filter((name, i) => sorted.indexOf(name) !== i),
    [],
  )
  assert.ok(prober.numbers.size > 250)
  assert.deepEqual(
    [...prober.numbers.keys()].filter((name) => !sorted.includes(name)),
    [],
  )
})

for (const tier of TIERS)
  describe(`10. in a ${tier} sandbox`, () => {
    test('every call that the tables refuse is refused, with the error they name', async () => {
      const errnos = new Map(DENIED.flatMap(({ errno, calls }) => calls.map((name) => [name, errno])))
      for (const { from, calls } of ALLOWED)
        if (!suffices(tier, from))
          for (const name of calls) errnos.set(name, name === 'clone3' ? 'ENOSYS' : 'EPERM')
      const calls = known([...errnos.keys()]).map((name): Call => ({ name }))
      assert.ok(calls.length > 30)
      const answers = await prober.inSandbox(provider, ids[tier], calls)
      assert.deepEqual(
        others(calls, answers, (name) => errnos.get(name)!),
        [],
      )
    })

    test('every call that they allow reaches the kernel, as it does without a filter', async () => {
      const names = ALLOWED.filter(({ from }) => suffices(tier, from)).flatMap(({ calls }) => calls)
      const calls = known(names)
        .filter((name) => !NO_ANSWER.includes(name) && !(tier === 'plain' && KERNEL_REFUSES.includes(name)))
        .map(nonsense)
      const [inside, outside] = [await prober.inSandbox(provider, ids[tier], calls), prober.onHost(calls)]
      const refused = calls.flatMap(({ name }, i) =>
        ['ENOSYS', 'EPERM'].includes(inside[i]!) && inside[i] !== outside[i] ? [`${name}: ${inside[i]}`] : [],
      )
      assert.deepEqual(refused, [])
      const reached = inside.filter((answer) => !['ENOSYS', 'EPERM'].includes(answer))
      // The rest this kernel does not have, with or without a filter: a small one lacks up to 18.
      assert.ok(reached.length > calls.length * 0.93, `${reached.length} of ${calls.length}`)
    })

    test('calls that no table knows are not there', async () => {
      const calls = [600, 999, 4000].map((number): Call => ({ name: `call${number}`, number }))
      assert.deepEqual(await prober.inSandbox(provider, ids[tier], calls), ['ENOSYS', 'ENOSYS', 'ENOSYS'])
    })

    test('11. sockets are of the families that they allow, whatever is written above the 32 bits that count', async () => {
      const allowed = FAMILIES.filter(({ from }) => suffices(tier, from)).map(({ number }) => number)
      const families = Array.from({ length: 64 }, (_, n) => n)
      // A raw packet or netlink socket, or a stream; protocol 0.
      const type = (family: number) => ([16, 17].includes(family) ? 3 : 1)
      const beyond = (family: number) => [BigInt(family) | (1n << 32n), BigInt(family) | (1n << 63n)]
      const socket = (family: number | bigint, n: number): Call => ({
        name: 'socket',
        args: [family, type(n), 0],
      })
      const plain = await prober.inSandbox(
        provider,
        ids[tier],
        families.map((n) => socket(n, n)),
      )
      assert.deepEqual(
        families.filter((n) => plain[n] !== 'EPERM'),
        allowed,
      )
      for (const n of allowed) assert.equal(plain[n], 'done', `family ${n}`)
      const hidden = families.flatMap((n) => beyond(n).map((value) => socket(value, n)))
      assert.deepEqual(new Set(await prober.inSandbox(provider, ids[tier], hidden)), new Set(['EPERM']))
      const pairs = families.map((n): Call => ({ name: 'socketpair', args: [n, type(n), 0, 0] }))
      const answers = await prober.inSandbox(provider, ids[tier], pairs)
      assert.deepEqual(
        families.filter((n) => answers[n] !== 'EPERM'),
        [1],
      )
    })

    test('11. calls in the manner of i386 and x32 end the program', {
      skip: NO_OTHER_MANNERS,
    }, async () => {
      const calls: Call[] = [
        { name: 'getpid', number: 20, way: 'int80' },
        { name: 'socketcall', number: 102, way: 'int80' },
        { name: 'getpid', way: 'x32' },
        { name: 'socket', way: 'x32' },
      ]
      const [SIGSYS, SIGSEGV] = ['signal 31', 'signal 11']
      // A kernel that is built without them faults before any filter is asked.
      for (const answer of await prober.inSandbox(provider, ids[tier], calls))
        assert.ok([SIGSYS, SIGSEGV].includes(answer), answer)
    })
  })

test('without the filter most of what is refused does reach the kernel: the table above can fail', () => {
  const calls = known(DENIED.flatMap(({ calls }) => calls)).map((name): Call => ({ name }))
  const errnos = new Map(DENIED.flatMap(({ errno, calls }) => calls.map((name) => [name, errno])))
  const differing = others(calls, prober.onHost(calls), (name) => errnos.get(name)!)
  assert.ok(differing.length > 10, differing.join())
})

test('plain: no flag of clone makes a namespace', async () => {
  const SIGCHLD = 17
  const flags = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]
  const calls = flags.flatMap((flag): Call[] => [
    { name: 'clone', args: [flag | SIGCHLD] },
    { name: 'clone', args: [BigInt(flag | SIGCHLD) | (1n << 40n)] },
  ])
  const answers = await prober.inSandbox(provider, ids.plain, calls)
  assert.deepEqual(new Set(answers), new Set(['EPERM']), answers.join())
})

test('below the docker tier neither netlink nor socket options lead to packet filters', async () => {
  const NETFILTER = 12
  const XFRM = 6
  const calls: Call[] = [
    ...[NETFILTER, XFRM].map((protocol): Call => ({ name: 'socket', args: [16, 3, protocol] })),
    { name: 'socket', args: [16, 3, BigInt(NETFILTER) | (1n << 32n)] },
  ]
  const options: Call[] = [
    // IPT_SO_SET_REPLACE and its like of ARP, bridges and IPv6.
    { name: 'setsockopt', args: [-1, 0, 64] },
    { name: 'setsockopt', args: [-1, 0, 96] },
    { name: 'setsockopt', args: [-1, 0, 128] },
    { name: 'setsockopt', args: [-1, 41, 64] },
  ]
  const harmless: Call[] = [
    { name: 'setsockopt', args: [-1, 1, 2] },
    { name: 'setsockopt', args: [-1, 6, 1] },
    { name: 'setsockopt', args: [-1, 0, 2] },
    { name: 'setsockopt', args: [-1, 41, 26] },
    { name: 'setsockopt', args: [-1, 41, 67] },
  ]
  for (const tier of ['plain', 'unshare'] as const) {
    const answers = await prober.inSandbox(provider, ids[tier], [...calls, ...options])
    assert.deepEqual(answers, [...calls.map(() => 'EPROTONOSUPPORT'), ...options.map(() => 'EPERM')], tier)
    const allowed = await prober.inSandbox(provider, ids[tier], harmless)
    assert.deepEqual(new Set(allowed), new Set(['EBADF']), tier)
  }
  const docker = await prober.inSandbox(provider, ids.docker, [...calls.slice(0, 2), ...options])
  assert.ok(!docker.includes('EPERM') && !docker.includes('EPROTONOSUPPORT'), docker.join())
})
