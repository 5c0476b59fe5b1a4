/** Every row of the lens against a real container: what config.json asks for, and what the kernel shows of it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../helpers/until.ts'
import { type Config, expect, LensBox, rowOf } from './lens-box.ts'

let box: LensBox
/** cgroup v2 for the limits, as on a unified host. */
let v2 = false

before(async () => {
  box = await LensBox.start()
  v2 = (await box.sh('stat -f -c %T /sys/fs/cgroup')).trim() === 'cgroup2fs'
})
after(() => box?.stop())

const dropNamespace = (config: Config, type: string) => {
  config.linux.namespaces = config.linux.namespaces.filter((each: Config) => each.type !== type)
}

describe('the default configuration', () => {
  test('is in force, field by field', async () => {
    await box.run('plain')
    const look = await box.look('plain')
    assert.equal(look.container.phase, 'running')
    assert.equal(look.asked.origin === 'start' || look.asked.origin === 'unchanged', true)
    const odd = look.rows.filter(({ verdict }) => verdict === 'differs')
    // Device rules of a user namespace are the one thing that runc cannot do here.
    assert.deepEqual(
      odd.map(({ pointer }) => pointer),
      v2 ? [] : ['/linux/resources/devices'],
    )
    expect(look, '/process/args', 'equal', 'sleep 1000')
    expect(look, '/process/args/0', 'equal', '/bin/busybox')
    expect(look, '/process/env', 'equal', /PATH=.* TERM=xterm HOME=\/root/)
    expect(look, '/process/cwd', 'equal', '/')
    expect(look, '/process/terminal', 'equal', /no terminal of its own/)
    expect(look, '/process/user/uid', 'equal', '0')
    expect(look, '/process/noNewPrivileges', 'equal', 'true')
    expect(
      look,
      '/process/capabilities/bounding',
      'equal',
      /CAP_KILL, CAP_NET_BIND_SERVICE|CAP_NET_BIND_SERVICE/,
    )
    expect(look, '/process/capabilities/ambient', 'default', 'none')
    expect(look, '/process/rlimits/0', 'equal', /soft 1024, hard 1024/)
    expect(look, '/hostname', 'equal', 'runc')
    expect(look, '/root/path', 'equal', '/tmp/plain/rootfs')
    expect(look, '/root/readonly', 'equal', 'true')
    for (const index of [0, 1, 2, 3, 4])
      expect(
        look,
        `/linux/namespaces/${index}`,
        'equal',
        /its own/,
        `${['pid', 'network', 'ipc', 'uts', 'mount'][index]} namespace`,
      )
    expect(look, '/linux/namespaces/0', 'equal', /^\d+ in the sandbox, 1 inside$/, 'pid outside and inside')
    expect(look, '/linux/namespaces/1', 'default', 'lo', 'network interfaces')
    // Not every kernel has /proc/acpi.
    const acpi = await box.sh('[ -e /proc/acpi ] && echo there || true')
    if (acpi) expect(look, '/linux/maskedPaths/0', 'equal', /read-only tmpfs|dev\/null/)
    else expect(look, '/linux/maskedPaths/0', 'not-applied', 'no such path')
    expect(look, '/linux/readonlyPaths/0', 'equal', 'ro')
    for (const [index, mount] of look.context.mounts.entries())
      assert.ok(mount.point.startsWith('/'), `${index}`)
    expect(look, '/ociVersion', 'equal')
    expect(look, '/linux/cgroupsPath', 'default', /\/plain$/)
    for (const row of look.rows) {
      if (
        row.source.startsWith('/') &&
        row.got !== null &&
        !row.source.includes(',') &&
        row.family !== 'runc'
      )
        await box.sh(`[ -e ${row.source} ] || [ -L ${row.source} ]`)
    }
  })

  test('is told with commands that show the same', async () => {
    const look = await box.look('plain')
    const says = async (pointer: string, title?: string) =>
      (await box.sh(rowOf(look, pointer, title).command, { fails: true })).trim()
    assert.equal(await says('/process/args'), 'sleep 1000')
    assert.match(await says('/process/env'), /TERM=xterm/)
    assert.equal(await says('/hostname'), 'runc')
    assert.match(await says('/process/capabilities/bounding'), /cap_kill/)
    assert.match(await says('/process/rlimits/0'), /Max open files\s+1024/)
    assert.match(await says('/root/path'), /rootfs/)
    assert.match(await says('/linux/namespaces/0', 'pid namespace'), /pid:\[\d+\]\n?/)
    const commands = [...new Set(look.rows.map(({ command }) => command).filter(Boolean))]
    for (const command of commands) {
      const output = await box.sh(`${command} > /tmp/output 2>&1; echo $?; cat /tmp/output`, { fails: true })
      assert.doesNotMatch(output, /not found|Permission denied|[Uu]sage:/, command)
    }
  })
})

test('process: arguments, environment, directory, user, umask, scheduling', async () => {
  await box.run('process', (config) => {
    config.process.args = ['/bin/sh', '-c', 'sleep 1000; true', 'two words']
    config.process.env = ['PATH=/bin', 'A=first', 'A=second']
    config.process.cwd = '/tmp'
    config.process.user = { uid: 7, gid: 8, additionalGids: [9, 10], umask: 63 }
    config.process.oomScoreAdj = 700
    config.process.scheduler = { policy: 'SCHED_BATCH', nice: 5 }
    config.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 6 }
    config.process.rlimits = [
      { type: 'RLIMIT_NOFILE', hard: 300, soft: 200 },
      { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
    ]
  })
  const look = await box.look('process')
  expect(look, '/process/args', 'equal', "/bin/sh -c 'sleep 1000; true' 'two words'")
  const env = expect(look, '/process/env', 'equal', /A=second/)
  assert.ok(!env.got?.includes('first'))
  expect(look, '/process/cwd', 'equal', '/tmp')
  expect(look, '/process/user/uid', 'equal', '7')
  expect(look, '/process/user/gid', 'equal', '8')
  expect(look, '/process/user/additionalGids', 'equal', '9, 10')
  expect(look, '/process/user/umask', 'equal', /63 \(octal 0077\)/)
  expect(look, '/process/oomScoreAdj', 'equal', /^700, which makes a badness of \d+$/)
  expect(look, '/process/scheduler/policy', 'equal', 'SCHED_BATCH')
  expect(look, '/process/scheduler/nice', 'equal', '5')
  expect(look, '/process/ioPriority', 'equal', 'IOPRIO_CLASS_BE 6')
  expect(look, '/process/rlimits/0', 'equal', 'soft 200, hard 300')
  expect(look, '/process/rlimits/1', 'equal', 'soft 0, hard 0')
  // Not root: execve leaves what is ambient, and nothing is.
  const effective = expect(look, '/process/capabilities/effective', 'differs', 'none')
  assert.match(effective.why, /Not root/)
})

test('capabilities: what is masked, ambient, unknown', async () => {
  await box.run('caps', (config) => {
    const some = ['CAP_KILL', 'CAP_CHOWN', 'CAP_NET_RAW']
    config.process.capabilities = {
      bounding: some,
      permitted: some,
      effective: ['CAP_KILL'],
      inheritable: some,
      ambient: ['CAP_CHOWN'],
    }
    config.process.user = { uid: 5, gid: 5 }
    config.process.noNewPrivileges = false
  })
  const look = await box.look('caps')
  expect(look, '/process/capabilities/bounding', 'equal')
  expect(look, '/process/capabilities/inheritable', 'equal')
  expect(look, '/process/capabilities/ambient', 'equal', 'CAP_CHOWN')
  const permitted = expect(look, '/process/capabilities/permitted', 'differs', 'CAP_CHOWN')
  assert.match(permitted.why, /ambient/)
  expect(look, '/process/noNewPrivileges', 'equal', 'false')
  await box.run('unknown', (config) => {
    config.process.capabilities.bounding.push('CAP_TEA')
    config.process.capabilties = {}
    config.annotations = { 'org.example/key~1': 'value' }
  })
  const other = await box.look('unknown')
  assert.match(expect(other, '/process/capabilities/bounding', 'differs').why, /knows no CAP_TEA/)
  assert.match(expect(other, '/process/capabilties', 'not-applied').why, /no such key/)
  expect(other, '/annotations/org.example~1key~01', 'equal', 'value')
})

test('terminal: a pseudo-terminal of its own, and its size', async () => {
  await box.bundle('tty', (config) => {
    config.process.terminal = true
    config.process.consoleSize = { width: 91, height: 17 }
  })
  await box.sh(
    'cd /tmp/tty && (recvtty -p "" /tmp/tty/console.sock > /dev/null 2>&1 & ) ; (recvtty -m null /tmp/tty/console.sock > /dev/null 2>&1 &); for i in $(seq 100); do [ -S console.sock ] && break; sleep .05; done; runc create --console-socket /tmp/tty/console.sock tty && runc start tty',
  )
  const look = await box.look('tty')
  const row = expect(look, '/process/terminal', 'equal', /\/dev\/pts\/0, its controlling terminal/)
  assert.equal(row.value, true)
  expect(look, '/process/consoleSize', 'equal', '91 columns, 17 rows')
})

test('namespaces: shared, joined, and both names of a process', async () => {
  const plain = (await box.look('plain')).container.pid
  await box.run('joined', (config) => {
    dropNamespace(config, 'ipc')
    config.linux.namespaces.find((each: Config) => each.type === 'network').path = `/proc/${plain}/ns/net`
    config.linux.namespaces.find((each: Config) => each.type === 'pid').path = `/proc/${plain}/ns/pid`
  })
  const look = await box.look('joined')
  expect(look, '/linux/namespaces/1', 'equal', /that one$/, 'network namespace')
  expect(look, '/linux/namespaces/0', 'differs', /\d+ in the sandbox, \d+ inside/, 'pid outside and inside')
  const ipc = look.rows.find(({ title }) => title === 'ipc namespace')
  assert.equal(ipc?.verdict, 'default')
  assert.match(ipc?.got ?? '', /shared with the sandbox/)
  await box.sh(
    'ip netns add lens && nsenter --net=/run/netns/lens ip link add veth0 type veth peer name veth1',
  )
  await box.run('named', (config) => {
    config.linux.namespaces.find((each: Config) => each.type === 'network').path = '/var/run/netns/lens'
  })
  const named = await box.look('named')
  expect(named, '/linux/namespaces/1', 'equal', /that one$/, 'network namespace')
  assert.match(rowOf(named, '/linux/namespaces/1', 'network interfaces').got ?? '', /veth0/)
})

test('user namespace: mappings, ids on both sides, device nodes that are bound', async () => {
  await box
    .run('user', (config) => {
      config.linux.namespaces.push({ type: 'user' })
      const mapping = { containerID: 0, hostID: 70_000, size: 1000 }
      config.linux.uidMappings = [mapping]
      config.linux.gidMappings = [mapping]
      config.process.user = { uid: 3, gid: 4 }
      config.linux.devices = [{ path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 384 }]
      config.root.readonly = false
      config.mounts = config.mounts.filter((mount: Config) => mount.type !== 'cgroup')
    })
    .catch(async () => {
      await box.sh(
        'chown -R 70000:70000 /tmp/user/rootfs; chmod 755 /tmp/user; cd /tmp/user && runc delete -f user; runc run -d user < /dev/null > log 2>&1 || { cat log; exit 1; }',
      )
    })
  const look = await box.look('user')
  expect(look, '/linux/uidMappings/0', 'equal', '0 inside is 70000 outside, 1000 ids')
  expect(look, '/linux/gidMappings/0', 'equal')
  expect(look, '/process/user/uid', 'equal', '3 inside, 70003 in the sandbox')
  expect(look, '/process/user/gid', 'equal', '4 inside, 70004 in the sandbox')
  const device = expect(look, '/linux/devices/0', 'differs', 'c 1:5 mode 666')
  assert.match(device.why, /nobody can make device nodes/)
})

test('time namespace: offsets', async (t) => {
  if ((await box.sh('ls /proc/self/ns')).includes('time') === false)
    return t.skip('this kernel has no time namespaces')
  await box.run('time', (config) => {
    config.linux.namespaces.push({ type: 'time' })
    config.linux.timeOffsets = { monotonic: { secs: 86400 }, boottime: { secs: 172800, nanosecs: 5 } }
  })
  const look = await box.look('time')
  expect(look, '/linux/timeOffsets/monotonic', 'equal', '86400 s, 0 ns')
  expect(look, '/linux/timeOffsets/boottime', 'equal', '172800 s, 5 ns')
})

test('names and sysctls: of the container’s namespaces, not of who reads', async () => {
  await box
    .run('names', (config) => {
      config.hostname = 'inside'
      config.domainname = 'example'
      config.linux.sysctl = {
        'net.ipv4.ip_forward': '1',
        'kernel.shmmax': '4096',
        'net.ipv4.ping_group_range': '0 5',
      }
      config.linux.personality = { domain: 'LINUX32' }
    })
    .catch(() =>
      box.run('names', (config) => {
        config.hostname = 'inside'
        config.domainname = 'example'
        config.linux.sysctl = {
          'net.ipv4.ip_forward': '1',
          'kernel.shmmax': '4096',
          'net.ipv4.ping_group_range': '0 5',
        }
      }),
    )
  const look = await box.look('names')
  expect(look, '/hostname', 'equal', 'inside')
  expect(look, '/domainname', 'equal', 'example')
  expect(look, '/linux/sysctl/net.ipv4.ip_forward', 'equal', '1')
  expect(look, '/linux/sysctl/kernel.shmmax', 'equal', '4096')
  expect(look, '/linux/sysctl/net.ipv4.ping_group_range', 'equal', '0 5')
  await box.sh(`nsenter -t ${look.container.pid} -u busybox hostname other`)
  const changed = await box.look('names', (each) => rowOf(each, '/hostname').verdict === 'differs')
  expect(changed, '/hostname', 'differs', 'other')
})

test('mounts: options, binds, propagation, what lies over them', async () => {
  await box.sh('mkdir -p /tmp/source && echo x > /tmp/source/file')
  await box.run('mounts', (config) => {
    config.root.readonly = false
    config.linux.rootfsPropagation = 'slave'
    config.mounts.push(
      {
        destination: '/data',
        type: 'bind',
        source: '/tmp/source',
        options: ['rbind', 'ro', 'nosuid', 'nodev'],
      },
      {
        destination: '/scratch',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['size=64k', 'nosuid', 'noexec', 'mode=700'],
      },
      { destination: '/over', type: 'tmpfs', source: 'tmpfs', options: ['nodev'] },
      { destination: '/over', type: 'tmpfs', source: 'tmpfs', options: ['noexec'] },
    )
  })
  const look = await box.look('mounts')
  const last = look.asked.config.mounts as Config[]
  const index = (destination: string) => last.findIndex((mount) => mount.destination === destination)
  expect(look, `/mounts/${index('/data')}`, 'equal', /\/tmp\/source.*ro,nosuid,nodev/)
  expect(look, `/mounts/${index('/scratch')}`, 'equal', /tmpfs: .*nosuid,noexec/)
  assert.match(expect(look, `/mounts/${index('/over')}`, 'differs').why, /mounted over/)
  expect(look, '/root/readonly', 'equal', 'false')
  assert.match(rowOf(look, '/linux/rootfsPropagation').got ?? '', /slave|private/)
  for (const [at, mount] of last.slice(0, 7).entries())
    assert.notEqual(rowOf(look, `/mounts/${at}`).got, null, mount.destination)
  await box.sh(`nsenter -t ${look.container.pid} -m umount /scratch`)
  const gone = await box.look(
    'mounts',
    (each) => rowOf(each, `/mounts/${index('/scratch')}`).verdict === 'differs',
  )
  assert.match(rowOf(gone, `/mounts/${index('/scratch')}`).got ?? '', /no mount there/)
})

test('masked and read-only paths: there, missing in this kernel, taken away', async () => {
  await box.run('masks', (config) => {
    config.linux.maskedPaths = ['/proc/keys', '/proc/acpi', '/proc/no-such-thing']
    config.linux.readonlyPaths = ['/proc/sys', '/proc/no-such-thing']
  })
  const look = await box.look('masks')
  expect(look, '/linux/maskedPaths/0', 'equal', '/dev/null bound over the file')
  expect(look, '/linux/maskedPaths/2', 'not-applied', 'no such path')
  expect(look, '/linux/readonlyPaths/0', 'equal', 'ro')
  expect(look, '/linux/readonlyPaths/1', 'not-applied', 'no such path')
  await box.sh(`nsenter -t ${look.container.pid} -m umount /proc/keys`)
  const bare = await box.look('masks', (each) => rowOf(each, '/linux/maskedPaths/0').verdict === 'differs')
  expect(bare, '/linux/maskedPaths/0', 'differs', 'not masked')
})

test('seccomp: a filter beside the sandbox’s own, or none', async () => {
  await box.run('seccomp', (config) => {
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }],
    }
  })
  const look = await box.look('seccomp')
  const row = expect(look, '/linux/seccomp', 'equal', /mode 2 \(filter\), \d+ filters?/)
  assert.equal(row.value, true)
  expect(await box.look('plain'), '/linux/seccomp', 'default')
})

test('cgroups: every limit, and where it is', async () => {
  // A kernel for one processor has no cpuset, and there runc refuses the container.
  const cpuset = !v2 || /cpuset/.test(await box.sh('cat /sys/fs/cgroup/cgroup.controllers'))
  await box.run('limits', (config) => {
    config.linux.cgroupsPath = '/lens/limits'
    config.linux.resources = {
      ...config.linux.resources,
      memory: {
        limit: 33_554_432,
        reservation: 16_777_216,
        ...(v2 ? {} : { swappiness: 10, disableOOMKiller: true }),
      },
      cpu: { shares: 512, quota: 50_000, period: 100_000, ...(cpuset ? { cpus: '0', mems: '0' } : {}) },
      pids: { limit: 20 },
    }
  })
  const look = await box.look('limits')
  expect(look, '/linux/cgroupsPath', 'equal', /\/lens\/limits$/)
  const memory = expect(look, '/linux/resources/memory/limit', 'equal', '33554432 (32 MiB)')
  assert.equal(memory.value, 33_554_432)
  assert.match(memory.source, v2 ? /memory\.max$/ : /memory\.limit_in_bytes$/)
  expect(look, '/linux/resources/memory/reservation', 'equal')
  if (!v2) {
    expect(look, '/linux/resources/memory/swappiness', 'equal', '10')
    expect(look, '/linux/resources/memory/disableOOMKiller', 'equal', 'true')
  }
  expect(look, '/linux/resources/cpu/shares', 'equal')
  expect(look, '/linux/resources/cpu/quota', 'equal', '50000 µs')
  expect(look, '/linux/resources/cpu/period', 'equal', '100000 µs')
  if (cpuset) {
    expect(look, '/linux/resources/cpu/cpus', 'equal', '0')
    expect(look, '/linux/resources/cpu/mems', 'equal', '0')
  }
  expect(look, '/linux/resources/pids/limit', 'equal', '20')
  const rules = rowOf(look, '/linux/resources/devices')
  assert.equal(rules.verdict, v2 ? 'not-observable' : 'differs')
  // In force means: now. The state file says so too, but the kernel is asked.
  await box.sh('runc update --memory 48M --pids-limit 25 limits')
  const updated = await box.look(
    'limits',
    (each) => rowOf(each, '/linux/resources/memory/limit').value === 48 * 1024 ** 2,
  )
  assert.match(expect(updated, '/linux/resources/memory/limit', 'differs').why, /runc update/)
  await box.look('limits', (each) => rowOf(each, '/linux/resources/pids/limit').value === 25)
})

test('block I/O, huge pages, swap, class: in force where the hierarchy is, and told where not', async () => {
  // Where the hierarchy is not mounted runc refuses such a container.
  const hugetlb = /hugetlb/.test(
    await box.sh('ls /sys/fs/cgroup; cat /sys/fs/cgroup/cgroup.controllers 2>/dev/null; true'),
  )
  await box.run('io', (config) => {
    config.process.execCPUAffinity = { initial: '0', final: '0' }
    config.linux.resources = {
      ...config.linux.resources,
      memory: { limit: 67_108_864, swap: 67_108_864 },
      ...(hugetlb ? { hugepageLimits: [{ pageSize: '2MB', limit: 4_194_304 }] } : {}),
      blockIO: {
        throttleReadBpsDevice: [{ major: 7, minor: 0, rate: 1_048_576 }],
        throttleWriteBpsDevice: [{ major: 7, minor: 0, rate: 2_097_152 }],
        throttleReadIOPSDevice: [{ major: 7, minor: 0, rate: 70 }],
        throttleWriteIOPSDevice: [{ major: 7, minor: 0, rate: 50 }],
      },
    }
  })
  const look = await box.look('io')
  for (const name of ['ReadBps', 'WriteBps', 'ReadIOPS', 'WriteIOPS'])
    expect(look, `/linux/resources/blockIO/throttle${name}Device/0`, 'equal', /^7:0: \d+$/)
  const inForceOrTold = (pointer: string, wanted: RegExp) => {
    const row = rowOf(look, pointer)
    if (row.verdict === 'equal') assert.match(row.got ?? '', wanted)
    else assert.ok(row.verdict === 'not-observable' && row.why, JSON.stringify(row))
  }
  // Not every kernel counts swap or huge pages.
  inForceOrTold('/linux/resources/memory/swap', /67108864|^no limit/)
  if (hugetlb) inForceOrTold('/linux/resources/hugepageLimits/0', /^4194304$/)
  expect(look, '/process/execCPUAffinity', 'not-observable')
})

test('hooks: those that have run, by the state that was reached', async () => {
  await box.bundle('hooks', (config) => {
    const hook = { path: '/bin/true' }
    config.hooks = {
      createRuntime: [hook],
      startContainer: [{ path: '/bin/true' }],
      poststart: [hook],
      poststop: [hook],
    }
  })
  await box.sh('cd /tmp/hooks && runc create hooks < /dev/null > /dev/null 2>&1')
  const created = await box.look('hooks', ({ rows }) =>
    rows.some(({ pointer }) => pointer.startsWith('/hooks/')),
  )
  assert.equal(created.container.phase, 'created')
  expect(created, '/hooks/createRuntime/0', 'equal', 'has run')
  expect(created, '/hooks/startContainer/0', 'not-applied')
  expect(created, '/process/args', 'not-applied')
  await box.sh('runc start hooks')
  const running = await box.look('hooks', (look) => look.container.phase === 'running')
  expect(running, '/hooks/poststart/0', 'equal', 'has run')
  expect(running, '/hooks/poststop/0', 'not-applied')
})

test('an edited file: what is in force stays, and the edit is marked', async () => {
  const config = await box.run('edited', (config) => {
    config.linux.resources.pids = { limit: 11 }
  })
  await box.look('edited')
  config.linux.resources.pids.limit = 99
  config.hostname = 'later'
  await box.sh(
    `echo ${Buffer.from(JSON.stringify(config)).toString('base64')} | base64 -d > /tmp/edited/config.json`,
  )
  const look = await box.look('edited', (each) => rowOf(each, '/hostname').edited !== null)
  assert.equal(expect(look, '/hostname', 'equal', 'runc').edited, 'later')
  assert.equal(expect(look, '/linux/resources/pids/limit', 'equal', '11').edited, '99')
  assert.equal(rowOf(look, '/process/cwd').edited, null)
  // A lens that has not seen its start goes by what runc kept.
  const late = box.newLens()
  try {
    const seen = await until('the other lens sees it', () => late.ask('edited'))
    assert.equal(seen.asked.origin, 'state')
    assert.equal(expect(seen, '/linux/resources/pids/limit', 'equal', '11').edited, '99')
    assert.equal(expect(seen, '/hostname', 'equal', 'runc').edited, 'later')
    assert.equal(rowOf(seen, '/process/args').asked, null)
  } finally {
    late.end()
  }
})
