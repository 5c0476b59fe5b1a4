/** The doctor: all its checks speak up, in words and as JSON, and it knows which runc is dangerous. */
import assert from 'node:assert/strict'
import { statfsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { load, plainEnv, ROOT, run } from './helpers/run.ts'

const doctor = path.join(ROOT, 'scripts/doctor.mjs')

const NAMES = [
  'operating system',
  'Node',
  'root',
  'disk',
  'memory',
  'swap',
  'chromium',
  'kernel',
  'user namespaces',
  'overlay',
  'loop devices',
  'tun',
  'fuse',
  'cgroups',
  'cgroup memory',
  'cgroup pids',
  'cgroup cpu',
  'cgroup io',
  'runc of the lab',
  'runc of the system',
  'fs.inotify.max_user_instances',
  'kernel.keys.maxkeys',
  'kernel.pid_max',
  'open files (ulimit -n)',
  'processes of this cgroup',
  'known kernel holes',
  'age of the kernel',
  'kernel settings',
  'kernel modules',
  'processor',
  'user ids of sandboxes',
  'exposure (LAB_EXPOSURE)',
  'egress',
]

type Finding = { name: string; level: string; found: string; todo?: string; bad?: boolean }

test('--json has every check, and says what to do about each that is not well', async () => {
  const { code, output } = await run([process.execPath, doctor, '--json'])
  const findings: Finding[] = JSON.parse(output)
  assert.deepEqual(findings.map(({ name }) => name).sort(), NAMES.toSorted())
  for (const { name, level, found, todo } of findings) {
    assert.match(level, /^(ok|warn|fail|info)$/, name)
    assert.ok(found, name)
    assert.equal(todo !== undefined, level === 'warn' || level === 'fail', name)
  }
  assert.equal(code, findings.some(({ level }) => level === 'fail') ? 1 : 0)
})

test('in words: one line each', async () => {
  const { output } = await run([process.execPath, doctor])
  for (const name of NAMES) assert.ok(output.includes(`  ${name}: `), name)
  assert.match(output, /\d+ ok, \d+ to consider, \d+ to mend/)
})

test('something to mend makes exit code 1', async (t) => {
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const readable = await run([...nobody, process.execPath, '-e', `require('fs').readFileSync('${doctor}')`])
  if (readable.code !== 0) return t.skip('user 65534 cannot read this checkout')
  const { code, output } = await run([...nobody, process.execPath, doctor], { env: plainEnv(), cwd: '/' })
  assert.equal(code, 1)
  assert.match(output, /^fail {2}root: no, this is user 65534/m)
})

test('a state folder in memory is worth a warning', async (t) => {
  // TMPFS_MAGIC
  if (statfsSync('/dev/shm').type !== 0x01021994) return t.skip('/dev/shm is no tmpfs here')
  const env = plainEnv({ LAB_STATE_DIR: '/dev/shm/lab' })
  const { output } = await run([process.execPath, doctor], { env })
  assert.match(output, /^warn {2}disk: \/dev\/shm\/lab is kept in memory \(tmpfs\)/m)
})

test('which runc has which known ways out', async () => {
  const { judgeRunc } = await load('doctor/known-bad.mjs')
  const cves = (version: string) => judgeRunc(version).map(({ cve }: { cve: string }) => cve.slice(4))
  const of2025 = ['2025-31133', '2025-52565', '2025-52881']
  const cases: [string, string[]][] = [
    ['1.0.0-rc6', ['2019-5736', '2021-30465', '2024-21626', ...of2025, '2026-41579']],
    ['1.0.0-rc93', ['2021-30465', '2024-21626', ...of2025, '2026-41579']],
    ['1.1.5+ds1', ['2024-21626', ...of2025, '2026-41579']],
    ['1.1.12', [...of2025, '2026-41579']],
    ['1.2.8', ['2026-41579']],
    ['1.3.0', [...of2025, '2026-41579']],
    ['1.3.5', ['2026-41579']],
    ['1.4.0-rc.3', ['2026-41579']],
    ['1.4.0-rc.2', [...of2025, '2026-41579']],
    ['1.4.3-rc.1', ['2026-41579']],
    ['1.3.6', []],
    ['1.3.6+ds1', []],
    ['1.4.3', []],
    ['1.5.1', []],
    ['2.0.0', []],
  ]
  for (const [version, expected] of cases) assert.deepEqual(cves(version), expected, version)
  assert.ok(cves('unknown').length > 5, 'what cannot be read is not called safe')
})

const TODAY = new Date('2026-11-24')

test('which kernel has which known ways to root', async () => {
  const { judgeKernel } = await load('doctor/known-bad.mjs')
  const judge = (version: string) => {
    const { holes, ended } = judgeKernel(version, TODAY)
    return { holes: holes.map(({ cve }: { cve: string }) => cve.slice(4)), ended }
  }
  assert.deepEqual(judge('6.18.44'), { holes: [], ended: false })
  assert.deepEqual(judge('6.12.91'), { holes: [], ended: false })
  assert.deepEqual(judge('6.12.86').holes, ['2026-43284', '2026-46300'])
  assert.deepEqual(judge('6.1.75').holes, ['2024-1086'])
  assert.deepEqual(judge('5.15.24').holes, ['2022-0847', '2023-0386', '2023-32233', '2024-1086'])
  assert.deepEqual(judge('7.0.5').holes, ['2026-43500'])
  assert.deepEqual(judge('7.2.1'), { holes: [], ended: false })
  // A branch that ended before the fixes of its last year.
  assert.equal(judge('6.17.13').ended, true)
  assert.ok(judge('6.17.13').holes.includes('2026-31431'))
  assert.equal(judgeKernel('5.10.260', new Date('2027-02-01')).ended, true)
})

test('a kernel is judged by its upstream version, however its distribution writes it', async () => {
  const { builtOn, upstreamVersion } = await load('doctor/known-bad.mjs')
  const debian = '#1 SMP PREEMPT_DYNAMIC Debian 6.12.86-1 (2026-05-10)'
  assert.equal(upstreamVersion('6.12.86+deb13-amd64', debian), '6.12.86')
  assert.equal(upstreamVersion('6.18.44', '#1 SMP Mon Aug 3 10:00:00 UTC 2026'), '6.18.44')
  for (const [release, version] of [
    ['5.15.0-173-generic', '#183-Ubuntu SMP Fri Mar 6 13:29:34 UTC 2026'],
    ['5.14.0-570.el9.x86_64', '#1 SMP PREEMPT_DYNAMIC Wed May 6 2026'],
    ['6.19.10-201.fc44.x86_64', '#1 SMP'],
  ] as const)
    assert.equal(upstreamVersion(release, version), null, release)
  assert.equal(builtOn(debian).toISOString().slice(0, 10), '2026-05-10')
  assert.equal(
    builtOn('#183-Ubuntu SMP Fri Mar 6 13:29:34 UTC 2026').toISOString().slice(0, 10),
    '2026-03-06',
  )
  assert.equal(builtOn('#1 SMP PREEMPT_DYNAMIC @0'), undefined)
})

test('an old kernel is worth a warning, and one of more than a year is known to be bad', async () => {
  const { age, holes } = await load('doctor/security.mjs')
  const built = (date: string) => age(`#1 SMP Debian 6.12.91-1 (${date})`, TODAY)
  assert.equal(built('2026-10-01').level, 'ok')
  assert.deepEqual([built('2026-03-01').level, built('2026-03-01').bad], ['warn', false])
  assert.deepEqual([built('2025-10-01').level, built('2025-10-01').bad], ['warn', true])
  const old = holes('6.1.50', '#1', TODAY)
  assert.ok(old.bad && old.found.includes('CVE-2024-1086') && old.todo)
  assert.equal(holes('5.15.0-173-generic', '#183-Ubuntu', TODAY).bad, undefined)
  assert.match(holes('6.18.44', '#1', new Date('2027-08-01')).todo, /Update the lab/)
})

const OLD_KERNEL = ['setarch', process.arch === 'arm64' ? 'aarch64' : 'x86_64', '--uname-2.6']

test('LAB_EXPOSURE=public makes a known-bad host a failure, and the lab does not start on it', async () => {
  // With this personality the kernel says that it is a 2.6, which no list calls good.
  const examined = await run([...OLD_KERNEL, process.execPath, doctor, '--json'], {
    env: { ...process.env, LAB_EXPOSURE: 'public' },
  })
  const bad = (JSON.parse(examined.output) as Finding[]).filter(({ bad }) => bad)
  assert.deepEqual(
    bad.map(({ name, level }) => [name, level]),
    [['known kernel holes', 'fail']],
  )
  assert.equal(examined.code, 1)
  const start = path.join(ROOT, 'scripts/start.mjs')
  const env = { ...process.env, PORT: '0', LAB_EXPOSURE: 'public', LAB_NAME: `test-exposure-${process.pid}` }
  const refused = await run([...OLD_KERNEL, process.execPath, start], { env })
  assert.equal(refused.code, 1, refused.output)
  assert.match(refused.output, /does not start with LAB_EXPOSURE=public/)
  assert.match(refused.output, /CVE-2021-22555/)
  assert.match(refused.output, /newest kernel of your distribution.*LAB_EXPOSURE=class/s)
})

test('the same host is let in for a class, with a warning', async () => {
  const { refuseKnownBad, weigh, checkExposure } = await load('doctor/exposure.mjs')
  const findings = [{ name: 'kernel', level: 'warn', bad: true, found: 'old', todo: 'Update it.' }]
  for (const exposure of ['local', 'class']) {
    assert.deepEqual(weigh(findings, exposure), findings)
    assert.doesNotThrow(() => refuseKnownBad(findings, exposure))
  }
  assert.equal(weigh(findings, 'public')[0].level, 'fail')
  assert.throws(() => refuseKnownBad(findings, 'public'), /known ways out/)
  const level = (exposure: string, host: string) => checkExposure({ exposure, host })[0].level
  assert.deepEqual(
    [
      level('local', '127.0.0.1'),
      level('local', '0.0.0.0'),
      level('class', '0.0.0.0'),
      level('public', '::'),
      level('all', '::'),
    ],
    ['ok', 'warn', 'ok', 'warn', 'fail'],
  )
})

test('a way out that cannot work is told', async () => {
  const { checkEgress } = await load('doctor/egress.mjs')
  for (const none of [undefined, null, '', 'none'])
    assert.deepEqual(
      checkEgress({ egress: none }).map((finding: Finding) => finding.level),
      ['ok'],
    )
  assert.deepEqual(checkEgress({ egress: { mode: 'open' } }), checkEgress({ egress: 'open' }))
  const [{ level, found }] = checkEgress({ egress: 'open' })
  // The tests have installed what it takes; a machine without a default route is warned.
  assert.ok(level === 'ok' ? found === 'open' : level === 'warn' && found.includes('no default route'), found)
})
