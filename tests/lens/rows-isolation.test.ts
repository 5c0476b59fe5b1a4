/** Rows of the lens against a real container: namespaces, names, mounts, paths and system calls. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Config, expect, LensBox, rowOf } from './lens-box.ts'

let box: LensBox

before(async () => {
  box = await LensBox.start()
  // What runc spec writes, for comparison.
  await box.run('plain')
})
after(() => box?.stop())

const dropNamespace = (config: Config, type: string) => {
  config.linux.namespaces = config.linux.namespaces.filter((each: Config) => each.type !== type)
}

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
