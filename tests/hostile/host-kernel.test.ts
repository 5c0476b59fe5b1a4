/** Attacks on the host's identity, settings, memory, devices and disks, from inside as root. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { exec } from '../helpers/exec.ts'
import { neighbours, setting } from './helpers/attack.ts'

const { provider, config, a, b, says, refused, initPid, fresh } = neighbours()
const NO = /Permission denied|Operation not permitted|Read-only file system|No such file|No such device/

test('1. no id of the host is mapped, root least of all, and neighbours share none', async (t) => {
  const maps = [a, b].map((id) =>
    ['uid_map', 'gid_map'].map((kind) =>
      fs
        .readFileSync(`/proc/${initPid(id)}/${kind}`, 'utf8')
        .trim()
        .split(/\s+/)
        .map(Number),
    ),
  )
  for (const [inside, outside, size] of maps.flat()) {
    assert.deepEqual([inside, size], [0, 196_608])
    assert.ok(outside! >= 1_000_000_000 && outside! + size! < 2 ** 31)
  }
  for (const id of [a, b])
    assert.match(
      fs.readFileSync(`/proc/${initPid(id)}/status`, 'utf8'),
      new RegExp(`^Uid:(\t${maps[id === a ? 0 : 1]![0]![1]}){4}$`, 'm'),
    )
  // Nor can it be: a map is written once, and of a nested namespace only with what one has.
  assert.match(await refused(a, 'echo 0 0 1 > /proc/self/uid_map'), NO)
  assert.match(await refused(a, 'unshare --user --map-users 0,0,300000 true'), /./)
  const shared = await provider.sharedIds()
  if (shared) return t.skip(`this host cannot shift owners (${shared}): all sandboxes have one range`)
  const [first, second] = maps.map(([uids]) => uids![1]!)
  assert.ok(Math.abs(first! - second!) >= 196_608, `${first} ${second}`)
})

const SETTINGS = [
  '/proc/sys/kernel/core_pattern',
  '/proc/sys/kernel/modprobe',
  '/proc/sys/kernel/hotplug',
  '/proc/sys/kernel/poweroff_cmd',
  '/proc/sys/kernel/randomize_va_space',
  '/proc/sys/kernel/sysrq',
  '/proc/sys/vm/overcommit_memory',
  '/proc/sys/vm/drop_caches',
  '/proc/sys/fs/suid_dumpable',
  '/proc/sys/fs/binfmt_misc/register',
  '/sys/kernel/uevent_helper',
  '/sys/kernel/mm/ksm/run',
  '/sys/module/kernel/parameters/panic',
]
test('2. settings through which a kernel starts programs, and others, cannot be written', async () => {
  const there = SETTINGS.filter((file) => fs.existsSync(file))
  assert.ok(there.includes('/proc/sys/kernel/core_pattern'))
  // Some can only be written.
  const read = () => there.map((file) => [file, fs.statSync(file).mode & 0o400 ? setting(file) : '?'])
  const before = read()
  for (const file of there) {
    assert.match(await refused(a, `echo '|/bin/true' > ${file}`), NO, file)
    assert.match(await refused(a, `unshare -Urmpf --mount-proc sh -c "echo 1 > ${file}"`), NO, file)
  }
  assert.deepEqual(read(), before)
  // A fresh /proc and /sys are no other.
  await says(a, 'mkdir -p /tmp/p /tmp/s && mount -t proc proc /tmp/p && mount -t sysfs sysfs /tmp/s')
  assert.match(await refused(a, 'echo "|/bin/true" > /tmp/p/sys/kernel/core_pattern'), NO)
  assert.match(await refused(a, 'date --set 2001-01-01'), NO)
})

test('3. sysrq has no effect', async (t) => {
  if (!fs.existsSync('/proc/sysrq-trigger')) return t.skip('this kernel has no /proc/sysrq-trigger')
  const log = () => execFileSync('dmesg', { encoding: 'utf8', maxBuffer: 1 << 26 })
  const count = () => log().match(/sysrq: /gi)?.length ?? 0
  const before = count()
  assert.match(await refused(a, 'echo h > /proc/sysrq-trigger'), NO)
  assert.match(await refused(a, 'unshare -Ur sh -c "echo h > /proc/sysrq-trigger"'), NO)
  assert.equal(count(), before)
})

test('4. memory, kernel log and root folder of the host cannot be read', async () => {
  for (const file of [
    '/proc/kcore',
    '/proc/kmsg',
    '/dev/mem',
    '/dev/kmem',
    '/dev/port',
    '/dev/kmsg',
    '/proc/vmcore',
  ])
    assert.match(await refused(a, `head -c 1 ${file}`), NO, file)
  assert.match(await refused(a, 'dmesg'), NO)
  // Addresses of the kernel are hidden.
  assert.equal(
    await says(a, 'grep -c -v "^0\\{16\\} " /proc/kallsyms || true'),
    fs.existsSync('/proc/kallsyms') ? '0' : '',
  )
  const marker = path.join(config.stateDir, 'marker')
  fs.writeFileSync(marker, 'of the host')
  for (const root of ['/proc/1/root', '/proc/self/root', '/proc/1/cwd'])
    assert.match(await refused(a, `cat ${root}${marker}`), NO)
})

test('7. no device can be made, and none that an image could bring can be opened', async (t) => {
  const id = await fresh(t)
  for (const device of ['c 1 3', 'c 1 1', 'b 7 0', 'b 8 0', 'b 254 0'])
    assert.match(await refused(id, `mknod /tmp/device ${device}`), NO)
  for (const inNamespace of ['unshare -Ur', 'unshare -Urm'])
    assert.match(await refused(id, `${inNamespace} mknod /tmp/device c 1 3`), NO)
  const devices = (await says(id, 'find /dev -type c -o -type b')).split('\n')
  for (const device of devices)
    assert.match(device, /^\/dev\/(null|zero|full|random|urandom|tty|fuse|net\/tun|pts\/.*)$/)
  // The root and the disk are mounted so that devices in them are dead, and a learner cannot change that.
  const mounts = await says(id, 'cat /proc/self/mountinfo')
  for (const place of ['/', '/var/lib/docker', '/var/lib/containerd'])
    assert.match(mounts, new RegExp(`^\\S+ \\S+ \\S+ \\S+ ${place} [^ ]*nodev`, 'm'))
  assert.match(await refused(id, 'mount -o remount,bind,dev / && head -c 1 /tmp/device'), /./)
  assert.match(
    await says(id, 'mount -o remount,bind,dev / 2>/dev/null; grep " / / " /proc/self/mountinfo'),
    /nodev/,
  )
})

test('8. no disk, image or loop device of the host can be mounted', async () => {
  const source = execFileSync('findmnt', ['-no', 'SOURCE', '-T', config.stateDir], {
    encoding: 'utf8',
  }).trim()
  for (const device of [source, '/dev/loop0', '/dev/vda', '/dev/sda', '/dev/nvme0n1p1']) {
    assert.match(await refused(a, `mount ${device} /mnt`), /./)
    assert.match(await refused(a, `unshare -Urm mount ${device} /mnt`), /./)
  }
  await says(a, 'truncate -s 16M /tmp/disk && mkfs.ext4 -q /tmp/disk || true')
  for (const type of [
    'ext4',
    'xfs',
    'btrfs',
    'vfat',
    'squashfs',
    'nfs',
    'cifs',
    '9p',
    'debugfs',
    'tracefs',
    'securityfs',
    'bpf',
    'configfs',
    'efivarfs',
    'devtmpfs',
    'hugetlbfs',
  ])
    assert.match(await refused(a, `mount -t ${type} /tmp/disk /mnt`), /./, type)
  assert.match(await refused(a, 'losetup --find --show /tmp/disk'), /./)
  assert.match(await refused(a, 'ls /dev/loop-control /dev/mapper/control'), NO)
})

test('34. a crash dumps no core, neither here nor on the host, and starts no program', async () => {
  const pattern = setting('/proc/sys/kernel/core_pattern')!.trim()
  // Where the host's pattern leads to; one that names a program gets no dump to work on.
  const folder = pattern.startsWith('/') ? path.dirname(pattern) : '/var/lib/systemd/coredump'
  const dumps = () => (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
  const before = dumps()
  const crash =
    'mkdir -p /tmp/crash; cd /tmp/crash; ulimit -c unlimited 2>&1; (kill -SEGV $BASHPID); echo $?; ls -A'
  const { stdout } = await exec(provider, a, ['/bin/bash', '-c', crash])
  assert.match(stdout, /cannot modify limit[^\n]*\n139\n$/)
  assert.deepEqual(dumps(), before)
  assert.match(fs.readFileSync(`/proc/${initPid(a)}/limits`, 'utf8'), /^Max core file size +1 +1 /m)
})
