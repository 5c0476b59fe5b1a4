/** cgroup v2's own files become the same rows and gauges as v1's: fixtures, because few machines have both versions. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { weightOf } from '../../spec/lens/cgroup-files.ts'
import { cpuUse, limitsOf, sampleOf } from '../../spec/lens/gauges.ts'
import { look } from '../../spec/lens/look.ts'
import type { Verdict } from '../../spec/lens/row.ts'
import { V2_CONTAINER, V2_READINGS } from './fixtures/v2.ts'
import { rowOf } from './lens-box.ts'

const seen = look(V2_CONTAINER, V2_READINGS)!
const TOP = '/linux/resources'

describe('rows on cgroup v2', () => {
  const wanted: [pointer: string, verdict: Verdict, file: string, got: RegExp][] = [
    [`${TOP}/memory/limit`, 'equal', 'memory.max', /^67108864 \(64 MiB\)$/],
    [`${TOP}/memory/swap`, 'equal', 'memory.swap.max', /^100663296 \(96 MiB\)$/],
    [`${TOP}/memory/reservation`, 'equal', 'memory.low', /32 MiB/],
    [`${TOP}/cpu/shares`, 'equal', 'cpu.weight', /^weight 59$/],
    [`${TOP}/cpu/quota`, 'equal', 'cpu.max', /^50000 µs$/],
    [`${TOP}/cpu/period`, 'equal', 'cpu.max', /^100000 µs$/],
    [`${TOP}/cpu/burst`, 'equal', 'cpu.max.burst', /^10000 µs$/],
    [`${TOP}/cpu/cpus`, 'equal', 'cpuset.cpus', /^0-1$/],
    [`${TOP}/cpu/mems`, 'equal', 'cpuset.mems', /^0$/],
    [`${TOP}/pids/limit`, 'equal', 'pids.max', /^30$/],
    [`${TOP}/blockIO/weight`, 'equal', 'io.bfq.weight', /^300$/],
    [`${TOP}/blockIO/throttleReadBpsDevice/0`, 'equal', 'io.max', /^8:0: 1048576$/],
    [`${TOP}/blockIO/throttleWriteIOPSDevice/0`, 'equal', 'io.max', /^8:0: 120$/],
    [`${TOP}/hugepageLimits/0`, 'equal', 'hugetlb.2MB.max', /^4194304$/],
    [`${TOP}/unified/memory.high`, 'equal', 'memory.high', /^50331648$/],
    [`${TOP}/unified/cgroup.freeze`, 'equal', 'cgroup.freeze', /^0$/],
    ['/linux/cgroupsPath', 'equal', '', /^\/web$/],
  ]
  for (const [pointer, verdict, file, got] of wanted)
    test(`${pointer} from ${file || '/proc/PID/cgroup'}`, () => {
      const row = rowOf(seen, pointer)
      assert.equal(row.verdict, verdict, JSON.stringify(row))
      assert.match(row.got ?? '', got)
      assert.equal(row.source, file ? `/sys/fs/cgroup/web/${file}` : '/proc/412/cgroup')
      assert.equal(row.command, `cat ${row.source}`)
    })

  test('what v2 has not is told with its reason', () => {
    assert.match(rowOf(seen, `${TOP}/memory/swappiness`).why, /v1/)
    assert.match(rowOf(seen, `${TOP}/memory/disableOOMKiller`).why, /cannot be switched off/)
    assert.match(rowOf(seen, `${TOP}/devices`).why, /BPF/)
    for (const name of ['memory/swappiness', 'memory/disableOOMKiller', 'devices'])
      assert.equal(rowOf(seen, `${TOP}/${name}`).verdict, 'not-observable')
  })
})

test('shares become a weight by runc’s formula or the older one, and nothing else', () => {
  assert.deepEqual(weightOf(512), [59, 20])
  assert.deepEqual(weightOf(1024), [100, 39])
  assert.deepEqual(weightOf(2), [1, 1])
  assert.deepEqual(weightOf(262144), [10000, 10000])
})

test('gauges of v2: use, limits, throttling, kills and refusals', () => {
  const one = sampleOf(V2_READINGS, V2_CONTAINER, 1000)
  assert.deepEqual(one, {
    at: 1000,
    memory: 15_728_640,
    cpu: 2_500_000,
    pids: 4,
    throttled: 7,
    throttledUs: 350_000,
    oomKills: 1,
    refused: 3,
  })
  assert.deepEqual(limitsOf(V2_READINGS, V2_CONTAINER), { memory: 67_108_864, cpu: 0.5, pids: 30 })
  assert.equal(cpuUse(one, { ...one, at: 2000, cpu: 2_750_000 }), 0.25)
})

test('a limit that was raised since differs, on v2 too', () => {
  const changed = { ...V2_READINGS, 'R /sys/fs/cgroup/web/pids.max': { text: 'max\n' } }
  const row = rowOf(look(V2_CONTAINER, changed)!, `${TOP}/pids/limit`)
  assert.deepEqual([row.verdict, row.got, row.value], ['differs', 'no limit', -1])
})
