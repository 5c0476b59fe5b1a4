/** Attacks on neighbours and on the host's programs: processes, keys, sockets, networks. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { newId } from '../helpers/exec.ts'
import { neighbours } from './helpers/attack.ts'
import { knownCalls } from './helpers/prober.ts'

const { provider, config, a, b, says, refused, start, initPid } = neighbours()
const calls = knownCalls()

test('19. processes of the host and of a neighbour are neither seen, signalled nor traced', async () => {
  start(b, 'exec sleep 98765')
  const victim = initPid(b)
  assert.deepEqual((await says(a, 'ps -e -o args=')).split('\n'), ['/usr/bin/catatonit -P', 'ps -e -o args='])
  for (const pid of [victim, process.pid, process.ppid]) {
    // A number that is taken here by chance is one of our own processes, and no proof.
    if ((await says(a, `test -e /proc/${pid} && echo own || true`)) === 'own') continue
    assert.match(await refused(a, `kill -0 ${pid}`), /No such process/)
    assert.match(await refused(a, `strace -p ${pid}`), /No such process|attach/)
    assert.match(await refused(a, `ls /proc/${pid}`), /No such file/)
    assert.match(await refused(a, `nsenter --all --target ${pid} true`), /No such (file|process)/)
    const open = `perl -e 'exit 0 if syscall(${calls.get('pidfd_open')}, ${pid}, 0) >= 0; print STDERR $!; exit 1'`
    assert.match(await refused(a, open), /No such process/)
  }
  assert.match(await says(b, 'ps -e -o args='), /sleep 98765/)
  // Signals to all go to one's own.
  await says(a, 'kill -0 -1; true')
})

test('20. keys of others are not seen, and a learner who uses all of theirs up harms nobody', async (t) => {
  const addKey = calls.get('add_key')!
  // perl hands on variables only, not constants.
  const add = (name: string) =>
    `perl -e 'my ($t, $n, $v) = ("user", "${name}", "secret"); exit(syscall(${addKey}, $t, $n, $v, 6, -4) < 0)'`
  await says(b, add('of-b'))
  const list = await says(a, 'cat /proc/keys')
  assert.doesNotMatch(list, /of-b/)
  // The host's own keyrings, whoever's session this is.
  const uids = new Set(
    list
      .split('\n')
      .filter(Boolean)
      .map((line) => line.trim().split(/\s+/)[5]),
  )
  assert.ok(
    [...uids].every((uid) => Number(uid) < 196_608),
    [...uids].join(),
  )
  const greedy = `perl -e 'my ($t, $v) = ("user", "x" x 1000); for my $i (1..100000) { my $n = "k$i"; if (syscall(${addKey}, $t, $n, $v, 1000, -4) < 0) { print "$i $!"; exit } }'`
  assert.match(await says(a, greedy), /^\d+ Disk quota exceeded$/)
  const shared = await provider.sharedIds()
  if (shared) return t.skip(`all sandboxes of this host have one range of ids, and so one quota: ${shared}`)
  const another = newId()
  t.after(() => provider.destroy(another))
  await provider.create(another, 'another')
  assert.equal(await says(another, 'echo works'), 'works')
  await says(b, add('more-of-b'))
})

test('21. no socket of the host is there, by path or by name', async () => {
  assert.equal(await says(a, 'find / -xdev -type s; find /run /tmp /var /dev -type s'), '')
  for (const file of [
    '/run/docker.sock',
    '/var/run/docker.sock',
    '/run/containerd/containerd.sock',
    '/run/dbus/system_bus_socket',
    '/var/lib/incus/unix.socket',
    path.join(config.runDir, 'host.sock'),
  ])
    assert.match(await refused(a, `ls ${file}`), /No such file/)
  // An abstract one, as containerd's once was (CVE-2020-15257): they belong to the network namespace.
  const name = `runclab-test-${process.pid}`
  const server = net.createServer((socket) => socket.end('of the host'))
  server.listen(`\0${name}`)
  await once(server, 'listening')
  try {
    const connect = `perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack("S a*", AF_UNIX, "\\0${name}")) or die $!; print <S>'`
    assert.match(await refused(a, connect), /Connection refused/)
    assert.match(
      fs.readFileSync('/proc/net/unix', 'utf8'),
      new RegExp(`@${name}`),
      'the attack had something to find',
    )
  } finally {
    server.close()
  }
})

const METADATA = ['169.254.169.254', '169.254.170.2', '100.100.100.200', '192.0.0.192']
const PRIVATE = [
  '10.0.0.1',
  '172.16.0.1',
  '172.17.0.1',
  '192.168.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '1.1.1.1',
]
const tcp = (address: string, port: number) =>
  `timeout 3 bash -c 'exec 3<>/dev/tcp/${address}/${port}; cat <&3'`

test('22. metadata services, the host, its networks and the internet are out of reach, at once', async () => {
  const server = net.createServer((socket) => socket.end('of the host\n'))
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  try {
    const own = Object.values(os.networkInterfaces()).flatMap((each) => each ?? [])
    const addresses = own
      .map(({ address }) => address.split('%')[0]!)
      .filter((address) => net.isIPv4(address))
    assert.ok(addresses.length > 0)
    for (const address of [...addresses, '0.0.0.0']) {
      const words = await refused(a, tcp(address, port))
      assert.match(
        words,
        address.startsWith('127.') || address === '0.0.0.0' ? /refused/ : /unreachable|refused/i,
        address,
      )
    }
    for (const address of [...METADATA, ...PRIVATE])
      assert.match(await refused(a, tcp(address, 80)), /unreachable/, address)
    for (const address of ['fd00:ec2::254', 'fe80::1', '2606:4700:4700::1111'])
      assert.match(
        await refused(a, tcp(address, 80)),
        /unreachable|assign requested|Invalid argument/,
        address,
      )
    for (const name of ['metadata.google.internal', 'localhost.localdomain', 'example.org'])
      assert.match(await refused(a, `timeout 3 getent ahosts ${name} || { echo no >&2; false; }`), /./)
  } finally {
    server.close()
  }
})

test('23. nothing goes from one sandbox to another: no link, no address, no raw packet', async () => {
  const links = (id: string) => says(id, 'ip -o link | cut -d: -f2; ip route; ip -6 route')
  assert.deepEqual([await links(a), await links(b)], ['lo', 'lo'])
  const received = () => says(b, 'cat /sys/class/net/lo/statistics/rx_packets')
  const before = await received()
  // Links of their own making lead nowhere; a raw frame on them, with any sender, stays inside.
  await says(
    a,
    `ip link add x type veth peer name y && ip addr add 10.9.9.1/24 dev x && ip link set x up && ip link set y up
     perl -MSocket -e 'socket(S, 17, 3, 0x0300) or die $!; setsockopt(S, 1, 25, "x\\0"); send(S, ("\\xff" x 6) . ("\\x02" x 6) . "\\x08\\x06" . ("\\0" x 28), 0, pack("S n i S C C a8", 17, 0x0806, '"$(cat /sys/class/net/x/ifindex)"', 0, 0, 6, "\\xff" x 6)) or die $!'
     (timeout 1 ping -c 1 10.9.9.2 || true) >/dev/null 2>&1; ip link del x`,
  )
  assert.equal(await received(), before)
  // A link cannot be pushed into a namespace that is not theirs, nor pulled from one.
  await says(a, 'ip link add z type veth peer name w')
  assert.match(await refused(a, `ip link set z netns ${initPid(b)}`), /./)
  assert.deepEqual(
    fs.readdirSync('/sys/class/net').filter((link) => /^[wxyz]$/.test(link)),
    [],
  )
})
