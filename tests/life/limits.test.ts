/** A sandbox at each of its limits: its learner is told which and what to do, the shell lives, and neighbours do not notice. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseOomKill } from '../../server/host/limits/kernel-log.ts'
import { LimitWatch } from '../../server/host/limits/watch.ts'
import type { Pressure } from '../../server/host/providers/provider.ts'
import type { LimitNotice } from '../../server/protocol/index.ts'
import { connectLearner, type Learner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start({
    LAB_MEMORY_MIB: '192',
    LAB_PIDS: '100',
    LAB_OPEN_FILES: '1024',
    LAB_PTYS: '12',
  })
})
after(async () => {
  stopLearners()
  await lab?.stop()
})

/** Waits until the learner is told of this limit. */
const told = (
  { client }: Learner,
  limit: LimitNotice['limit'],
  level: LimitNotice['level'] = 'reached',
): Promise<LimitNotice> =>
  until(
    `${limit} is ${level}`,
    () => client.view.limits.find((notice) => notice.limit === limit && notice.level === level),
    30_000,
  )

test('out of memory: the offender dies and is named, the shell lives', async () => {
  const learner = await connectLearner(lab)
  const shell = await Shell.open(learner.client)
  assert.match(await shell.paste('x=here; tail /dev/zero'), /Killed/)
  const notice = await told(learner, 'memory')
  assert.match(notice.what, /^The kernel killed (tail|a process): the 192 MiB of memory of this sandbox/)
  assert.equal(await shell.paste('echo $x'), 'here\n')
  learner.stop()
})

test('out of memory by many small programs: the shell still lives', async () => {
  const learner = await connectLearner(lab)
  const shell = await Shell.open(learner.client)
  await shell.paste(
    `x=here; for i in $(seq 24); do perl -e '$x = "a" x (12 * 1048576); sleep 5' & done; wait`,
    {
      timeoutMs: 60_000,
    },
  )
  await told(learner, 'memory')
  assert.equal(await shell.paste('echo $x'), 'here\n')
  learner.stop()
})

const SIZES = {
  ...{ memoryBytes: 2 ** 30, pids: 100, cpus: 1, diskMib: 1, openFiles: 1, ptys: 1 },
  ...{ diskBytesPerSecond: 64e6, diskOperationsPerSecond: 5000 },
}
const QUIET: Pressure = {
  ...{ oomKills: 0, memoryBytes: 0, pidsRefused: 0, pids: 1, cpuPeriods: 0, cpuThrottled: 0 },
  diskSeconds: [],
}

test('a container that outgrows a limit of its own is not the sandbox at its limit', () => {
  const watch = new LimitWatch(SIZES)
  watch.count(QUIET, [], 0)
  assert.deepEqual(watch.notices(0), [])
  const line = (oom: string) =>
    `6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=box,mems_allowed=0,oom_memcg=${oom},task_memcg=/lab/a/box/c,task=x,pid=1,uid=0,uid=0`
  assert.equal(parseOomKill(line('/lab/a/box/c'))?.cgroup, '/lab/a/box/c')
  assert.equal(parseOomKill(line('/lab/a'))?.cgroup, '/lab/a')
  assert.equal(parseOomKill('6,1,2,-;something else'), null)
})

test('a disk at its speed for a while is told, with what holds it back, and no longer when it rests', () => {
  const watch = new LimitWatch(SIZES)
  const after = (seconds: number, diskSeconds: number[]) => {
    watch.count({ ...QUIET, diskSeconds }, [], seconds * 1000)
    return watch.notices(seconds * 1000).map(({ limit, level, what }) => `${limit} ${level} ${what}`)
  }
  const told = (most: string) => [
    `disk-speed near This sandbox reads or writes its disk as fast as it may: ${most}.`,
  ]
  assert.deepEqual(after(0, [5, 0, 5, 0]), [])
  assert.deepEqual(after(10, [5, 10, 5, 3]), [])
  assert.deepEqual(after(16, [5, 15.8, 5, 4]), told('64 MB a second'))
  assert.deepEqual(after(32, [5, 20, 21, 8]), told('5000 times a second'))
  // A program that ends at once may leave the kernel to write for long.
  assert.deepEqual(after(48, [5, 60, 21, 8]), told('64 MB a second'))
  assert.deepEqual(after(64, [5, 60, 21, 8]), told('64 MB a second'))
  assert.deepEqual(after(80, [5, 60, 21, 8]), [])
})

test('too many processes: told, and over by itself when they end', async () => {
  const learner = await connectLearner(lab)
  const shell = await Shell.open(learner.client)
  await shell.paste("bash -c 'for i in $(seq 200); do sleep 2 & done; wait' 2>/dev/null", {
    timeoutMs: 60_000,
  })
  assert.match((await told(learner, 'processes')).what, /100 processes and threads/)
  assert.equal(await shell.paste('echo fine'), 'fine\n')
  learner.stop()
})

describe('a disk', () => {
  test('that is full, nearly full, and has room again', async () => {
    const learner = await connectLearner(lab)
    const shell = await Shell.open(learner.client)
    await shell.paste('cd; fallocate -l $(( $(stat -f -c "%a*%S" /) )) all; echo x > y')
    assert.match((await told(learner, 'disk')).what, /^The disk of this sandbox is full \(\d+ MiB\)\.$/)
    await shell.paste('truncate -s -100M all')
    assert.match((await told(learner, 'disk', 'near')).what, /9\d|1\d\d of \d+ MiB are left/)
    await shell.paste('rm all; echo z > y && cat y')
    await until('that is over', () => learner.client.view.limits.length === 0, 20_000)
    learner.stop()
  })

  test('without inodes', async () => {
    const learner = await connectLearner(lab)
    const shell = await Shell.open(learner.client)
    await shell.paste(
      'mkdir /var/lib/docker/many; cd /var/lib/docker/many; seq $(stat -f -c %d /) | xargs touch 2>&1 | tail -1',
      {
        timeoutMs: 120_000,
      },
    )
    assert.match((await told(learner, 'inodes')).what, /all \d+ inodes are in use/)
    await shell.paste('cd; rm -r /var/lib/docker/many', { timeoutMs: 60_000 })
    await until('that is over', () => learner.client.view.limits.length === 0, 20_000)
    learner.stop()
  })
})

test('too many pseudo-terminals and open files are told', async () => {
  const learner = await connectLearner(lab)
  const shell = await Shell.open(learner.client)
  assert.equal(await shell.paste('ulimit -n; ulimit -Hn'), '1024\n1024\n')
  await shell.paste('for i in $(seq 15); do script -qc "sleep 60" /dev/null >/dev/null 2>&1 & done; sleep 1')
  assert.match((await told(learner, 'terminals')).what, /All 12 pseudo-terminals/)
  await shell.paste(
    'pkill script; exec 9>&1; for i in $(seq 11 1100); do eval "exec $i>&1"; done 2>/dev/null',
  )
  assert.match((await told(learner, 'open-files')).what, /^bash has as many files open/)
  learner.stop()
})

test('a neighbour was told nothing of all that', async () => {
  const learner = await connectLearner(lab)
  const shell = await Shell.open(learner.client)
  assert.equal(await shell.paste('echo fine'), 'fine\n')
  assert.deepEqual(learner.client.view.limits, [])
  learner.stop()
})
