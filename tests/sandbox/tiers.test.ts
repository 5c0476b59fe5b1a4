/** What each tier has and has not, tried out from inside. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { suffices, TIERS, type Tier } from '../../server/protocol/tier.ts'
import { exec, newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'

const lab = testProvider()
const { provider } = lab
const ids = Object.fromEntries(TIERS.map((tier) => [tier, newId()])) as Record<Tier, string>

before(async () => {
  await Promise.all(TIERS.map((tier) => provider.create(ids[tier], tier, { tier })))
})
after(() => lab.dispose())

/** Something to do, the least tier in which it can be done, and what is said below that. */
const deeds: [string, Tier, string, RegExp?][] = [
  ['edit a file', 'plain', 'echo {} | jq . > /root/x.json && grep -q {} /root/x.json'],
  ['trace a program', 'plain', 'strace -o /dev/null true'],
  [
    'become another user',
    'plain',
    'su nobody -s /bin/sh -c "test $(id -u) != 0" || [ "$(setpriv --reuid 1000 id -u)" = 1000 ]',
  ],
  ['use sudo', 'plain', 'sudo -u nobody true'],
  ['list sockets and addresses', 'plain', 'ss -lnt && ip address show dev lo'],
  ['write a config.json', 'plain', 'cd /tmp && rm -f config.json && runc spec && jq -e .process config.json'],
  ['mount', 'unshare', 'mount -t tmpfs none /mnt && umount /mnt', /permission denied|not permitted/i],
  [
    'make namespaces',
    'unshare',
    'unshare --mount --uts --ipc --net --pid --fork --cgroup true',
    /not permitted/,
  ],
  ['make a user namespace', 'unshare', 'unshare -Urmpf --mount-proc true', /not permitted/],
  [
    'clone into a namespace',
    'unshare',
    // CLONE_NEWUTS and SIGCHLD, past unshare.
    `perl -e '$p = syscall(56, 0x4000011, 0, 0, 0, 0); exit 1 if $p < 0; exit 0 if !$p; wait; exit $? >> 8'`,
  ],
  ['enter namespaces', 'unshare', 'nsenter --all --target 1 true', /not permitted/],
  ['change the host name', 'unshare', 'hostname "$(hostname)" 2>&1 || echo lab > /proc/sys/kernel/hostname'],
  ['change its own sysctls', 'unshare', 'echo 4242 > /proc/sys/kernel/msgmax', /Read-only/],
  [
    'make a cgroup',
    'unshare',
    'd=/sys/fs/cgroup; [ -d $d/memory ] && d=$d/memory; mkdir $d/own && rmdir $d/own',
    /Read-only/,
  ],
  [
    'run a container with runc',
    'unshare',
    `rm -rf /tmp/b && mkdir -p /tmp/b/rootfs/bin && cp /bin/busybox /tmp/b/rootfs/bin/sh && cd /tmp/b && runc spec &&
     jq '.process.terminal = false | .process.args = ["sh", "-c", "exit 0"]' config.json > c && mv c config.json && runc run one`,
  ],
  ['use Docker', 'docker', 'docker run --rm --network none busybox true', /has no Docker/],
  ['start dockerd', 'docker', 'systemctl start docker', /has no Docker/],
  ['find its programs', 'docker', 'command -v dockerd containerd ctr containerd-shim-runc-v2'],
  ['open a packet socket', 'docker', `perl -e 'socket(my $s, 17, 3, 0) or die $!'`, /not permitted/],
  ['speak to the packet filter', 'docker', 'unshare -Urn nft list ruleset || unshare -Urn iptables -L', /./],
  [
    'speak to IPsec',
    'docker',
    `unshare -Urn perl -e 'socket(my $s, 16, 3, 6) or die $!'`,
    /not permitted|not supported/,
  ],
]
if (fs.existsSync('/dev/fuse')) deeds.push(['find fuse', 'docker', 'test -c /dev/fuse', /^$/])
if (fs.existsSync('/dev/net/tun')) deeds.push(['find tun', 'docker', 'test -c /dev/net/tun', /^$/])

for (const tier of TIERS)
  describe(`a ${tier} sandbox`, () => {
    for (const [deed, least, script, words] of deeds) {
      const can = suffices(tier, least)
      const skip = /syscall\(/.test(script) && process.arch !== 'x64' && 'its numbers are those of x86-64'
      test(`${can ? 'can' : 'cannot'} ${deed}`, { skip }, async () => {
        const { status, stdout, stderr } = await sh(provider, ids[tier], script)
        assert.equal(status === 0, can, `${status}: ${stdout}${stderr}`)
        if (!can && words) assert.match(stderr, words)
      })
    }

    test('has a user namespace, limits and a filter like every other', async () => {
      const { stdout } = await sh(provider, ids[tier], 'cat /proc/self/uid_map /proc/self/status')
      assert.match(stdout, /^ +0 +[12]\d{9} +196608$/m)
      assert.match(stdout, /^Seccomp:\t2$/m)
    })
  })

test('no sandbox has host ids of another', async () => {
  const bases = await Promise.all(
    TIERS.map(async (tier) => (await exec(provider, ids[tier], ['cat', '/proc/self/uid_map'])).stdout),
  )
  const shared = await provider.sharedIds()
  assert.equal(new Set(bases).size, shared ? 1 : TIERS.length, shared ?? bases.join())
})

test('what Docker is made of cannot be brought back from below', async () => {
  const { status } = await sh(
    provider,
    ids.unshare,
    'for f in /usr/bin/dockerd /usr/sbin/dockerd; do rm -f $f; umount $f; unlink $f; done; hash -r; command -v dockerd',
  )
  assert.notEqual(status, 0)
})
