/** What separates a sandbox from its host and its neighbours, tried out from inside with a learner's full rights. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { parseHierarchies } from '../../server/host/providers/runc/cgroups.ts'
import { currentImage } from '../../server/host/providers/runc/index.ts'
import { exec, initPid, newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const MEMORY_MIB = 256
const PIDS = 200
const lab = testProvider({ LAB_MEMORY_MIB: String(MEMORY_MIB), LAB_PIDS: String(PIDS) })
const { provider, config } = lab
const image = currentImage(config.imageDir)
/** Two neighbours that no test harms. */
const [a, b] = [newId(), newId()]

before(async () => {
  await Promise.all([provider.create(a, 'a'), provider.create(b, 'b')])
})
after(() => lab.dispose())

/** A sandbox for one test that may ruin it. */
async function fresh(t: TestContext): Promise<string> {
  const id = newId()
  t.after(() => provider.destroy(id))
  await provider.create(id, id)
  return id
}

/** The sandbox's limiting cgroup, in every hierarchy of the host. */
const cgroupDirs = (id: string) =>
  parseHierarchies(fs.readFileSync('/proc/self/mountinfo', 'utf8')).map((h) =>
    path.join(h.mount, config.name, id),
  )

/** What a script prints, which must succeed. */
async function says(id: string, script: string): Promise<string> {
  const { status, stdout, stderr } = await sh(provider, id, script)
  assert.equal(status, 0, `${script}: ${stderr}`)
  return stdout.trim()
}

/** The words with which a script fails, which it must. */
async function refused(id: string, script: string): Promise<string> {
  const { status, stdout, stderr } = await sh(provider, id, script)
  assert.notEqual(status, 0, `${script} should have failed: ${stdout}`)
  return stderr
}

/** Takes as many bytes of memory and writes to each page. */
const eat = (mib: number) => `perl -e '$x = "a" x (${mib} * 1048576); print length $x'`

/** A directory for a learner's own cgroup, in the hierarchy that has the controller. */
const OWN_CGROUP = (controller: string) =>
  `own=/sys/fs/cgroup/own; [ -d /sys/fs/cgroup/${controller} ] && own=/sys/fs/cgroup/${controller}/own; mkdir -p $own`

describe('namespaces', () => {
  test('no user of the host exists in the sandbox, root least of all', async () => {
    const pid = initPid(config.runDir, a)
    for (const kind of ['uid_map', 'gid_map']) {
      const map = fs.readFileSync(`/proc/${pid}/${kind}`, 'utf8').trim().split(/\s+/).map(Number)
      const [inside, outside, size] = map
      assert.deepEqual([inside, size, map.length], [0, 196_608, 3])
      assert.ok(outside! >= 1_000_000_000)
      assert.equal(await says(a, `tr -s ' ' < /proc/self/${kind}`), ` ${map.join(' ')}`.trim())
      assert.match(fs.readFileSync(`/proc/${pid}/status`, 'utf8'), new RegExp(`^Uid:(\t${outside}){4}$`, 'm'))
    }
  })

  for (const kind of ['user', 'pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'])
    test(`the ${kind} namespace is neither the host's nor the neighbour's`, async () => {
      const of = (pid: number | 'self') => fs.readlinkSync(`/proc/${pid}/ns/${kind}`)
      const all = [of('self'), of(initPid(config.runDir, a)), of(initPid(config.runDir, b))]
      assert.equal(new Set(all).size, 3, all.join(' '))
      assert.equal(await says(a, `readlink /proc/self/ns/${kind}`), all[1], 'a program in it is in it')
    })

  test('there is loopback, up, and no other interface and no route', async () => {
    assert.match(await says(a, 'ip -o link'), /^1: lo: <LOOPBACK,UP[^\n]*$/)
    assert.equal(await says(a, 'ip route; ip -6 route'), '')
  })

  test('processes of the host and of the neighbour can be neither seen nor signalled', async () => {
    const { file, args } = provider.command(b, ['/bin/sleep', '98765'], { tty: false, detach: true })
    assert.equal(spawnSync(file, args, { stdio: 'ignore' }).status, 0)
    assert.match(await says(b, 'ps -e -o args'), /sleep 98765/)
    assert.deepEqual((await says(a, 'ps -e -o args=')).split('\n'), [
      '/usr/bin/catatonit -P',
      'ps -e -o args=',
    ])
    const pid = initPid(config.runDir, b)
    assert.match(await refused(a, `kill -0 ${pid}`), /No such process/)
    assert.match(await refused(a, `ls /proc/${pid}`), /No such file/)
  })
})

describe('limits', () => {
  test('a full disk is an error inside, costs the host no more than the quota, and is no end', async (t) => {
    const id = await fresh(t)
    const disk = path.join(config.stateDir, 'sandboxes', id, 'disk.img')
    const usedBefore = fs.statSync(disk).blocks * 512
    // All but the last 64 MiB at once and unwritten; those are then written for real.
    const free = Number(await says(id, 'df --output=avail -m / | tail -n 1'))
    await says(id, `fallocate -l ${free - 64}M /root/most`)
    for (const place of ['/root', '/var/lib/docker', '/tmp'])
      assert.match(
        await refused(id, `dd if=/dev/zero of=${place}/rest bs=1M count=128`),
        /No space left on device/,
      )
    const usedAfter = fs.statSync(disk).blocks * 512
    assert.ok(usedAfter - usedBefore < 80 * 1024 ** 2, `${usedAfter - usedBefore} bytes of the host's disk`)
    assert.ok(fs.statSync(disk).size <= config.limits.diskMib * 1024 ** 2)
    assert.ok(await provider.isAlive(id))
    await says(id, 'rm /root/most /root/rest && echo works > /root/after')
    assert.equal(
      await says(b, 'df --output=avail -m / | tail -n 1 | xargs test 1000 -lt && echo free'),
      'free',
    )
  })

  test('files in memory are bounded too', async (t) => {
    const id = await fresh(t)
    for (const place of ['/run', '/dev', '/dev/shm'])
      assert.match(
        await refused(id, `dd if=/dev/zero of=${place}/f bs=1M count=100; s=$?; rm ${place}/f; exit $s`),
        /No space/,
      )
    // One that the learner mounts has no limit of its own: the memory limit is the bound.
    const big = await sh(
      provider,
      id,
      'mount -t tmpfs -o size=10g big /mnt && dd if=/dev/zero of=/mnt/f bs=1M count=1000',
    )
    assert.notEqual(big.status, 0)
    await says(id, 'umount /mnt')
  })

  test('a process that wants more memory than there is dies alone', async (t) => {
    const id = await fresh(t)
    assert.equal(await says(id, eat(MEMORY_MIB / 2)), String((MEMORY_MIB / 2) * 1024 ** 2))
    assert.equal((await sh(provider, id, eat(MEMORY_MIB + 50))).status, 137)
    assert.ok(await provider.isAlive(id))
    assert.equal(await says(id, 'echo works'), 'works')
  })

  test('there are no more processes than the limit says', async (t) => {
    const id = await fresh(t)
    const forks = `perl -e '$| = 1; setpgrp; for (1..1000) { $p = fork; if (!defined $p) { print "$_ $!"; last } if (!$p) { sleep 1000 } } kill 9, -$$'`
    const said = await sh(provider, id, forks)
    const [, count, why] = /^(\d+) (.*)$/.exec(said.stdout)!
    assert.equal(why, 'Resource temporarily unavailable')
    assert.ok(Number(count) > PIDS / 2 && Number(count) <= PIDS, count)
    await until(
      'they are gone',
      async () => (await sh(provider, id, 'ps -e --no-headers | wc -l')).stdout.length < 4,
    )
  })

  test('a fork bomb hurts nobody else, and its sandbox is destroyed within 5 seconds', async (t) => {
    const id = await fresh(t)
    const bomb = 'f() { f | f & }; f'
    const { file, args } = provider.command(id, ['/bin/bash', '-c', bomb], { tty: false, detach: true })
    assert.equal(spawnSync(file, args, { stdio: 'ignore' }).status, 0)
    const pidsFile = cgroupDirs(id)
      .map((dir) => path.join(dir, 'pids.current'))
      .find(fs.existsSync)!
    const running = () => Number(fs.readFileSync(pidsFile, 'utf8'))
    await until('the bomb has gone off', () => running() > PIDS * 0.9)
    assert.ok(running() <= PIDS, `${running()} processes`)
    assert.ok(await provider.isAlive(id))
    assert.equal(await says(b, 'echo works'), 'works')
    const began = performance.now()
    await provider.destroy(id)
    assert.ok(performance.now() - began < 5000)
    assert.equal(cgroupDirs(id).some(fs.existsSync), false)
  })

  test('the processor limit is the one that was asked for', () => {
    const read = (file: string) =>
      cgroupDirs(a)
        .map((dir) => path.join(dir, file))
        .filter(fs.existsSync)
        .map((f) => fs.readFileSync(f, 'utf8').trim())
    const v1 = read('cpu.cfs_quota_us')
    if (v1.length > 0) assert.deepEqual([v1, read('cpu.cfs_period_us')], [['150000'], ['100000']])
    else assert.deepEqual(read('cpu.max'), ['150000 100000'])
  })
})

describe('cgroups', () => {
  /** Everything that limits a sandbox, as the host reads it. */
  const limits = (id: string) =>
    Object.fromEntries(
      cgroupDirs(id).flatMap((dir) =>
        fs
          .readdirSync(dir)
          .filter((name) => /(max|limit_in_bytes|quota_us|period_us|shares|cpus|mems|weight)$/.test(name))
          .filter((name) => !/(usage|max_usage_in_bytes)/.test(name))
          .map((name) => [path.join(dir, name), fs.readFileSync(path.join(dir, name), 'utf8')]),
      ),
    )

  test('the sandbox sees its own part of the tree and nothing above it, however it mounts it', async () => {
    for (const line of (await says(a, 'cat /proc/1/cgroup')).split('\n')) assert.match(line, /:\/(init)?$/)
    for (const line of fs
      .readFileSync(`/proc/${initPid(config.runDir, a)}/cgroup`, 'utf8')
      .trim()
      .split('\n'))
      assert.match(line, new RegExp(`:/${config.name}/${a}/box(/init)?$`))
    const mounts = ['-t cgroup2', '-t cgroup -o memory', '-t cgroup -o none,name=systemd']
    const seen = await says(
      a,
      `mkdir -p /mnt/c; ${mounts.map((m) => `mount ${m} none /mnt/c 2>/dev/null && { find /mnt/c -type d -o -name release_agent; umount /mnt/c; }`).join('; ')}; find /sys/fs/cgroup -name release_agent`,
    )
    for (const name of [config.name, a, b, 'make', 'release_agent']) assert.ok(!seen.includes(name), seen)
    assert.match(seen, /^\/mnt\/c$/m)
  })

  test('whatever is written to every file there, the limits stay', async (t) => {
    const id = await fresh(t)
    const before = limits(id)
    assert.ok(Object.keys(before).length >= 3)
    await sh(
      provider,
      id,
      `find /sys/fs/cgroup/ -type f -name '*[.]*' ! -name '*freeze*' ! -name '*.kill' ! -name '*.type' | while read -r f; do
         for value in max -1 99999999999 "+memory +pids" "a *:* rwm"; do echo "$value" > "$f"; done; done 2>/dev/null`,
    )
    assert.deepEqual(limits(id), before)
    assert.equal((await sh(provider, id, eat(MEMORY_MIB + 50))).status, 137)
    assert.match(await refused(id, 'mknod /tmp/disk b 7 0'), /Operation not permitted/)
  })

  test('below it the learner can limit on their own', async (t) => {
    const id = await fresh(t)
    const script = (mib: number) => `${OWN_CGROUP('memory')}
      for f in memory.max memory.limit_in_bytes; do [ -e $own/$f ] && echo ${mib}M > $own/$f; done
      (echo $BASHPID > $own/cgroup.procs && exec ${eat(60)})`
    assert.equal((await sh(provider, id, script(30))).status, 137)
    assert.equal((await sh(provider, id, script(100))).stdout, String(60 * 1024 ** 2))
  })
})

describe('what the host executes', () => {
  const runtime = path.dirname(image.runc)
  const digest = () =>
    fs.readdirSync(runtime).map((name) =>
      createHash('sha256')
        .update(fs.readFileSync(path.join(runtime, name)))
        .digest('hex'),
    )

  test('is no file that a sandbox can see', () => {
    const inSandbox = new Set(
      execFileSync('find', [image.rootfs, '-type', 'f', '-printf', '%D:%i\n'], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      }).split('\n'),
    )
    assert.ok(inSandbox.size > 1000)
    for (const file of fs.readdirSync(runtime).map((name) => path.join(runtime, name))) {
      const { dev, ino, uid, mode, nlink } = fs.statSync(file)
      assert.ok(!inSandbox.has(`${dev}:${ino}`), file)
      assert.deepEqual([uid, mode & 0o022, nlink], [0, 0, 1], file)
    }
    const command = provider.command(a, ['true'], { tty: true })
    for (const file of [command.file, command.args[0]!]) assert.equal(path.dirname(file), runtime)
  })

  test('cannot be overwritten through /proc/self/exe while a program is entering', async (t) => {
    const id = await fresh(t)
    const before = digest()
    // Looks at every process that runs something else than the image's files, and writes to what it runs.
    const attack = `use Fcntl; my ($seen, $wrote) = (0, 0); open my $ready, '>', '/tmp/ready'; close $ready;
      until (-e '/tmp/stop') { for my $p (glob '/proc/[0-9]*') {
        my $link = readlink "$p/exe"; $seen++ if !defined $link && $!{EACCES};
        next if defined $link && $link =~ m{^/usr/};
        sysopen(my $fd, "$p/exe", O_RDONLY | 010000000) or next;
        for (1..50) { if (sysopen my $w, "/proc/self/fd/" . fileno($fd), O_WRONLY) { $wrote++ if syswrite $w, "#!/bin/true" } } } }
      print "$seen $wrote"`
    const attacker = exec(provider, id, ['/usr/bin/perl', '-e', attack])
    await until('it is on the watch', async () => (await sh(provider, id, 'test -e /tmp/ready')).status === 0)
    await sh(provider, id, 'printf "#!/proc/self/exe\\n" > /tmp/evil && chmod +x /tmp/evil')
    for (let i = 0; i < 16; i++) {
      // The runtime's copy cannot even be run: its loader has no file in here.
      const run = await exec(provider, id, [i % 2 ? '/tmp/evil' : '/proc/self/exe'])
      assert.match(run.stderr, /no such file or directory/)
    }
    await says(id, 'touch /tmp/stop')
    const [seen, wrote] = (await attacker).stdout.split(' ').map(Number)
    assert.ok(seen! > 0, 'the attack has seen the runtime')
    assert.equal(wrote, 0)
    assert.deepEqual(digest(), before)
    assert.equal(await says(b, 'echo works'), 'works')
  })

  test('hands in the three standard descriptors and no more', async () => {
    const open = fs.openSync('/etc/passwd', 'r')
    try {
      const { file, args } = provider.command(a, ['/bin/bash', '-c', 'ls /proc/$$/fd; true'], { tty: false })
      const run = spawnSync(file, args, { stdio: ['ignore', 'pipe', 'pipe', open, open, open] })
      assert.equal(run.stdout.toString(), '0\n1\n2\n')
    } finally {
      fs.closeSync(open)
    }
    const ofInit = fs.readdirSync(`/proc/${initPid(config.runDir, a)}/fd`).map((fd) => {
      return fs.readlinkSync(`/proc/${initPid(config.runDir, a)}/fd/${fd}`)
    })
    for (const target of ofInit) assert.match(target, /^(\/dev\/null|anon_inode:.*)$/, ofInit.join(' '))
  })
})

describe('the kernel', () => {
  const calls: [string, string, string][] = [
    ['bpf', '321, 0, 0, 0', 'Operation not permitted'],
    ['perf_event_open', '298, 0, 0, 0', 'Operation not permitted'],
    ['quotactl', '179, 0, 0, 0', 'Operation not permitted'],
    ['swapoff', '168, 0', 'Operation not permitted'],
    ['fanotify_init', '300, 0, 0', 'Operation not permitted'],
    ['io_uring_setup', '425, 1, 0', 'Function not implemented'],
    ['io_uring_enter', '426, 0, 0, 0, 0', 'Function not implemented'],
    ['userfaultfd', '323, 0', 'Function not implemented'],
    ['kexec_load', '246, 0, 0, 0', 'Function not implemented'],
    ['init_module', '175, 0, 0, 0', 'Function not implemented'],
    ['open_by_handle_at', '304, 0, 0, 0', 'Function not implemented'],
    ['socket(AF_ALG)', '41, 38, 5, 0', 'Operation not permitted'],
    ['socket(AF_VSOCK)', '41, 40, 1, 0', 'Operation not permitted'],
    ['socket(AF_RXRPC)', '41, 33, 2, 2', 'Operation not permitted'],
  ]
  for (const [name, args, answer] of calls)
    test(`refuses ${name}`, {
      skip: process.arch !== 'x64' && 'the numbers are those of x86-64',
    }, async () => {
      const call = `perl -e '$r = syscall(${args}); print "$r $!"'`
      assert.equal(await says(a, call), `-1 ${answer}`)
      assert.equal(
        await says(a, `unshare -Ur ${call}`),
        `-1 ${answer}`,
        'also in a user namespace of its own',
      )
    })

  test('allows what lessons need', {
    skip: process.arch !== 'x64' && 'the numbers are those of x86-64',
  }, async () => {
    assert.equal(await says(a, `perl -e 'print syscall(41, 1, 1, 0) > 2 ? "socket" : $!'`), 'socket')
    assert.equal(
      await says(
        a,
        'unshare -Urmpf --mount-proc sh -c "echo $$; mount -t tmpfs x /mnt && echo mounted"',
      ).then((s) => s.split('\n').at(-1)),
      'mounted',
    )
  })

  test('lets no device be made', async () => {
    for (const device of ['c 1 3', 'b 8 0', 'b 7 0', 'c 1 1'])
      assert.match(await refused(a, `mknod /tmp/device ${device}`), /Operation not permitted/)
  })

  test('keeps its settings to itself', async () => {
    const before = fs.readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
    for (const file of [
      '/proc/sys/kernel/core_pattern',
      '/proc/sys/kernel/modprobe',
      '/proc/sys/vm/drop_caches',
      '/sys/kernel/uevent_helper',
    ])
      if (fs.existsSync(file))
        assert.match(await refused(a, `echo '|/bin/true' > ${file}`), /Permission denied|Read-only/, file)
    if (fs.existsSync('/proc/sysrq-trigger'))
      assert.match(await refused(a, 'echo h > /proc/sysrq-trigger'), /denied/)
    assert.equal(fs.readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), before)
    assert.match(await refused(a, 'date -s 2001-01-01'), /Operation not permitted/)
    assert.match(await refused(a, 'dmesg'), /Operation not permitted/)
  })
})

describe('files', () => {
  test('what one sandbox writes or deletes, no other has or misses', async (t) => {
    const id = await fresh(t)
    await says(
      id,
      'echo mine > /root/mine; echo mine > /var/lib/docker/mine; rm /usr/bin/jq; echo x >> /etc/passwd',
    )
    const next = await fresh(t)
    for (const other of [b, next])
      assert.equal(
        await says(
          other,
          'ls /root/mine /var/lib/docker/mine 2>/dev/null; tail -c 2 /etc/passwd; command -v jq',
        ),
        'h\n/usr/bin/jq'.replace('h', await says(a, 'tail -c 2 /etc/passwd')),
      )
    assert.ok(fs.existsSync(path.join(image.rootfs, 'usr/bin/jq')))
  })

  test('the disks of the host cannot be mounted', async () => {
    const source = execFileSync('findmnt', ['-no', 'SOURCE', '-T', config.stateDir], {
      encoding: 'utf8',
    }).trim()
    assert.match(await refused(a, `mount ${source} /mnt`), /./)
    assert.match(await refused(a, 'mount /dev/loop0 /mnt'), /./)
    assert.equal(await says(a, 'ls /dev | grep -E "^(sd|vd|nvme|loop|mem|kmem|kvm)" | wc -l'), '0')
  })
})
