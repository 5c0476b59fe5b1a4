/** Rows of the lens against a real container: what its cgroups limit, and where that is written. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { expect, LensBox, rowOf } from './lens-box.ts'

let box: LensBox
/** cgroup v2 for the limits, as on a unified host. */
let v2 = false

before(async () => {
  box = await LensBox.start()
  v2 = (await box.sh('stat -f -c %T /sys/fs/cgroup')).trim() === 'cgroup2fs'
})
after(() => box?.stop())

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
