/** How fast a sandbox may read and write its disk: told to the kernel, kept by it, and gone with the sandbox. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const MB_PER_S = 16
const OPS_PER_S = 2000
const lab = testProvider({
  LAB_DISK_MBYTES_PER_S: String(MB_PER_S),
  LAB_DISK_OPS_PER_S: String(OPS_PER_S),
})
const { provider, config } = lab
const id = newId()
let device = ''
before(async () => {
  await provider.create(id, 'a')
  device = deviceOf(id)
})
after(() => lab.dispose())

const V1 = '/sys/fs/cgroup/blkio'
const V2 = '/sys/fs/cgroup'
const isV1 = fs.existsSync(V1)
const read = (file: string) => fs.readFileSync(file, 'utf8')
/** Without this no kernel can hold back anybody. */
const cannot = () =>
  fs.existsSync(isV1 ? `${V1}/blkio.throttle.write_bps_device` : `${V2}/${config.name}/${id}/io.max`)
    ? false
    : 'this kernel cannot limit disks (no BLK_DEV_THROTTLING)'

/** The loop device of a sandbox, such as `7:3`. */
function deviceOf(sandbox: string): string {
  const list = execFileSync('losetup', ['--list', '--noheadings', '--output', 'MAJ:MIN,BACK-FILE'], {
    encoding: 'utf8',
  })
  const line = list.split('\n').find((each) => each.includes(`/${sandbox}/`))
  assert.ok(line, list)
  return line.trim().split(/\s+/)[0]!
}

/** Megabytes a second that this writes, as a clock outside sees it: a busy machine only makes it fewer. */
async function rate(mb: number, script: string): Promise<number> {
  const began = performance.now()
  const { status, stderr } = await sh(provider, id, script, { timeoutMs: 120_000 })
  assert.equal(status, 0, stderr)
  return mb / ((performance.now() - began) / 1000)
}

/** Without a limit it would be ten times as much. A kernel begins with some credit, and may count late on a busy machine. */
const AT_MOST = MB_PER_S * 2

describe('a disk', () => {
  test('has its limits in the kernel', (t) => {
    const why = cannot()
    if (why) return t.skip(why)
    const bytes = MB_PER_S * 1e6
    if (!isV1) {
      assert.equal(
        read(`${V2}/${config.name}/${id}/io.max`),
        `${device} rbps=${bytes} wbps=${bytes} riops=${OPS_PER_S} wiops=${OPS_PER_S}\n`,
      )
      return
    }
    for (const dir of [path.join(V1, config.name, id, 'box'), V1])
      assert.match(read(`${dir}/blkio.throttle.write_bps_device`), new RegExp(`^${device} ${bytes}$`, 'm'))
    for (const kind of ['read_iops', 'write_iops'])
      assert.match(
        read(path.join(V1, config.name, id, 'box', `blkio.throttle.${kind}_device`)),
        new RegExp(`^${device} ${OPS_PER_S}$`, 'm'),
      )
  })

  test('is written no faster, past the cache and through it', async (t) => {
    const why = cannot()
    if (why) return t.skip(why)
    const direct = await rate(24, 'dd if=/dev/zero of=/root/f bs=1M count=23 oflag=direct')
    assert.ok(direct <= AT_MOST, `${direct} MB/s past the cache`)
    const through = await rate(24, 'dd if=/dev/zero of=/root/f bs=1M count=23 conv=fsync')
    assert.ok(through <= AT_MOST, `${through} MB/s through it`)
  })

  test('is read no faster', async (t) => {
    const why = cannot()
    if (why) return t.skip(why)
    const reading = await rate(24, 'dd if=/root/f of=/dev/null bs=1M count=23 iflag=direct')
    assert.ok(reading <= AT_MOST, `${reading} MB/s`)
  })

  test('is written no faster by a container of its own in another cgroup', async (t) => {
    const why = cannot()
    if (why) return t.skip(why)
    if (isV1) return t.skip('cgroup v1 limits a cgroup, and not those that a learner makes below it')
    const container = await rate(
      40,
      'mkdir /sys/fs/cgroup/mine; echo 0 > /sys/fs/cgroup/mine/cgroup.procs; dd if=/dev/zero of=/root/f bs=1M count=23 oflag=direct',
    )
    assert.ok(container <= AT_MOST, `${container} MB/s`)
    const { status } = await sh(provider, id, `echo '${device} wbps=max' > /sys/fs/cgroup/mine/io.max`)
    assert.ok(
      (await rate(24, 'dd if=/dev/zero of=/root/f bs=1M count=23 oflag=direct')) <= AT_MOST,
      `${status}`,
    )
  })

  test('that has much to write yet keeps nobody waiting at the end of its sandbox', async (t) => {
    const why = cannot()
    if (why) return t.skip(why)
    const mb = 400
    await sh(provider, id, `head -c ${mb}000000 /dev/zero > /root/much`, { timeoutMs: 120_000 })
    const began = performance.now()
    await provider.destroy(id)
    const seconds = (performance.now() - began) / 1000
    assert.ok(seconds < mb / MB_PER_S / 4, `${seconds} s`)
    assertNoRule(device)
  })

  test('of a sandbox that ended by itself leaves no limit on its device', async () => {
    const other = newId()
    await provider.create(other, 'b')
    const its = deviceOf(other)
    process.kill(provider.firstProcess(other)!, 'SIGKILL')
    await until('it is over', async () => !(await provider.isAlive(other)))
    await provider.destroy(other)
    assertNoRule(its)
  })
})

/** On v1 a rule outlives the device; on another lab's that has taken it meanwhile there may be one. */
function assertNoRule(of: string): void {
  if (!isV1 || !read(`${V1}/blkio.throttle.write_bps_device`).includes(`${of} `)) return
  assert.ok(fs.existsSync(`/sys/dev/block/${of}/loop/backing_file`), `a rule for ${of} is left`)
}
