/** Attacks on the program that lets the host enter a sandbox, and on mounts, descriptors and folders it comes by. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { exec, sh } from '../helpers/exec.ts'
import { until } from '../helpers/until.ts'
import { digest, neighbours, runtimeFiles } from './helpers/attack.ts'

const { provider, config, a, b, image, says, refused, fresh, initPid } = neighbours()
const runtime = runtimeFiles(image.runc)

test('9. nothing that is mounted can be made writable or taken off to find something of the host', async (t) => {
  const id = await fresh(t)
  const shared = ['usr/bin/jq', 'usr/bin/bash', 'usr/sbin/runc'].map((file) => path.join(image.rootfs, file))
  const before = [digest(shared), digest(runtime)]
  const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => `/dev/${name}`)
  const modes = () =>
    devices.map((file) => [fs.statSync(file).mode, fs.statSync(file).uid, fs.statSync(file).rdev])
  const modesBefore = modes()
  for (const device of devices)
    assert.match(
      await refused(id, `chmod 0 ${device} || chown 1 ${device} || setfattr -n user.x ${device}`),
      /./,
    )
  // Every mount, in every way; then every mount off, from the last on.
  await sh(
    provider,
    id,
    `awk '{print $5}' /proc/self/mountinfo | tac > /tmp/mounts
     while read -r m; do for o in rw,bind rw dev,bind suid,exec,dev,bind; do mount -o remount,$o "$m"; done; mount --make-rshared "$m"; done < /tmp/mounts 2>/dev/null
     echo x >> /usr/bin/jq; rm -f /usr/bin/bash.new; cp /bin/true /usr/sbin/runc; chmod 4777 /usr/bin/jq
     for d in null zero full; do rm -f /dev/$d; done`,
  )
  assert.deepEqual([digest(shared), digest(runtime)], before, 'what all sandboxes and the host have')
  assert.deepEqual(modes(), modesBefore)
  const marker = path.join(config.stateDir, 'marker')
  fs.writeFileSync(marker, 'of the host')
  const { stdout } = await sh(
    provider,
    id,
    `exec 2>/dev/null; exec 9</; while read -r m; do [ "$m" = / ] || umount -l "$m"; done < /tmp/mounts; umount -l /
     cat /proc/self/mountinfo; ls -d ${config.stateDir} ${image.dir}; cat ${marker}; cat /proc/self/fd/9/../../../..${marker}; echo end`,
  )
  assert.match(stdout, /end\n$/)
  assert.doesNotMatch(
    stdout.replaceAll(/(lowerdir|upperdir|workdir)=[^,\s]*/g, ''),
    new RegExp(`of the host|^${config.stateDir}`, 'm'),
  )
  assert.equal(await says(b, 'jq -n 1 && echo works > /dev/null && echo works'), '1\nworks')
})

test('12. what the host executes cannot be overwritten while it enters (CVE-2019-5736)', async (t) => {
  const id = await fresh(t)
  const before = digest(runtime)
  // Looks at every process that runs something else than the image's files, and writes to what it runs.
  const attack = `use Fcntl; my ($seen, $wrote) = (0, 0); open my $ready, '>', '/tmp/ready'; close $ready;
    until (-e '/tmp/stop') { for my $p (glob '/proc/[0-9]*') {
      my $link = readlink "$p/exe"; $seen++ if !defined $link && $!{EACCES};
      next if defined $link && $link =~ m{^/usr/};
      sysopen(my $fd, "$p/exe", O_RDONLY | 010000000) or next;
      # It may have become one of the image's by now, which is the learner's to write.
      next if readlink("/proc/self/fd/" . fileno($fd)) =~ m{^/usr/};
      for (1..50) { if (sysopen my $w, "/proc/self/fd/" . fileno($fd), O_WRONLY) { $wrote++ if syswrite $w, "#!/bin/true" } } } }
    print "$seen $wrote"`
  const attacker = exec(provider, id, ['/usr/bin/perl', '-e', attack], { timeoutMs: 60_000 })
  await until('it is on the watch', async () => (await sh(provider, id, 'test -e /tmp/ready')).status === 0)
  await says(id, 'printf "#!/proc/self/exe\\n" > /tmp/evil && chmod +x /tmp/evil')
  for (let i = 0; i < 50; i++) {
    // The runtime's copy cannot even be run: its loader has no file in here.
    const run = await exec(provider, id, [i % 2 ? '/tmp/evil' : '/proc/self/exe'])
    assert.match(run.stderr, /no such file or directory/)
  }
  await says(id, 'touch /tmp/stop')
  const [seen, wrote] = (await attacker).stdout.split(' ').map(Number)
  assert.ok(seen! > 0, 'the attack has seen the runtime')
  assert.equal(wrote, 0)
  assert.equal(digest(runtime), before)
  assert.equal(await says(b, 'echo works'), 'works')
})

test('12. the host executes no file that a sandbox can see', () => {
  const inSandbox = new Set(
    [image.rootfs, image.withoutDocker].flatMap((dir) =>
      execFileSync('find', [dir, '-type', 'f', '-printf', '%D:%i\n'], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }).split('\n'),
    ),
  )
  assert.ok(inSandbox.size > 1000)
  for (const file of runtime) {
    const { dev, ino, uid, mode, nlink } = fs.statSync(file)
    assert.ok(!inSandbox.has(`${dev}:${ino}`), file)
    assert.deepEqual([uid, mode & 0o022, nlink], [0, 0, 1], file)
  }
  const command = provider.command(a, ['true'], { tty: true })
  for (const file of [command.file, command.args[0]!]) assert.ok(runtime.includes(file), file)
})

test('13. a program that enters has its three descriptors and no others (CVE-2024-21626)', async () => {
  const open = fs.openSync('/etc/passwd', 'r')
  try {
    const { file, args } = provider.command(a, ['/bin/bash', '-c', 'ls /proc/$$/fd; true'], { tty: false })
    const run = spawnSync(file, args, { stdio: ['ignore', 'pipe', 'pipe', open, open, open] })
    assert.equal(run.stdout.toString(), '0\n1\n2\n')
  } finally {
    fs.closeSync(open)
  }
  const init = `/proc/${initPid(a)}/fd`
  for (const fd of fs.readdirSync(init))
    assert.match(fs.readlinkSync(`${init}/${fd}`), /^(\/dev\/null|anon_inode:.*)$/)
})

test('13. nor does a working folder that leads to a descriptor of the runtime (CVE-2024-21626)', async (t) => {
  const marker = path.join(config.stateDir, 'marker')
  fs.writeFileSync(marker, 'of the host')
  const id = await fresh(t)
  await says(id, 'mv /root /root.old')
  for (let fd = 3; fd < 20; fd++) {
    await exec(provider, id, ['/bin/true'])
    const prepare = provider.command(id, ['/bin/sh', '-c', `rm -rf /root; ln -s /proc/self/fd/${fd} /root`], {
      tty: false,
      cwd: '/',
    })
    assert.equal(spawnSync(prepare.file, prepare.args).status, 0)
    const attack = `cat ../../../../../../../..${marker} ../../../..${marker} /proc/self/cwd/../../..${marker}; true`
    const { stdout } = await exec(provider, id, ['/bin/sh', '-c', attack])
    assert.doesNotMatch(stdout, /of the host/, `descriptor ${fd}`)
  }
})

test('14. a sandbox whose folders lead elsewhere is entered without harm, and never made anew over them', async (t) => {
  const id = await fresh(t)
  const canary = path.join(config.stateDir, 'canary')
  fs.mkdirSync(canary)
  fs.writeFileSync(path.join(canary, 'file'), 'untouched')
  await sh(
    provider,
    id,
    `umount -l /dev /sys /var/lib/docker /var/lib/containerd /run 2>/dev/null
     for f in /dev /sys /etc/resolv.conf /etc/hostname /etc/passwd /etc/group /var/lib/docker /var/lib/containerd /run /tmp; do
       rm -rf $f; ln -sfn ${canary} $f; done; umount -l /proc; rm -rf /proc; ln -s ${canary} /proc`,
  )
  for (let i = 0; i < 3; i++) await exec(provider, id, ['/bin/sh', '-c', 'echo entered'])
  await assert.rejects(provider.create(id, 'a'), /EEXIST/)
  assert.deepEqual(fs.readdirSync(canary), ['file'])
  assert.equal(fs.readFileSync(path.join(canary, 'file'), 'utf8'), 'untouched')
  await provider.destroy(id)
  assert.equal(fs.readFileSync(path.join(canary, 'file'), 'utf8'), 'untouched')
})
